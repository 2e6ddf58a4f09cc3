import type { Socket, SocketFailure, TlsSocketOptions } from "../../modules/network/socket";
import type { TcpCallbacks, TcpLink } from "../sdk/machine";
import { machine } from "../sdk/machine";
import TCP from "../sdk/tcp";
import Timer from "../sdk/timer";
import type { TcpService } from "../world/gateway";

/**
 * The virtual world has no TLS: this keeps its shape. The client says which host it wants and shows its certificate, the
 * server answers with `ok` or with the fault that a real handshake would have found; then bytes pass as they are. What
 * the client itself judges is the server's validity, and its authority, where it is told them. It proves nothing about TLS: real handshakes are tried over real sockets.
 */
export function tlsStandIn(options: TlsSocketOptions): Socket {
  let tcp: TCP | undefined;
  let timer: Timer | undefined;
  let hello = true;
  let answer = "";

  const close = (): void => {
    Timer.clear(timer);
    tcp?.close();
    tcp = undefined;
  };
  const fail = (reason: SocketFailure): void => {
    if (!tcp) return;
    close();
    options.onError(reason);
  };
  const arm = (ms: number, reason: SocketFailure): void => {
    Timer.clear(timer);
    timer = Timer.set(() => fail(reason), ms);
  };

  const readAnswer = (bytes: number): void => {
    answer += new TextDecoder("latin1").decode(tcp!.read(bytes) as ArrayBuffer);
    const end = answer.indexOf("\n");
    if (end < 0) return;
    const word = answer.slice(0, end);
    if (!word.startsWith("tls ")) return fail("plaintext");
    const [, verdict, fromText, untilText, authority] = word.split(" ");
    if (verdict !== "ok") return fail(verdict as SocketFailure);
    if (
      authority !== undefined &&
      !options.identity.certificateAuthorities.some((der) => hexOf(der) === authority)
    )
      return fail("unknown-ca");
    if (fromText !== undefined && untilText !== undefined) {
      const [from, until] = [Number(fromText), Number(untilText)];
      const now = machine()?.wallClock.get() ?? Date.now();
      if (now > until) return fail("expired");
      if (now < from) return fail("not-yet-valid");
      options.onVerified?.(from);
    }
    hello = false;
    Timer.clear(timer);
    options.onWritable(WINDOW);
  };

  const [leaf] = options.identity.certificateChain;
  const shown = leaf ? `${CERTIFICATE}${hexOf(leaf)}` : "";
  let opened = false;
  let waiting = 0;
  tcp = new TCP({
    address: options.address,
    port: options.port,
    onWritable(bytes) {
      if (!opened) {
        opened = true;
        arm(options.handshakeTimeoutMs ?? 20_000, "handshake-timeout");
        this.write(new TextEncoder().encode(`hello ${options.host}${shown}\n`));
      } else if (!hello) options.onWritable(bytes);
    },
    onReadable(bytes) {
      if (hello) return readAnswer(bytes);
      waiting = bytes;
      options.onReadable(bytes);
    },
    onError() {
      fail(opened ? "closed" : "connect-refused");
    },
  });
  arm(options.connectTimeoutMs ?? 10_000, "connect-timeout");

  return {
    read: (max = waiting) => {
      const count = Math.min(max, waiting);
      waiting -= count;
      return count > 0 ? (tcp?.read(count) as ArrayBuffer) : undefined;
    },
    write: (bytes) => {
      tcp?.write(bytes);
    },
    close,
  };
}

/** What a hello says where the client shows one, before its bytes. */
const CERTIFICATE = " certificate ";

function hexOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** What may be written right after the handshake; the TCP window is larger. */
const WINDOW = 4096;

/** How the server's side meets a hello. `reset`: it ends the connection; `silent`: a black hole. */
export type TlsVerdict = "ok" | SocketFailure | "silent" | "plaintext" | "reset" | Validity;

/** `ok` under the client's clock from `fromMs` to `untilMs` alone, Unix milliseconds. */
export interface Validity {
  readonly fromMs: number;
  readonly untilMs: number;
  /** DER: and for those alone who trust it. */
  readonly authority?: Uint8Array;
}

/** A server's end that hears what the TLS before it saw. */
export interface StandInLink extends TcpLink {
  onHello?(hasCertificate: boolean): void;
}

/**
 * The server's side: answers the hello with `verdict(host, certificate)`, then passes bytes to and from `service`.
 * `isGood`: whether the service is told of a certificate; default: of any.
 */
export function standInServer(
  service: { connect(callbacks: TcpCallbacks): StandInLink },
  verdict: (host: string, certificate: Uint8Array | undefined) => TlsVerdict,
  isGood: (certificate: Uint8Array) => boolean = () => true,
): TcpService {
  return {
    connect(callbacks) {
      let hello = "";
      let open = false;
      const link = service.connect({
        onOpen: (window) => callbacks.onOpen(window),
        onData: (bytes) => callbacks.onData(bytes),
        onWindow: (bytes) => callbacks.onWindow(bytes),
        onEnd: () => callbacks.onEnd(),
      });
      return {
        remoteAddress: link.remoteAddress,
        remotePort: link.remotePort,
        close: () => link.close(),
        send: (bytes) => {
          if (open) return link.send(bytes);
          hello += new TextDecoder("latin1").decode(bytes);
          const end = hello.indexOf("\n");
          if (end < 0) return;
          callbacks.onWindow(end + 1);
          const [host = "", hex] = hello.slice(6, end).split(CERTIFICATE);
          const certificate = hex === undefined ? undefined : new Uint8Array(Buffer.from(hex, "hex"));
          link.onHello?.(certificate !== undefined && isGood(certificate));
          const found = verdict(host, certificate);
          if (found === "silent") return;
          if (found === "reset") {
            callbacks.onEnd();
            return link.close();
          }
          const dates = typeof found === "object" ? found : undefined;
          open = found === "ok" || dates !== undefined;
          const authority = dates?.authority ? ` ${hexOf(dates.authority)}` : "";
          const said = dates ? `ok ${dates.fromMs} ${dates.untilMs}${authority}` : found;
          const line = found === "plaintext" ? "HTTP/1.1 400 Bad Request\r\n\r\n" : `tls ${said}\n`;
          callbacks.onData(new TextEncoder().encode(line));
        },
      };
    },
  };
}
