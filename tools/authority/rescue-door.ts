import { X509Certificate } from "node:crypto";
import type { AddressInfo } from "node:net";
import { connect as connectTcp } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import mqtt, { type IConnectPacket } from "mqtt-packet";
import { Connections } from "../base/connections";
import { formatPem } from "../pki/pem";
import type { Register } from "./register";

export interface RescueDoorOptions {
  /** PEM: of the broker, as devices know it. */
  readonly key: string;
  readonly certificateChain: string;
  /** DER: whoever one of them signed is a device, also when its certificate has expired. */
  readonly deviceAuthorities: readonly Uint8Array[];
  readonly register: Register;
  /** A device that the register does not know yet is looked up; false: nobody knows it. */
  isKnown(device: string): Promise<boolean>;
  /** Where the broker listens without TLS, on this computer alone. */
  readonly brokerPort: number;
  /** Default: any. */
  readonly port?: number;
  /** Default: every one. */
  readonly address?: string;
  /** What happened, in a line for a person. */
  onEvent?(line: string): void;
}

const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
const LIMIT_MS = 20_000;
const CONNECTIONS = 100;
/** A CONNECT of a device has some hundred bytes. */
const LONGEST_CONNECT = 4_096;

/**
 * A door for devices whose certificate has run out while they were away, which no broker's own TLS lets in: it asks for
 * everything that the broker asks for but the date, and passes the bytes on to a listener of the broker that this computer
 * alone reaches. There the device has its session as ever, and renews. A person leads it to this port in setup mode.
 */
export class RescueDoor {
  #server: Server;
  #connections: Connections;

  private constructor(server: Server) {
    this.#server = server;
    this.#connections = new Connections(server);
  }

  static async open(options: RescueDoorOptions): Promise<RescueDoor> {
    const { key, certificateChain, deviceAuthorities, port = 0, address } = options;
    const server = createServer(
      {
        ...{ key, cert: certificateChain, minVersion: "TLSv1.2" },
        ca: deviceAuthorities.map((der) => formatPem("CERTIFICATE", der)),
        // TLS shows that the key is theirs; the certificate is looked at below.
        ...{ requestCert: true, rejectUnauthorized: false, handshakeTimeout: LIMIT_MS },
      },
      (socket) => {
        socket.on("error", () => socket.destroy());
        void admit(options, socket).catch(() => socket.destroy());
      },
    );
    server.maxConnections = CONNECTIONS;
    server.on("tlsClientError", (_error, socket) => socket.destroy());
    const door = new RescueDoor(server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, address, resolve);
    });
    return door;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Cuts every connection. */
  async close(): Promise<void> {
    await this.#connections.close();
  }
}

async function admit(options: RescueDoorOptions, socket: TLSSocket): Promise<void> {
  const { register, isKnown, brokerPort, deviceAuthorities, onEvent } = options;
  const name = nameOf(socket, deviceAuthorities);
  if (name === undefined) return void socket.destroy();
  await register.refresh();
  if (register.get(name).revokedAt !== undefined || !(await isKnown(name))) {
    onEvent?.(`${name}: turned away at the rescue door`);
    return void socket.destroy();
  }
  const connect = await firstPacket(socket);
  if (connect?.clientId !== name) return void socket.destroy();
  onEvent?.(`${name}: let in at the rescue door`);
  const broker = connectTcp(brokerPort, "127.0.0.1");
  const end = (): void => {
    socket.destroy();
    broker.destroy();
  };
  for (const each of [socket, broker]) each.on("error", end).on("close", end);
  // The name that its certificate has: the broker's rules go by it, as on its own listener.
  const { password: _none, ...rest } = connect;
  broker.write(mqtt.generate({ ...rest, username: name }));
  socket.pipe(broker);
  broker.pipe(socket);
  socket.resume();
}

/**
 * Of a certificate in which nothing is wrong but the date. What OpenSSL says of it is not enough: it names one fault, and of
 * a stranger's certificate that has expired as well it names that.
 */
function nameOf(socket: TLSSocket, authorities: readonly Uint8Array[]): string | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (!certificate || certificate.ca || Date.parse(certificate.validFrom) > Date.now()) return undefined;
  const isOurs = authorities.some((der) => {
    const authority = new X509Certificate(der);
    return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
  });
  const usage: readonly string[] | undefined = certificate.keyUsage;
  if (!isOurs || (usage && !usage.includes(CLIENT_AUTH))) return undefined;
  return /^CN=(.*)$/m.exec(certificate.subject)?.[1];
}

/** What follows it stays in the socket. `undefined`: it is no CONNECT, or does not come. */
function firstPacket(socket: TLSSocket): Promise<IConnectPacket | undefined> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const done = (packet: IConnectPacket | undefined, rest?: Buffer): void => {
      clearTimeout(timer);
      socket.off("data", take);
      socket.off("close", gone);
      socket.pause();
      if (rest && rest.length > 0) socket.unshift(rest);
      resolve(packet);
    };
    const timer = setTimeout(() => done(undefined), LIMIT_MS);
    const gone = (): void => done(undefined);
    const take = (part: Buffer): void => {
      bytes = Buffer.concat([bytes, part]);
      const length = packetLength(bytes);
      if (bytes.length > LONGEST_CONNECT || length === "malformed") return done(undefined);
      if (length === undefined || bytes.length < length) return;
      done(parseConnect(bytes.subarray(0, length)), bytes.subarray(length));
    };
    socket.on("data", take);
    socket.on("close", gone);
  });
}

/** With its header; `undefined`: too little has come to tell. [MQTT-2.2.3] */
function packetLength(bytes: Buffer): number | undefined | "malformed" {
  let length = 0;
  for (let i = 1; i <= 4; i++) {
    const byte = bytes[i];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 128 ** (i - 1);
    if (byte < 0x80) return 1 + i + length;
  }
  return "malformed";
}

function parseConnect(bytes: Buffer): IConnectPacket | undefined {
  let connect: IConnectPacket | undefined;
  const parser = mqtt.parser();
  parser.on("packet", (packet) => {
    if (packet.cmd === "connect") connect = packet;
  });
  parser.on("error", () => {});
  parser.parse(bytes);
  return connect;
}
