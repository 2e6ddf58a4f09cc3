/** Object identifiers as the hexadecimal digits of their DER content. */
export const SERVER_AUTH = "2b06010505070301";
export const CLIENT_AUTH = "2b06010505070302";
export const ANY_USAGE = "551d2500";

export type Hash = "md5" | "sha1" | "sha224" | "sha256" | "sha384" | "sha512";

export interface SignatureAlgorithm {
  readonly hash: Hash;
  readonly kind: "rsa" | "ecdsa";
}

/** Of certificates; RSASSA-PSS carries its hash in its parameters. */
export const SIGNATURES: Readonly<Record<string, SignatureAlgorithm>> = {
  "2a864886f70d010104": { hash: "md5", kind: "rsa" },
  "2a864886f70d010105": { hash: "sha1", kind: "rsa" },
  "2b0e03021d": { hash: "sha1", kind: "rsa" },
  "2a864886f70d01010e": { hash: "sha224", kind: "rsa" },
  "2a864886f70d01010b": { hash: "sha256", kind: "rsa" },
  "2a864886f70d01010c": { hash: "sha384", kind: "rsa" },
  "2a864886f70d01010d": { hash: "sha512", kind: "rsa" },
  "2a8648ce3d0401": { hash: "sha1", kind: "ecdsa" },
  "2a8648ce3d040301": { hash: "sha224", kind: "ecdsa" },
  "2a8648ce3d040302": { hash: "sha256", kind: "ecdsa" },
  "2a8648ce3d040303": { hash: "sha384", kind: "ecdsa" },
  "2a8648ce3d040304": { hash: "sha512", kind: "ecdsa" },
};
export const RSASSA_PSS = "2a864886f70d01010a";
export const MGF1 = "2a864886f70d010108";

export const HASHES: Readonly<Record<string, Hash>> = {
  "2a864886f70d0205": "md5",
  "2b0e03021a": "sha1",
  "608648016503040204": "sha224",
  "608648016503040201": "sha256",
  "608648016503040202": "sha384",
  "608648016503040203": "sha512",
};

/** Kinds of public key; any other cannot be read. */
export const KEYS: Readonly<Record<string, "rsa" | "ec">> = {
  "2a864886f70d010101": "rsa",
  "2a8648ce3d0201": "ec",
  "2b8104010c": "ec",
};

/** Curves that mbedTLS reads, and whether they are strong enough for us. */
export const CURVES: Readonly<Record<string, boolean>> = {
  "2a8648ce3d030107": true, // P-256
  "2b81040022": true, // P-384
  "2b81040023": true, // P-521
  "2a8648ce3d030101": false, // P-192 (2.28 alone)
  "2b81040021": false, // P-224 (2.28 alone)
  "2b8104001f": false, // secp192k1
  "2b81040020": false, // secp224k1
  "2b8104000a": false, // secp256k1
  "2b2403030208010107": false, // brainpoolP256r1
  "2b240303020801010b": false, // brainpoolP384r1
  "2b240303020801010d": false, // brainpoolP512r1
};
