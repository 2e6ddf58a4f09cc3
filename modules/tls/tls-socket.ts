import Timer from "timer";
import type { OpenTlsSocket, Socket, SocketFailure, TlsIdentity, TlsSocketOptions } from "../network/socket";
import type TlsEngine from "./engine";
import { CONNECT_TIMEOUT_MS, checkTlsOptions, HANDSHAKE_TIMEOUT_MS } from "./options";
import { TlsSessions } from "./sessions";
import type { TcpClass, TcpSocket } from "./tcp-class";

/** Plaintext that may wait for the wire, bytes; small writes of one turn leave in one record. */
const WINDOW = 2048;
/** How long a close may take to say goodbye (close_notify) before TCP is cut. */
const GOODBYE_MS = 1_000;

/** The numbers of tls_failure in engine.h. */
const FAILURES = Object.freeze([
  "closed",
  "unknown-ca",
  "expired",
  "not-yet-valid",
  "wrong-name",
  "wrong-usage",
  "weak-certificate",
  "client-certificate-refused",
  "protocol",
  "plaintext",
  "closed",
] satisfies SocketFailure[]);

export interface TlsSocketDependencies {
  readonly TCP: TcpClass;
  readonly Engine: typeof TlsEngine;
}

/** The device's TLS: the engine over our TCP. Sessions are kept here, so call it once per run. */
export function createOpenTlsSocket(dependencies: TlsSocketDependencies): OpenTlsSocket {
  const sessions = new TlsSessions();
  return (options) => new DeviceTlsSocket(dependencies, sessions, options);
}

/**
 * - connecting: TCP is opening
 * - handshaking: TCP is open, TLS is not
 * - open: the peer is verified; bytes flow
 * - leaving: closed by us, silent; what was written and close_notify are on their way
 * - over: ended or closed; nothing is held any more
 */
type State = "connecting" | "handshaking" | "open" | "leaving" | "over";

class DeviceTlsSocket implements Socket {
  #state: State = "connecting";
  #tcp: TcpSocket;
  #engine: TlsEngine;
  #options: TlsSocketOptions;
  #sessions: TlsSessions;
  /** Limit of the present state. */
  #limit: Timer | undefined;
  /** The next turn, when there is work left. */
  #turn: Timer | undefined;
  #tcpReadable = 0;
  #tcpWritable = 0;
  #tcpEnded = false;
  #credit = 0;
  #unsent = new Uint8Array(WINDOW);
  #unsentBytes = 0;
  /** Readable bytes that `onReadable` has told. */
  #announced = 0;

