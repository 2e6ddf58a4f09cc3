import TCP from "embedded:io/socket/tcp";
import TextDecoder from "text/decoder";
import TextEncoder from "text/encoder";
import type { OpenTlsSocket, SocketFailure } from "../../../modules/network/socket";
import TlsEngine from "../../../modules/tls/engine";
import { createOpenTlsSocket } from "../../../modules/tls/tls-socket";

/** The simulator's screen, which the headless host (tools/xs/host) stands in for. */
declare const screen: { postMessage(message: string): void; onMessage?: (line: string) => void };

/** One line of the standard input: a connection to try. Bytes are hexadecimal. */
interface Attempt {
  readonly port: number;
  readonly host: string;
  readonly alpn?: string;
  readonly authorities: readonly string[];
  readonly chain: readonly string[];
  readonly key?: string;
  readonly limitMs: number;
  /** What to send and to want back. */
  readonly message: string;
}

/** Answers each line with "accepted" or the reason: tests/tls/xs-socket.test.ts is at the other end. */
export default function main(): void {
  Object.assign(globalThis, {
    abort: (reason: string, exception: unknown) => screen.postMessage(`# ${reason}: ${exception}`),
  });
  const open = createOpenTlsSocket({ TCP, Engine: TlsEngine });
  screen.onMessage = (line) => {
    if (line === "misuse") screen.postMessage(misuse());
    else if (line !== "") {
      try {
        attempt(open, JSON.parse(line) as Attempt, (outcome) => screen.postMessage(outcome));
      } catch (error) {
        screen.postMessage(String(error));
      }
    }
  };
  screen.postMessage("ready");
}

function attempt(
  open: OpenTlsSocket,
  { port, host, alpn = "", authorities, chain, key, limitMs, message }: Attempt,
  answer: (outcome: "accepted" | SocketFailure) => void,
): void {
  let echoed = "";
  let sent = false;
  const socket = open({
    address: "127.0.0.1",
    port,
    host,
    alpn,
    identity: {
      certificateAuthorities: authorities.map(bytesOf),
      certificateChain: chain.map(bytesOf),
      ...(key !== undefined && { privateKey: bytesOf(key) }),
    },
    handshakeTimeoutMs: limitMs,
    onWritable() {
      if (sent) return;
      sent = true;
      socket.write(new TextEncoder().encode(message));
    },
    onReadable(bytes) {
      const read = socket.read(bytes);
      if (read) echoed += new TextDecoder().decode(read);
      if (echoed.length < message.length) return;
      if (echoed !== message) throw new Error("garbled");
      socket.close();
      answer("accepted");
    },
    onError: answer,
  });
}

/** What a script can do wrong with the engine: what is thrown or returned, a line of JSON. */
function misuse(): string {
  const results: Record<string, string> = {};
  const note = (what: string, action: () => unknown): void => {
    try {
      const result = action();
      results[what] = result instanceof ArrayBuffer ? `${result.byteLength} bytes` : String(result);
    } catch (error) {
      results[what] = (error as Error).name;
    }
  };
  const engine = new TlsEngine();
  const bytes = Uint8Array.of(0x30, 0x82, 0xff, 0xff, 0x00);
  for (const method of ["step", "close", "read", "feed"] as const)
    note(`${method} of another object`, () =>
      TlsEngine.prototype[method].call({} as TlsEngine, bytes as never),
    );
  note("step of another native object", () => TlsEngine.prototype.step.call(new TextDecoder() as never));
  note("a certificate that says it is longer", () => engine.addAuthority(bytes));
  note("a certificate of no bytes", () => engine.addCertificate(new Uint8Array(0)));
  note("a key of no bytes", () => engine.setKey(new Uint8Array(0)));
  note("a certificate that is no buffer", () => engine.addAuthority("MIIB" as never));
  note("no certificate", () => (engine.addAuthority as () => boolean).call(engine));
  note("start without an authority", () => engine.start("broker.example.test"));
  note("a host of 300 letters", () => engine.start("a".repeat(300)));
  note("a protocol of 65 letters", () => engine.start("a", undefined, "a".repeat(65)));
  note("a protocol of 300 letters", () => engine.start("a", undefined, "a".repeat(300)));
  note("feed before start", () => engine.feed(bytes));
  note("write before start", () => engine.write(bytes));
  note("take more than there is", () => engine.take(0x7fffffff));
  note("take less than nothing", () => engine.take(-1));
  note("read more than there is", () => engine.read(0x7fffffff));
  note("save what is not open", () => engine.saveSession());
  note("close twice", () => [engine.close(), engine.close()].length);
  note("step once closed", () => engine.step());
  return JSON.stringify(results);
}

function bytesOf(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
