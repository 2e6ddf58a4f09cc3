import {
  constants,
  createPublicKey,
  type ECKeyPairKeyObjectOptions,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from "node:crypto";

/**
 * Certificates written byte by byte, for what no library would write: every field can be said, and what is not said is
 * that of a sound certificate.
 */

export type Der = Buffer;

export function der(tag: number, ...parts: readonly (Uint8Array | readonly number[])[]): Der {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array)));
  const { length } = content;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

export const sequence = (...parts: readonly Uint8Array[]): Der => der(0x30, ...parts);
export const bits = (...bytes: readonly number[]): Der => der(0x03, [0], bytes);
export const integer = (...bytes: readonly number[]): Der => der(0x02, bytes);
export const ia5 = (text: string): Buffer => Buffer.from(text, "latin1");

/** From dotted decimals. */
export function oid(dotted: string): Der {
  const [first, second, ...rest] = dotted.split(".").map(Number) as [number, number, ...number[]];
  const base128 = (value: number): number[] => {
    const digits = [value & 0x7f];
    for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128))
      digits.unshift((left & 0x7f) | 0x80);
    return digits;
  };
  return der(0x06, [first * 40 + second, ...rest.flatMap(base128)]);
}

// ---- keys ----

const CURVES = {
  "P-192": "prime192v1",
  "P-224": "secp224r1",
  "P-256": "prime256v1",
  "P-384": "secp384r1",
  "P-521": "secp521r1",
  secp256k1: "secp256k1",
  brainpoolP256r1: "brainpoolP256r1",
} as const;
const RSA = {
  "RSA-1024": [1024, 65537],
  "RSA-2040": [2040, 65537],
  "RSA-2048": [2048, 65537],
  "RSA-2048, e=3": [2048, 3],
  "RSA-3072": [3072, 65537],
  "RSA-4096": [4096, 65537],
} as const;

export type KeyKind = keyof typeof CURVES | keyof typeof RSA | "P-256, explicit" | "Ed25519";

const rsaKeys = new Map<string, KeyObject>();

/** A new key; RSA keys take their time and are the same ones again. */
export function keyOf(kind: KeyKind): KeyObject {
  if (kind === "Ed25519") return generateKeyPairSync("ed25519").privateKey;
  const rsa = (RSA as Record<string, readonly [number, number] | undefined>)[kind];
  if (!rsa) {
    const explicit = kind === "P-256, explicit";
    const options = {
      namedCurve: explicit ? CURVES["P-256"] : CURVES[kind as keyof typeof CURVES],
      paramEncoding: explicit ? "explicit" : "named",
    };
    return generateKeyPairSync("ec", options as ECKeyPairKeyObjectOptions).privateKey;
  }
  const [modulusLength, publicExponent] = rsa;
  const key = rsaKeys.get(kind) ?? generateKeyPairSync("rsa", { modulusLength, publicExponent }).privateKey;
  rsaKeys.set(kind, key);
  return key;
}

// ---- signatures ----

const NULL = [0x05, 0x00];
const HASHES = {
  "SHA-1": ["sha1", "1.3.14.3.2.26"],
  "SHA-256": ["sha256", "2.16.840.1.101.3.4.2.1"],
} as const;

const pss = (hash: keyof typeof HASHES, saltLength: number): Der => {
  const algorithm = sequence(oid(HASHES[hash][1]));
  return sequence(
    oid("1.2.840.113549.1.1.10"),
    sequence(
      der(0xa0, algorithm),
      der(0xa1, sequence(oid("1.2.840.113549.1.1.8"), algorithm)),
      der(0xa2, integer(saltLength)),
    ),
  );
};
const rsaWith = (last: number): Der => sequence(oid(`1.2.840.113549.1.1.${last}`), Buffer.from(NULL));

interface Signing {
  readonly hash: string | null;
  readonly algorithm: Der;
  readonly saltLength?: number;
}

