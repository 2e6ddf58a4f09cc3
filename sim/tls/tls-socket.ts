import { X509Certificate } from "node:crypto";
import { connect, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import { isIpv4 } from "../../modules/names/ipv4";
import type {
  OpenTlsSocket,
  Socket,
  SocketFailure,
  TlsFailure,
  TlsIdentity,
  TlsSocketOptions,
} from "../../modules/network/socket";
import { CONNECT_TIMEOUT_MS, checkTlsOptions, HANDSHAKE_TIMEOUT_MS } from "../../modules/tls/options";
import type { TcpClass } from "../../modules/tls/tcp-class";
import { whyUnusable } from "../../tools/x509/identity";
import { machine } from "../sdk/machine";
import TCP from "../sdk/tcp";
import Timer from "../sdk/timer";
import { checkPeer } from "./peer-certificate";
import { TcpStream } from "./tcp-stream";
import { reasonOfError, WireWatch } from "./wire-watch";

/** The suites of the device's engine: forward secrecy and AEAD only. */
const CIPHERS = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE+AESGCM",
  "ECDHE+CHACHA20",
].join(":");
/** And its signatures and groups. */
const SIGNATURES = [
  "ecdsa_secp256r1_sha256",
  "ecdsa_secp384r1_sha384",
  "ecdsa_secp521r1_sha512",
  "rsa_pss_rsae_sha256",
  "rsa_pss_rsae_sha384",
  "rsa_pss_rsae_sha512",
  "RSA+SHA256",
  "RSA+SHA384",
  "RSA+SHA512",
].join(":");
const GROUPS = "P-256:X25519:P-384:P-521";
/** Bytes of plaintext that may wait for the wire. */
const WINDOW = 4096;
/** Received bytes that may wait for `read` before the peer is slowed down. */
const UNREAD_LIMIT = 16_384;
/** How long a close may take to say goodbye (close_notify) before TCP is cut. */
const GOODBYE_MS = 1_000;

export interface TlsSocketDependencies {
  readonly TCP: TcpClass;
  /** Wall clock for the certificates' validity, Unix milliseconds. */
  now(): number;
}

/** The host's TLS: node:tls over the machine's TCP, with the device's checks and the device's reasons. */
export function createOpenTlsSocket(dependencies: TlsSocketDependencies): OpenTlsSocket {
  return (options) => new HostTlsSocket(dependencies, options);
}

/** As above, on the machine's network and by its clock (without a machine, the process's). */
export const openTlsSocket: OpenTlsSocket = createOpenTlsSocket({
  TCP,
  now: () => machine()?.wallClock.get() ?? Date.now(),
});

/**
 * - connecting: TCP is opening
 * - handshaking: TCP is open, TLS is not
 * - open: the peer is verified; bytes flow
 * - ended: `onError` was called
 * - closed: by `close()`; silent
 */
type State = "connecting" | "handshaking" | "open" | "ended" | "closed";

class HostTlsSocket implements Socket {
  #state: State = "connecting";
  #credit = 0;
  #unread: Buffer[] = [];
  #unreadBytes = 0;
  #tls: TLSSocket | undefined;
  #timer: Timer | undefined;
  /** What the server had shown when it closed in the handshake: node:tls forgets it before it says so. */
  #shown: X509Certificate | undefined;
  readonly #options: TlsSocketOptions;
  readonly #context: SecureContext;
  readonly #stream: TcpStream;
  readonly #wire = new WireWatch();
  readonly #now: () => number;

