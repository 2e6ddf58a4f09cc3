import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

/**
 * Certificates for the tests: sound ones, and every odd one that a client must refuse. (`tools/pki` makes the
 * ones that are meant to be used.)
 */
x509.cryptoProvider.set(webcrypto);

const DAY_MS = 24 * 60 * 60 * 1000;

const KEYS = {
  "P-256": { name: "ECDSA", namedCurve: "P-256" },
  "RSA-2048": rsa(2048),
  "RSA-1024": rsa(1024),
} as const;

export type KeyKind = keyof typeof KEYS;

export interface CertificateRecipe {
  readonly commonName: string;
  /** Who signs; none: self-signed. */
  readonly issuer?: Issued;
  readonly key?: KeyKind;
  /** May it sign others? */
  readonly authority?: boolean;
  readonly dns?: readonly string[];
  readonly ip?: readonly string[];
  readonly usage?: "server" | "client" | "any" | "none";
  readonly hash?: "SHA-256" | "SHA-1";
  /** With the identifiers of its own key and its issuer's. */
  readonly keyIdentifiers?: boolean;
  /** Days from today. */
  readonly validFromDays?: number;
  readonly validForDays?: number;
  /** In place of that. */
  readonly validUntil?: Date;
}

export interface Issued {
  readonly der: Uint8Array;
  /** PKCS#8 DER. */
  readonly key: Uint8Array;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly name: string;
  readonly keyKind: KeyKind;
}

export async function issue(recipe: CertificateRecipe): Promise<Issued> {
  const keyKind = recipe.key ?? "P-256";
  const keys = (await webcrypto.subtle.generateKey(KEYS[keyKind], true, [
    "sign",
    "verify",
  ])) as webcrypto.CryptoKeyPair;
  const name = `CN=${recipe.commonName}`;
  const signer = recipe.issuer ?? { keys, name, keyKind };
  const hash = recipe.hash ?? "SHA-256";
  const from = Date.now() + (recipe.validFromDays ?? -1) * DAY_MS;
  const certificate = await x509.X509CertificateGenerator.create({
    subject: name,
    issuer: signer.name,
    notBefore: new Date(from),
    notAfter: recipe.validUntil ?? new Date(from + (recipe.validForDays ?? 30) * DAY_MS),
    publicKey: keys.publicKey,
    signingKey: await signingKey(signer.keys.privateKey, hash),
    signingAlgorithm:
      signer.keyKind === "P-256" ? { name: "ECDSA", hash } : { name: "RSASSA-PKCS1-v1_5", hash },
    extensions: [
      ...extensionsOf(recipe),
      ...(recipe.keyIdentifiers
        ? [
            await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
            await x509.AuthorityKeyIdentifierExtension.create(signer.keys.publicKey),
          ]
        : []),
    ],
  });
  return {
    der: new Uint8Array(certificate.rawData),
    key: new Uint8Array(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)),
    keys,
    name,
    keyKind,
  };
}

export function pem(der: Uint8Array, label: "CERTIFICATE" | "PRIVATE KEY"): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** An RSA key of webcrypto is bound to its hash; another one takes a copy. */
async function signingKey(key: webcrypto.CryptoKey, hash: string): Promise<webcrypto.CryptoKey> {
  if (key.algorithm.name === "ECDSA" || hash === "SHA-256") return key;
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", key);
  return webcrypto.subtle.importKey("pkcs8", pkcs8, { name: key.algorithm.name, hash }, false, ["sign"]);
}

function rsa(modulusLength: number) {
  return {
    name: "RSASSA-PKCS1-v1_5",
    modulusLength,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: "SHA-256",
  };
}

function extensionsOf(recipe: CertificateRecipe): x509.Extension[] {
  const { KeyUsageFlags, ExtendedKeyUsage } = x509;
  const authority = recipe.authority ?? false;
  const extensions: x509.Extension[] = [
    new x509.BasicConstraintsExtension(authority, undefined, true),
    new x509.KeyUsagesExtension(
      authority ? KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign : KeyUsageFlags.digitalSignature,
      true,
    ),
  ];
  const usage = recipe.usage ?? (authority ? "none" : "server");
  const oids = {
    server: ExtendedKeyUsage.serverAuth,
    client: ExtendedKeyUsage.clientAuth,
    any: "2.5.29.37.0",
  };
  if (usage !== "none") extensions.push(new x509.ExtendedKeyUsageExtension([oids[usage]]));
  const names = [
    ...(recipe.dns ?? []).map((value) => ({ type: "dns" as const, value })),
    ...(recipe.ip ?? []).map((value) => ({ type: "ip" as const, value })),
  ];
  if (names.length > 0) extensions.push(new x509.SubjectAlternativeNameExtension(names));
  return extensions;
}