const SIGNINGS = {
  "ECDSA, SHA-1": { hash: "sha1", algorithm: sequence(oid("1.2.840.10045.4.1")) },
  "ECDSA, SHA-224": { hash: "sha224", algorithm: sequence(oid("1.2.840.10045.4.3.1")) },
  "ECDSA, SHA-256": { hash: "sha256", algorithm: sequence(oid("1.2.840.10045.4.3.2")) },
  "ECDSA, SHA-512": { hash: "sha512", algorithm: sequence(oid("1.2.840.10045.4.3.4")) },
  "ECDSA, SHA3-256": { hash: "sha3-256", algorithm: sequence(oid("2.16.840.1.101.3.4.3.10")) },
  "RSA, MD5": { hash: "md5", algorithm: rsaWith(4) },
  "RSA, SHA-1": { hash: "sha1", algorithm: rsaWith(5) },
  "RSA, SHA-256": { hash: "sha256", algorithm: rsaWith(11) },
  "RSA-PSS, SHA-1": { hash: "sha1", algorithm: pss("SHA-1", 20), saltLength: 20 },
  "RSA-PSS, SHA-256": { hash: "sha256", algorithm: pss("SHA-256", 32), saltLength: 32 },
  Ed25519: { hash: null, algorithm: sequence(oid("1.3.101.112")) },
} as const satisfies Record<string, Signing>;

export type SigningKind = keyof typeof SIGNINGS;

function usualSigning({ asymmetricKeyType }: KeyObject): SigningKind {
  if (asymmetricKeyType === "rsa") return "RSA, SHA-256";
  return asymmetricKeyType === "ed25519" ? "Ed25519" : "ECDSA, SHA-256";
}

// ---- extensions ----

const extension = (id: string, value: Uint8Array, critical = false): Der =>
  sequence(oid(id), ...(critical ? [der(0x01, [0xff])] : []), der(0x04, value));

const EXTENDED_USAGES = {
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  codeSigning: "1.3.6.1.5.5.7.3.3",
  emailProtection: "1.3.6.1.5.5.7.3.4",
  any: "2.5.29.37.0",
  serverGatedCrypto: "2.16.840.1.113730.4.1",
} as const;
const KEY_USAGES = {
  digitalSignature: 0x80,
  nonRepudiation: 0x40,
  keyEncipherment: 0x20,
  keyAgreement: 0x08,
  keyCertSign: 0x04,
  cRLSign: 0x02,
} as const;

export const names = (...list: readonly Uint8Array[]): Der => extension("2.5.29.17", sequence(...list));
export const dns = (name: string | Uint8Array): Der => der(0x82, typeof name === "string" ? ia5(name) : name);
export const address = (...bytes: readonly number[]): Der => der(0x87, bytes);
export const usage = (...list: readonly (keyof typeof EXTENDED_USAGES)[]): Der =>
  extension("2.5.29.37", sequence(...list.map((name) => oid(EXTENDED_USAGES[name]))));
export const keyUsage = (...list: readonly (keyof typeof KEY_USAGES)[]): Der =>
  extension("2.5.29.15", bits(list.reduce((sum, name) => sum | KEY_USAGES[name], 0)), true);
export const authorityOf = (pathLength?: number): Der =>
  extension(
    "2.5.29.19",
    sequence(der(0x01, [0xff]), ...(pathLength === undefined ? [] : [integer(pathLength)])),
    true,
  );
export const noAuthority = (): Der => extension("2.5.29.19", sequence(), true);
/** Bases are GeneralNames: `dns("example.test")`, `address(10, 0, 0, 0, 255, 0, 0, 0)`. */
export const constraints = (
  { permitted = [], excluded = [] }: Partial<Record<"permitted" | "excluded", readonly Uint8Array[]>>,
  critical = false,
): Der => {
  const subtrees = (tag: number, bases: readonly Uint8Array[]): Der[] =>
    bases.length > 0 ? [der(tag, ...bases.map((base) => sequence(base)))] : [];
  return extension(
    "2.5.29.30",
    sequence(...subtrees(0xa0, permitted), ...subtrees(0xa1, excluded)),
    critical,
  );
};
export const policies = (id: string, critical = false): Der =>
  extension("2.5.29.32", sequence(sequence(oid(id))), critical);