  constructor({ TCP, now }: TlsSocketDependencies, options: TlsSocketOptions) {
    checkTlsOptions(options);
    this.#options = options;
    this.#now = now;
    this.#context = secureContext(options.identity);
    this.#startTimer(options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS, "connect-timeout");
    this.#stream = new TcpStream({
      TCP,
      address: options.address,
      port: options.port,
      onConnect: () => this.#handshake(),
      onBytes: (bytes) => {
        if (this.#state !== "handshaking") return;
        this.#wire.see(bytes);
        if (this.#wire.plaintext) this.#end("plaintext");
      },
      onEnd: () => {
        if (this.#state === "connecting") this.#end("connect-refused");
        else if (this.#state === "handshaking") this.#shown = this.#tls?.getPeerX509Certificate();
      },
    });
  }

  read(maxBytes = this.#unreadBytes): ArrayBuffer | undefined {
    const length = Math.min(maxBytes, this.#unreadBytes);
    if (length <= 0) return undefined;
    const all = this.#unread.length === 1 ? this.#unread[0]! : Buffer.concat(this.#unread);
    this.#unreadBytes -= length;
    this.#unread = this.#unreadBytes > 0 ? [all.subarray(length)] : [];
    if (this.#unreadBytes < UNREAD_LIMIT) this.#tls?.resume();
    return new Uint8Array(all.subarray(0, length)).buffer;
  }

  write(bytes: Uint8Array): void {
    if (bytes.length > this.#credit) throw new RangeError("would block");
    if (bytes.length === 0) return;
    this.#credit -= bytes.length;
    this.#tls?.write(Uint8Array.from(bytes), (error) => {
      if (error || this.#state !== "open") return;
      this.#credit += bytes.length;
      this.#options.onWritable(this.#credit);
    });
  }

  close(): void {
    const wasOpen = this.#state === "open";
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#credit = 0;
    this.#unread = [];
    this.#unreadBytes = 0;
    Timer.clear(this.#timer);
    if (!wasOpen) return this.#cut();
    this.#timer = Timer.set(() => this.#cut(), GOODBYE_MS);
    this.#tls?.resume();
    this.#tls?.end(() => this.#cut());
  }

  #handshake(): void {
    const { host, alpn, handshakeTimeoutMs = HANDSHAKE_TIMEOUT_MS } = this.#options;
    this.#state = "handshaking";
    this.#startTimer(handshakeTimeoutMs, "handshake-timeout");
    const tls = connect({
      socket: this.#stream,
      secureContext: this.#context,
      // Verification is checkPeer's, by the device's rules; nothing is written before it has agreed.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      ...(isIpv4(host) ? {} : { servername: host }),
      ...(alpn ? { ALPNProtocols: [alpn] } : {}),
    });
    this.#tls = tls;
    tls.on("secureConnect", () => this.#verify(tls));
    tls.on("data", (bytes: Buffer) => this.#receive(bytes));
    tls.on("end", () => this.#lost("closed"));
    tls.on("error", (error: NodeJS.ErrnoException) => this.#lost(this.#reasonOf(error)));
    tls.on("close", () => this.#lost("closed"));
  }

  #verify(tls: TLSSocket): void {
    if (this.#state !== "handshaking") return;
    // Once: what was read of it is not there a second time.
    const certificate = this.#shown ?? tls.getPeerX509Certificate();
    const failure = this.#judge(certificate);
    if (failure) return this.#end(failure);
    this.#state = "open";
    Timer.clear(this.#timer);
    this.#options.onVerified?.(Date.parse(certificate!.validFrom));
    if (this.#state !== "open") return;
    this.#credit = WINDOW;
    this.#options.onWritable(WINDOW);
  }

  #judge(certificate: X509Certificate | undefined): TlsFailure | undefined {
    return checkPeer(certificate, {
      host: this.#options.host,
      anchors: this.#options.identity.certificateAuthorities,
      now: this.#now,
    });
  }

  /** The device's engine judges the server before it shows its own certificate: what is wrong with that is heard later. */
  #lost(reason: SocketFailure): void {
    const fault = this.#state === "handshaking" && this.#shown ? this.#judge(this.#shown) : undefined;
    this.#end(fault ?? this.#wire.alert ?? reason);
  }

  #receive(bytes: Buffer): void {
    if (this.#state !== "open") return;
    this.#unread.push(bytes);
    this.#unreadBytes += bytes.length;
    if (this.#unreadBytes >= UNREAD_LIMIT) this.#tls?.pause();
    this.#options.onReadable(this.#unreadBytes);
  }

  #reasonOf(error: NodeJS.ErrnoException): SocketFailure {
    return (error.code === "ECONNRESET" ? undefined : reasonOfError(error.code)) ?? "closed";
  }

  #end(reason: SocketFailure): void {
    if (this.#state === "ended" || this.#state === "closed") return;
    this.#state = "ended";
    this.#credit = 0;
    Timer.clear(this.#timer);
    this.#cut();
    this.#options.onError(reason);
  }

  #cut(): void {
    Timer.clear(this.#timer);
    this.#tls?.destroy();
    this.#stream.destroy();
  }

  #startTimer(limitMs: number, reason: SocketFailure): void {
    Timer.clear(this.#timer);
    this.#timer = Timer.set(() => this.#end(reason), limitMs);
  }
}

/** When the last of the authorities expires, Unix milliseconds; 0 where none parses. */
export function trustedUntil({ certificateAuthorities }: TlsIdentity): number {
  let latest = 0;
  for (const der of certificateAuthorities) {
    try {
      latest = Math.max(latest, Date.parse(new X509Certificate(der).validTo));
    } catch {
      // An opening says so.
    }
  }
  return latest;
}

/** Whether the device's TLS could use it: all is readable, and the key is the certificate's. */
export function canUse(identity: TlsIdentity): boolean {
  return whyUnusable(identity) === undefined;
}

/** @throws TypeError for an identity that the device's TLS could not use */
function secureContext(identity: TlsIdentity): SecureContext {
  const fault = whyUnusable(identity);
  if (fault) throw new TypeError(`identity: ${fault}`);
  const { certificateChain, privateKey } = identity;
  return createSecureContext({
    minVersion: "TLSv1.2",
    ciphers: CIPHERS,
    sigalgs: SIGNATURES,
    ecdhCurve: GROUPS,
    ca: [],
    ...(privateKey && {
      cert: certificateChain.map((der) => pem(der, "CERTIFICATE")).join("\n"),
      key: pem(privateKey, "PRIVATE KEY"),
    }),
  });
}

function pem(der: Uint8Array, label: string): string {
  return `-----BEGIN ${label}-----\n${Buffer.from(der).toString("base64")}\n-----END ${label}-----`;
}