  constructor({ TCP, Engine }: TlsSocketDependencies, sessions: TlsSessions, options: TlsSocketOptions) {
    checkTlsOptions(options);
    this.#options = options;
    this.#sessions = sessions;
    this.#engine = startEngine(Engine, options, sessions.of(options));
    this.#enter("connecting", options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS, "connect-timeout");
    this.#tcp = new TCP({
      address: options.address,
      port: options.port,
      nodelay: true,
      onReadable: (bytes) => {
        this.#tcpReadable = bytes;
        this.#advance();
      },
      onWritable: (bytes) => {
        this.#tcpWritable = bytes;
        if (this.#state === "connecting")
          this.#enter("handshaking", options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS, "handshake-timeout");
        this.#advance();
      },
      onError: () => {
        this.#tcpEnded = true;
        this.#advance();
      },
    });
  }

  read(maxBytes?: number): ArrayBuffer | undefined {
    if (this.#state !== "open") return undefined;
    const readable = this.#engine.readable();
    const count = Math.min(maxBytes ?? readable, readable);
    if (count <= 0) return undefined;
    const bytes = this.#engine.read(count);
    this.#announced -= count;
    this.#later();
    return bytes;
  }

  write(bytes: Uint8Array): void {
    if (bytes.length > this.#credit) throw new RangeError("would block");
    if (bytes.length === 0) return;
    this.#unsent.set(bytes, this.#unsentBytes);
    this.#unsentBytes += bytes.length;
    this.#credit -= bytes.length;
    this.#later();
  }

  close(): void {
    if (this.#state === "leaving" || this.#state === "over") return;
    if (this.#state !== "open") return this.#release();
    this.#sessions.keep(this.#options, this.#engine);
    this.#credit = 0;
    this.#enter("leaving", GOODBYE_MS);
    this.#leave();
  }

  /** Moves what can be moved, one step of the engine, and comes back in another turn while there is more. */
  #advance(): void {
    if (this.#state === "over") return;
    if (this.#state === "connecting") {
      if (this.#tcpEnded) this.#end("connect-refused");
      return;
    }
    if (this.#state === "leaving") return this.#leave();
    this.#feed();
    const step = this.#engine.step();
    if (this.#state === "handshaking" && this.#engine.isOpen()) return this.#opened();
    // A flight of the handshake leaves as a whole: a server that refuses its first message closes, and a write
    // that then fails would hide the alert.
    if (this.#state === "open" || step <= 0) this.#send();
    if (step < 0) return this.#end(FAILURES[this.#engine.failure()] ?? "protocol");
    if (step > 0 || (this.#tcpReadable > 0 && this.#engine.room() > 0)) this.#later();
    const readable = this.#engine.readable();
    if (readable > this.#announced) {
      this.#announced = readable;
      this.#options.onReadable(readable);
    } else if (readable === 0 && step === 0 && this.#tcpEnded && this.#tcpReadable === 0)
      return this.#end("closed");
    this.#announceWindow();
  }

  #opened(): void {
    this.#sessions.keep(this.#options, this.#engine);
    this.#enter("open");
    const validFrom = this.#engine.validFrom();
    if (validFrom > 0) this.#options.onVerified?.(validFrom * 1000);
    if (this.#state !== "open") return;
    this.#credit = WINDOW;
    this.#send();
    this.#later();
    this.#options.onWritable(WINDOW);
  }

  /** Ciphertext from TCP into the engine, as much as fits. */
  #feed(): void {
    const count = Math.min(this.#tcpReadable, this.#engine.room());
    if (count === 0) return;
    this.#tcpReadable -= count;
    const bytes = this.#tcp.read(count);
    if (bytes instanceof ArrayBuffer) this.#engine.feed(new Uint8Array(bytes));
  }

  /** Plaintext into the engine and ciphertext out to TCP, as much as fits. */
  #send(): void {
    for (;;) {
      if (this.#unsentBytes > 0 && this.#state !== "handshaking") {
        const taken = this.#engine.write(this.#unsent.subarray(0, this.#unsentBytes));
        this.#unsent.copyWithin(0, taken, this.#unsentBytes);
        this.#unsentBytes -= taken;
        if (this.#unsentBytes === 0 && this.#state === "leaving") this.#engine.sayGoodbye();
      }
      const count = Math.min(this.#tcpWritable, this.#engine.outgoing());
      if (count === 0 || this.#tcpEnded) return;
      const left = this.#tcp.write(new Uint8Array(this.#engine.take(count)));
      if (typeof left === "number") this.#tcpWritable = left;
      else this.#tcpEnded = true;
    }
  }

  #announceWindow(): void {
    const window = WINDOW - this.#unsentBytes;
    if (this.#state !== "open" || window === this.#credit) return;
    this.#credit = window;
    this.#options.onWritable(window);
  }

  #leave(): void {
    if (this.#unsentBytes === 0) this.#engine.sayGoodbye();
    this.#send();
    if (this.#tcpEnded || (this.#unsentBytes === 0 && this.#engine.outgoing() === 0)) this.#release();
  }

  #end(reason: SocketFailure): void {
    if (this.#state === "handshaking") this.#sessions.drop(this.#options);
    this.#release();
    this.#options.onError(reason);
  }

  #release(): void {
    this.#enter("over");
    this.#credit = 0;
    Timer.clear(this.#turn);
    this.#turn = undefined;
    this.#tcp.close();
    this.#engine.close();
  }

  #later(): void {
    this.#turn ??= Timer.set(() => {
      this.#turn = undefined;
      this.#advance();
    });
  }

  #enter(state: State, limitMs?: number, reason?: SocketFailure): void {
    Timer.clear(this.#limit);
    this.#limit = undefined;
    this.#state = state;
    if (limitMs !== undefined)
      this.#limit = Timer.set(() => (reason ? this.#end(reason) : this.#release()), limitMs);
  }
}

/**
 * Would a connection take this identity: does every certificate parse, and is the key the first one's? Ask at boot, and
 * before other credentials are kept: an opening throws for what this refuses. The proof that it makes, which takes as
 * long as the longest step of a handshake, is the one that connections rely on; they make none of their own.
 */
export function isSoundIdentity(Engine: typeof TlsEngine, identity: TlsIdentity): boolean {
  const engine = new Engine();
  const sound = takeIdentity(engine, identity);
  engine.close();
  return sound;
}

/** When the last of the authorities expires, Unix milliseconds; 0 where none parses. */
export function trustedUntil(Engine: typeof TlsEngine, identity: TlsIdentity): number {
  const engine = new Engine();
  for (const der of identity.certificateAuthorities) engine.addAuthority(der);
  const seconds = engine.trustedUntil();
  engine.close();
  return seconds * 1000;
}

function takeIdentity(engine: TlsEngine, identity: TlsIdentity): boolean {
  const { certificateAuthorities, certificateChain, privateKey } = identity;
  return (
    certificateAuthorities.every((der) => engine.addAuthority(der)) &&
    certificateChain.every((der) => engine.addCertificate(der)) &&
    (privateKey === undefined || engine.setKey(privateKey))
  );
}

/** Throws for certificates that do not parse and for a key that is not the chain's. */
function startEngine(
  Engine: typeof TlsEngine,
  { host, alpn, identity }: TlsSocketOptions,
  session: ArrayBuffer | undefined,
): TlsEngine {
  const engine = new Engine();
  if (takeIdentity(engine, identity) && engine.start(host, session, alpn || undefined)) return engine;
  engine.close();
  throw new TypeError("identity: a certificate does not parse, or the key is not its own");
}
