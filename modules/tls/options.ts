import { isIpv4 } from "../names/ipv4";
import type { TlsSocketOptions } from "../network/socket";

/** Limits of modules/network/socket.ts when the options name none. */
export const CONNECT_TIMEOUT_MS = 10_000;
export const HANDSHAKE_TIMEOUT_MS = 20_000;
/** ALPN_MAX in engine.c */
const MOST_ALPN = 64;

/** Throws what is wrong with the options of a TLS opening; what the network may do wrong is not its matter. */
export function checkTlsOptions(options: TlsSocketOptions): void {
  const { address, port, host, alpn = "", identity } = options;
  if (!isIpv4(address)) throw new TypeError("address: not an IPv4 literal");
  if (!(Number.isInteger(port) && port > 0 && port <= 0xffff)) throw new RangeError("port: not in 1..65535");
  if (!isServerName(host)) throw new TypeError("host: neither a host name nor an IPv4 literal");
  if (alpn.length > MOST_ALPN) throw new RangeError("alpn: too long");
  if (identity.certificateAuthorities.length === 0) throw new TypeError("certificateAuthorities: none");
  for (const der of identity.certificateAuthorities) checkDer(der, "certificateAuthorities");
  for (const der of identity.certificateChain) checkDer(der, "certificateChain");
  if (identity.certificateChain.length > 0 !== (identity.privateKey !== undefined))
    throw new TypeError("identity: a certificate chain and a private key belong together");
  if (identity.privateKey) checkDer(identity.privateKey, "privateKey");
  for (const limit of [options.connectTimeoutMs, options.handshakeTimeoutMs])
    if (limit !== undefined && !(limit > 0)) throw new RangeError("a time limit is not positive");
}

/** A DNS name in ASCII: letters, digits, `-` and `_`, at most 253 characters (RFC 1123, 2.1); literals fit too. */
function isServerName(host: string): boolean {
  if (host.length === 0 || host.length > 253) return false;
  for (const label of host.split(".")) {
    if (label.length === 0 || label.length > 63) return false;
    for (let i = 0; i < label.length; i++) {
      const code = label.charCodeAt(i);
      const lower = code | 0x20;
      const letter = lower >= 0x61 && lower <= 0x7a;
      const digit = code >= 0x30 && code <= 0x39;
      if (!letter && !digit && code !== 0x2d && code !== 0x5f) return false;
    }
  }
  return true;
}

function checkDer(bytes: Uint8Array, what: string): void {
  if (bytes[0] !== 0x30) throw new TypeError(`${what}: not DER`);
}
