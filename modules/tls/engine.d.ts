/**
 * The TLS engine of engine.h on XS: one connection, no socket. A closed engine throws when used; `close` may be
 * called again. Every method returns at once but `step`, which may take a step of the handshake.
 */
export default class TlsEngine {
  /** Throws when memory is short. */
  constructor();
  close(): void;
  /** DER; false when it does not parse. */
  addAuthority(der: Uint8Array): boolean;
  addCertificate(der: Uint8Array): boolean;
  /**
   * PKCS#8 DER; false also when it is not the key of the first certificate. Whether it is takes as long as the longest
   * step of a handshake the first time, and nothing when the same two come again.
   */
  setKey(der: Uint8Array): boolean;
  /** `alpn`: the one protocol to offer; false also when it has none or more than 64 characters. */
  start(host: string, session?: ArrayBuffer, alpn?: string): boolean;
  /** Ciphertext that `feed` takes now, bytes. */
  room(): number;
  /** Returns how much was taken. */
  feed(ciphertext: Uint8Array): number;
  /** Ciphertext that waits for the peer, bytes. */
  outgoing(): number;
  /** At most `maxBytes` of it; empty when none waits. */
  take(maxBytes: number): ArrayBuffer;
  /** Positive: step again at once. 0: waits for bytes, room or the reader. Negative: ended, see `failure`. */
  step(): number;
  isOpen(): boolean;
  /** A number of tls_failure in engine.h. */
  failure(): number;
  /** Unix seconds: notBefore of the peer's certificate, once verified in this handshake. 0: it was not. */
  validFrom(): number;
  /** Unix seconds: the latest notAfter of the authorities. 0: there is none. */
  trustedUntil(): number;
  /** Plaintext that can be read now, bytes. */
  readable(): number;
  read(maxBytes: number): ArrayBuffer;
  /** Returns how much was taken. */
  write(plaintext: Uint8Array): number;
  /** close_notify: nothing can be written after it. */
  sayGoodbye(): void;
  /** The handshake resumed the session that `start` was given. */
  resumed(): boolean;
  /** What a later `start` may resume, if there is anything. Secret. */
  saveSession(): ArrayBuffer | undefined;
}
