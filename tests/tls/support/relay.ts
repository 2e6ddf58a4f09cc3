import { connect, createServer, type Socket } from "node:net";
import { listen, type RunningServer } from "./servers";

/** What a man in the middle does to a connection. */
export interface Tampering {
  /** The server's bytes arrive in pieces of this length. */
  readonly chunkBytes?: number;
  /** The connection ends after so many bytes of the server. */
  readonly cutAfterBytes?: number;
  /** Answers the client's second flight with these bytes and ends, as a server that refuses a certificate. */
  readonly alertAfterClientFlight?: readonly number[];
  /** Sees what the client sends. */
  readonly onClientBytes?: (bytes: Uint8Array) => void;
}

/** A relay on a port of its own before `server`; without tampering the server itself. */
export async function startRelay(server: RunningServer, tampering: Tampering): Promise<RunningServer> {
  const { chunkBytes, cutAfterBytes, alertAfterClientFlight, onClientBytes } = tampering;
  if (!(chunkBytes || cutAfterBytes || alertAfterClientFlight || onClientBytes)) return server;
  const relay = await listen(
    createServer({ noDelay: true }, (client) => join(client, server.port, tampering)),
  );
  return {
    port: relay.port,
    close: async () => {
      await relay.close();
      await server.close();
    },
  };
}

function join(client: Socket, port: number, tampering: Tampering): void {
  const server = connect({ port, host: "127.0.0.1", noDelay: true });
  let fromServer = 0;
  for (const [socket, other] of [
    [client, server],
    [server, client],
  ] as const) {
    socket.on("error", () => other.destroy());
    socket.on("close", () => other.destroySoon());
  }
  client.on("data", (bytes: Buffer) => {
    tampering.onClientBytes?.(bytes);
    if (tampering.alertAfterClientFlight && fromServer > 0) {
      server.destroy();
      client.end(Uint8Array.from(tampering.alertAfterClientFlight));
    } else server.write(bytes);
  });
  server.on("data", (bytes: Buffer) => {
    const allowed = bytes.subarray(0, (tampering.cutAfterBytes ?? Number.POSITIVE_INFINITY) - fromServer);
    fromServer += allowed.length;
    if (allowed.length < bytes.length) client.end(allowed);
    else for (const piece of pieces(allowed, tampering.chunkBytes ?? bytes.length)) client.write(piece);
  });
}

function* pieces(bytes: Buffer, length: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}
