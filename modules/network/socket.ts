/**
 * What the firmware's rooms know of a byte stream, after ECMA-419 (TCP). `embedded:io/socket/tcp` (modules/sockets) and
 * our TLS socket both fit.
 *
 * - `onWritable(n)`: n bytes may be written now. First call = connected (TLS: handshake done and peer verified).
 * - `write` takes at most what was announced and not yet used; more throws "would block".
 * - `onReadable(n)`: n bytes wait; `read(max)` returns them, `undefined` when there are none.
 * - `onError(reason)`: the stream has ended, by a fault or by the peer's orderly close; bytes that had arrived
 *   were announced before. Nothing follows it.
 * - `close()` is idempotent and silences all callbacks, also from inside one.
 * - No callback runs inside the constructor, `read`, `write` or `close`.
 */
export interface SocketCallbacks {
  onReadable(bytes: number): void;
  onWritable(bytes: number): void;
  onError(reason: SocketFailure): void;
}

export interface Socket {
  read(maxBytes?: number): ArrayBuffer | undefined;
  write(bytes: Uint8Array): void;
  close(): void;
}

/** Why a stream ended or never began. The closed set that the host's and the device's TLS share. */
export type SocketFailure =
  /** Nothing answered the TCP opening within the time limit: a filter that drops, or no route. */
  | "connect-timeout"
  /** The TCP opening was refused (RST) or failed at once. */
  | "connect-refused"
  /** The peer closed, or the connection was reset; also an orderly close. */
  | "closed"
  | TlsFailure;

/** Failures of TLS itself. A certificate's reason is that of the first fault in this order. */
export type TlsFailure =
  /**
   * No chain to our CA: another CA, a self-signed leaf, a leaf that issued a leaf, an authority that its name
   * constraints keep from this name; also a certificate that cannot be read.
   */
  | "unknown-ca"
  /** A certificate of the chain has expired. */
  | "expired"
  /** A certificate of the chain is not valid yet (or our clock is wrong). */
  | "not-yet-valid"
  /** No dNSName or iPAddress of the certificate is the host's; the common name never counts (RFC 9525). */
  | "wrong-name"
  /** The extended key usage of the certificate, or of an authority above it, does not allow a TLS server. */
  | "wrong-usage"
  /** A key or signature too weak: SHA-1, RSA below 2048 bits. */
  | "weak-certificate"
  /** The peer refused our certificate, or demanded one that we do not have. */
  | "client-certificate-refused"
  /** The peer speaks TLS that we refuse (too old, no common suite, malformed, an alert in the handshake). */
  | "protocol"
  /** The peer does not speak TLS at all: a plaintext answer. */
  | "plaintext"
  /** The handshake did not end within its time limit. */
  | "handshake-timeout";

/** What a TLS opening is asked to trust and to show. All certificates and the key are DER. */
export interface TlsIdentity {
  /** Trust anchors; nothing else is trusted. */
  readonly certificateAuthorities: readonly Uint8Array[];
  /** Our own chain, leaf first. Empty: no client certificate is shown. */
  readonly certificateChain: readonly Uint8Array[];
  /** PKCS#8 DER of our private key. */
  readonly privateKey?: Uint8Array;
}

/** What a TLS stream is for. Each keeps one session to resume, which the others leave alone. */
export type TlsPurpose = "broker" | "check" | "update";

/** Options of a TLS stream. `address` is an IPv4 literal; `host` is what the certificate must name. */
export interface TlsSocketOptions extends SocketCallbacks {
  readonly address: string;
  readonly port: number;
  readonly host: string;
  /**
   * The one protocol that is offered by ALPN (RFC 7301), 1 to 64 bytes of ASCII; empty or absent: ALPN is not used. A
   * server that knows no ALPN goes on without; one that knows it and not this protocol refuses ("protocol").
   */
  readonly alpn?: string;
  readonly identity: TlsIdentity;
  /**
   * The server's certificate was verified in this opening, and is valid from then on (notBefore), Unix milliseconds.
   * Comes before the first `onWritable`; not where an earlier session was resumed, in which no certificate is shown.
   */
  onVerified?(validFromMs: number): void;
  /** Default "broker". */
  readonly purpose?: TlsPurpose;
  /** Limit for TCP opening, default 10 s. */
  readonly connectTimeoutMs?: number;
  /** Limit from TCP open to handshake done, default 20 s (a P-256 handshake takes seconds on an ESP32). */
  readonly handshakeTimeoutMs?: number;
}

/** Opens a TLS stream; the board supplies it. Bad options throw, the network's faults reach `onError`. */
export type OpenTlsSocket = (options: TlsSocketOptions) => Socket;
