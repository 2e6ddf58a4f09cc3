import { connect } from "node:net";
import type { TcpService } from "./gateway";
import { TCP_WINDOW } from "./wire";

/**
 * A real server on this machine, reached from the board's side of the gateway. `port` may change between openings.
 * `bytesPerSecond`: as fast as a line to the internet is, towards the board; default: at once.
 */
export function loopbackService(
  port: () => number | undefined,
  host = "127.0.0.1",
  bytesPerSecond?: number,
): TcpService {
  return {
    connect(callbacks) {
      const target = port();
      const socket = target === undefined ? undefined : connect({ host, port: target, noDelay: true });
      let ended = false;
      const end = (): void => {
        if (ended) return;
        ended = true;
        callbacks.onEnd();
      };
      if (!socket) setImmediate(end);
      socket?.on("connect", () => callbacks.onOpen(TCP_WINDOW));
      socket?.on("data", (bytes) => {
        callbacks.onData(new Uint8Array(bytes));
        if (bytesPerSecond === undefined || !socket) return;
        // The rest waits in TCP, and the server with it.
        socket.pause();
        setTimeout(() => socket.resume(), (1_000 * bytes.length) / bytesPerSecond);
      });
      socket?.on("end", end);
      socket?.on("error", end);
      socket?.on("close", end);
      return {
        remoteAddress: host,
        remotePort: target ?? 0,
        send: (bytes) => {
          socket?.write(bytes, () => {
            if (!ended) callbacks.onWindow(bytes.length);
          });
        },
        close: () => {
          ended = true;
          socket?.destroy();
        },
      };
    },
  };
}
