import type { TlsFailure } from "../../modules/network/socket";

/** TLS record content types (RFC 8446, 5.1). */
const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;

const HANDSHAKE_FAILURE = 40;
/** Alerts that speak of the certificate that we showed or did not show (RFC 8446, 6.2). */
const CERTIFICATE_ALERTS = [42, 43, 44, 45, 46, 48, 49, 116];

/** The same alerts as node:tls names them, once they come encrypted: `ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED`. */
const CERTIFICATE_ALERT_NAMES = [
  "BAD_CERTIFICATE",
  "UNSUPPORTED_CERTIFICATE",
  "CERTIFICATE_REVOKED",
  "CERTIFICATE_EXPIRED",
  "CERTIFICATE_UNKNOWN",
  "UNKNOWN_CA",
  "ACCESS_DENIED",
  "CERTIFICATE_REQUIRED",
];

/**
 * Reads the records that the peer sends in clear during a handshake, for what node:tls does not tell:
 * whether the peer speaks TLS at all, and which alert it sent.
 */
export class WireWatch {
  #bytes = Buffer.alloc(0);
  #begun = false;
  #over = false;
  #alert: number | undefined;
  /** The peer's first bytes are not a TLS record: it speaks something else. */
  plaintext = false;

  see(bytes: Uint8Array): void {
    if (this.plaintext || this.#over) return;
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    while (this.#bytes.length > 0) {
      const type = this.#bytes[0]!;
      if (type < CHANGE_CIPHER_SPEC || type > APPLICATION_DATA) {
        this.plaintext = !this.#begun && this.#alert === undefined;
        this.#over = true;
        return;
      }
      if (this.#bytes.length < 5) return;
      const end = 5 + this.#bytes.readUInt16BE(3);
      if (this.#bytes.length < end) return;
      if (type === HANDSHAKE) this.#begun = true;
      else if (type !== ALERT) this.#over = true;
      else if (end === 7) this.#alert = this.#bytes[6]!;
      this.#bytes = this.#bytes.subarray(end);
    }
  }

  /** The alert that came in clear, as a reason. */
  get alert(): TlsFailure | undefined {
    if (this.#alert === undefined) return undefined;
    // A server that asked for a certificate and got none says handshake_failure in TLS 1.2 (RFC 5246, 7.4.6);
    // before its first handshake message the same alert means that there is no common suite.
    const ofCertificate = this.#alert === HANDSHAKE_FAILURE || CERTIFICATE_ALERTS.includes(this.#alert);
    return this.#begun && ofCertificate ? "client-certificate-refused" : "protocol";
  }
}

/** A fault that node:tls reported by its code; `undefined`: the connection was lost. */
export function reasonOfError(code: string | undefined): TlsFailure | undefined {
  if (!code?.startsWith("ERR_")) return undefined;
  const alert = /_ALERT_(\w+)$/.exec(code)?.[1];
  return alert && CERTIFICATE_ALERT_NAMES.includes(alert) ? "client-certificate-refused" : "protocol";
}
