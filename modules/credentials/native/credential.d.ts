/** PKCS#8 DER of a new P-256 key; `undefined`: there is no memory or no entropy. As long as a step of a handshake. */
export declare function newKey(): ArrayBuffer | undefined;

/** PKCS#10 DER for the key, in the name of the certificate; `undefined`: not possible. */
export declare function requestFor(key: Uint8Array, certificate: Uint8Array): ArrayBuffer | undefined;

/** A number of credential_fault in credential.h; several certificates lie one behind the other. */
export declare function judge(
  key: Uint8Array,
  chain: Uint8Array,
  authorities: Uint8Array,
  present: Uint8Array,
  dated: boolean,
): number;

/** `which` 0: valid since, 1: until; Unix seconds, 0 where the certificate or a date cannot be read. */
export declare function dateOf(certificate: Uint8Array, which: 0 | 1): number;
