import { createPrivateKey, createPublicKey, type KeyObject, webcrypto } from "node:crypto";

/** What our own keys are: the device's, the broker's and the authority's. */
export const P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

export interface SigningKeys {
  readonly privateKey: webcrypto.CryptoKey;
  readonly publicKey: webcrypto.CryptoKey;
  readonly algorithm: KeyAlgorithm;
}

type KeyAlgorithm = { name: string; hash: string; namedCurve?: string };

/** A new P-256 private key, PKCS#8 DER. */
export async function createKey(): Promise<Uint8Array> {
  const { privateKey } = await webcrypto.subtle.generateKey(P256, true, ["sign", "verify"]);
  return new Uint8Array(await webcrypto.subtle.exportKey("pkcs8", privateKey));
}

/** Whether `privateKey` (PKCS#8 DER) is that of `publicKey` (SPKI DER). */
export function keyMatches(privateKey: Uint8Array, publicKey: Uint8Array): boolean {
  return createPublicKey(keyObject(privateKey)).export({ type: "spki", format: "der" }).equals(publicKey);
}

/**
 * The PKCS#8 DER of a private key file: PEM (PKCS#8, SEC 1 or PKCS#1) or PKCS#8 DER; PEM may be encrypted.
 * @throws Error when it holds no such key, or the passphrase is not its own
 */
export function readPrivateKey(file: Uint8Array, passphrase?: string): Uint8Array {
  const key =
    file[0] === 0x30
      ? keyObject(file)
      : createPrivateKey({
          key: Buffer.from(file),
          format: "pem",
          ...(passphrase !== undefined && { passphrase }),
        });
  return new Uint8Array(key.export({ type: "pkcs8", format: "der" }));
}

/** Is it a PEM file whose key only a passphrase opens (RFC 7468, 11; OpenSSL's older form, too)? */
export function isEncrypted(file: Uint8Array): boolean {
  return /^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(
    Buffer.from(file).toString("latin1"),
  );
}

/** PEM of a private key (PKCS#8 DER) that `passphrase` opens. */
export function encryptKey(pkcs8: Uint8Array, passphrase: string): string {
  return keyObject(pkcs8)
    .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase })
    .toString();
}

function keyObject(pkcs8: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" });
}

/**
 * A private key (PKCS#8 DER) and its public one for WebCrypto.
 * @throws RangeError for a key that is neither EC (P-256, P-384) nor RSA of at least 2048 bits
 */
export async function importKeys(pkcs8: Uint8Array): Promise<SigningKeys> {
  const key = keyObject(pkcs8);
  const algorithm = algorithmOf(key);
  const spki = createPublicKey(key).export({ type: "spki", format: "der" });
  return {
    privateKey: await webcrypto.subtle.importKey("pkcs8", Buffer.from(pkcs8), algorithm, true, ["sign"]),
    publicKey: await webcrypto.subtle.importKey("spki", spki, algorithm, true, ["verify"]),
    algorithm,
  };
}

function algorithmOf(key: KeyObject): KeyAlgorithm {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (namedCurve === "prime256v1") return P256;
  if (namedCurve === "secp384r1") return { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" };
  if (key.asymmetricKeyType === "rsa" && modulusLength >= 2048) {
    return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  }
  throw new RangeError(`a key of type ${namedCurve ?? key.asymmetricKeyType} cannot sign here`);
}