export const requireExplicitPolicy = (): Der => extension("2.5.29.36", sequence(der(0x80, [0])), true);
export const netscapeType = (bit: number): Der => extension("2.16.840.1.113730.1.1", bits(bit));
export const unknownExtension = (critical: boolean): Der =>
  extension("1.3.6.1.4.1.55555.1", Buffer.from(NULL), critical);

// ---- certificates ----

export interface Recipe {
  readonly name?: string;
  /** Who signs; none: itself. */
  readonly issuer?: Made;
  readonly key?: KeyKind | KeyObject;
  readonly signing?: SigningKind;
  /** 1 to 3. */
  readonly version?: number;
  readonly serial?: readonly number[];
  readonly from?: Date | Der;
  readonly until?: Date | Der;
  readonly extensions?: readonly Uint8Array[];
}

export interface Made {
  readonly der: Uint8Array;
  /** PKCS#8 DER. */
  readonly key: Uint8Array;
  readonly privateKey: KeyObject;
  readonly name: string;
}

const DAY_MS = 86_400_000;
let serials = 0x1000;

export const inDays = (days: number): Date => new Date(Date.now() + days * DAY_MS);

/** Times of RFC 5280, 4.1.2.5: UTCTime until 2049. */
export function time(at: Date): Der {
  const digits = at.toISOString().replace(/\D/g, "").slice(0, 14);
  return at.getUTCFullYear() < 2050 ? der(0x17, ia5(`${digits.slice(2)}Z`)) : der(0x18, ia5(`${digits}Z`));
}

const commonName = (name: string): Der =>
  sequence(der(0x31, sequence(oid("2.5.4.3"), der(0x0c, Buffer.from(name)))));

export function certificate(recipe: Recipe): Made {
  const { name = "server", key = "P-256", version = 3, extensions = [] } = recipe;
  const privateKey = typeof key === "string" ? keyOf(key) : key;
  const issuer = recipe.issuer ?? { privateKey, name };
  const signing: Signing = SIGNINGS[recipe.signing ?? usualSigning(issuer.privateKey)];
  const when = (at: Date | Der): Der => (at instanceof Date ? time(at) : at);
  serials += 1;
  const body = sequence(
    ...(version > 1 ? [der(0xa0, integer(version - 1))] : []),
    integer(...(recipe.serial ?? [serials >> 8, serials & 0xff])),
    signing.algorithm,
    commonName(issuer.name),
    sequence(when(recipe.from ?? inDays(-1)), when(recipe.until ?? inDays(29))),
    commonName(name),
    createPublicKey(privateKey).export({ type: "spki", format: "der" }),
    ...(version === 3 && extensions.length > 0 ? [der(0xa3, sequence(...extensions))] : []),
  );
  const { saltLength } = signing;
  const padding = saltLength === undefined ? {} : { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
  const signature = sign(signing.hash, body, { key: issuer.privateKey, ...padding });
  return {
    der: new Uint8Array(sequence(body, signing.algorithm, der(0x03, [0], signature))),
    key: new Uint8Array(privateKey.export({ type: "pkcs8", format: "der" })),
    privateKey,
    name,
  };
}

/** An authority; `extensions` come after its own. */
export const authority = (recipe: Recipe & { readonly pathLength?: number } = {}): Made =>
  certificate({
    name: `CA ${serials}`,
    ...recipe,
    extensions: [
      authorityOf(recipe.pathLength),
      keyUsage("keyCertSign", "cRLSign"),
      ...(recipe.extensions ?? []),
    ],
  });

/** A server's certificate for these names; `extensions` come after its own. */
export const server = (
  recipe: Recipe & {
    readonly names?: readonly Uint8Array[] | undefined;
    readonly uses?: readonly Uint8Array[];
  },
): Made =>
  certificate({
    ...recipe,
    extensions: [
      noAuthority(),
      ...(recipe.uses ?? [keyUsage("digitalSignature"), usage("serverAuth")]),
      ...(recipe.names ? [names(...recipe.names)] : []),
      ...(recipe.extensions ?? []),
    ],
  });
