import { X509Certificate } from "node:crypto";
import { exists, Refusal, readCertificateFile, writeNew } from "../pki/files";
import { NOT_FOR_SERVERS, whyWeak } from "../x509/identity";
import { readJws, signingInputOf, signJws } from "./jws";
import { readTrustedKeys } from "./keys";
import type { Output } from "./output";
import { readText } from "./read-file";
import { type Signer, signWith, toSign } from "./sign";

/** Whom a device is to trust for its broker and everything else that it opens (docs/identity.md). */
export interface TrustList {
  readonly v: 1;
  /** Counts up: no device takes a lower one than it has. */
  readonly list: number;
  /** DER, base64url. */
  readonly authorities: readonly string[];
  /** Unix seconds. */
  readonly iat: number;
}

const TYP = "aerolink-trust+jwt";
export const MOST_AUTHORITIES = 4;
/** A device reads 4,096 bytes with the topic, which has its own. */
export const LONGEST_TRUST_LIST = 3_840;
const MONTH_MS = 30 * 86_400_000;

/** @throws Refusal for authorities that would leave devices without a way to any server, and for a list that none reads */
export function createTrustList(authorities: readonly Uint8Array[], list: number, now: number): TrustList {
  if (authorities.length === 0 || authorities.length > MOST_AUTHORITIES)
    throw new Refusal(
      `a trust list has 1 to ${MOST_AUTHORITIES} authorities, and these are ${authorities.length}`,
    );
  const texts = authorities.map((der) => Buffer.from(der).toString("base64url"));
  if (new Set(texts).size < texts.length) throw new Refusal("an authority is there twice");
  for (const der of authorities) checkAuthority(der, now);
  if (authorities.every((der) => whyWeak(der) !== undefined))
    throw new Refusal("none of these authorities is for servers: devices could reach no broker");
  const trust: TrustList = { v: 1, list, authorities: texts, iat: Math.floor(now / 1000) };
  // With a dot and 86 characters of signature.
  const length = signingInputOf(trust, TYP, "00000000").length + 87;
  if (length > LONGEST_TRUST_LIST)
    throw new Refusal(
      `the list has ${length} bytes, and a device reads ${LONGEST_TRUST_LIST}: authorities of P-256 are short, and fewer are shorter`,
    );
  return trust;
}

function checkAuthority(der: Uint8Array, now: number): void {
  const certificate = new X509Certificate(der);
  const name = certificate.subject.replaceAll("\n", ", ");
  if (!certificate.ca) throw new Refusal(`"${name}" is no authority`);
  const fault = whyWeak(der);
  // The devices' next authority stands in the list as well, so that devices know it; it is for clients alone.
  if (fault && fault !== NOT_FOR_SERVERS)
    throw new Refusal(`devices could do nothing with the authority "${name}": it ${fault}`);
  if (Date.parse(certificate.validTo) < now + MONTH_MS)
    throw new Refusal(`the authority "${name}" expires within a month`);
}

export const signTrustList = (trust: TrustList, pkcs8: Uint8Array): string => signJws(trust, TYP, pkcs8);

/** @throws Refusal saying what is wrong */
export function readTrustList(jws: string, points: readonly Uint8Array[], where: string): TrustList {
  const { payload } = readJws(jws, { typ: TYP, what: "a trust list", points, where });
  return payload as unknown as TrustList;
}

export interface TrustOptions {
  /** Files of certificates, PEM or DER. */
  readonly authorities: readonly string[];
  /** Its number; or that of `previous` and one more. */
  readonly list: number | undefined;
  /** The list that the fleet has: what follows it must share an authority with it. */
  readonly previous: string | undefined;
  /** The build's manifest, which names the keys that devices trust. */
  readonly manifest: string;
  readonly out: string;
  /** Unix milliseconds. */
  readonly now: number;
}

/** A trust list, as a file. */
export async function makeTrustList(options: TrustOptions, signer: Signer, output: Output): Promise<void> {
  const target = "prepare" in signer ? signer.prepare : options.out;
  if (await exists(target)) throw new Refusal(`${target} is there already, and nothing is overwritten`);
  const authorities = (await Promise.all(options.authorities.map(readCertificateFile))).flat();
  const trust = createTrustList(authorities, await numberOf(options, authorities), options.now);
  const text = await signWith(signer, options.manifest, {
    input: (kid) => signingInputOf(trust, TYP, kid),
    sign: (key) => signTrustList(trust, key),
  });
  await writeNew(target, text);
  output.print(`List       ${trust.list}, of ${authorities.length}`);
  for (const der of authorities) {
    const { subject, validTo } = new X509Certificate(der);
    output.print(`             ${subject.replaceAll("\n", ", ")}, until ${validTo}`);
  }
  output.print(
    "prepare" in signer ? toSign(signer, options.out) : `Signed     ${target}, ${text.length} bytes`,
  );
}

/** @throws Refusal where the list before has no authority in common: between the two a device would know nobody */
async function numberOf(options: TrustOptions, authorities: readonly Uint8Array[]): Promise<number> {
  const { list, previous, manifest } = options;
  if (previous === undefined) {
    if (list === undefined) throw new Refusal("which number has it: --list N, or --previous FILE");
    return list;
  }
  const before = readTrustList(await readText(previous), await readTrustedKeys(manifest), previous);
  const now = authorities.map((der) => Buffer.from(der).toString("base64url"));
  if (!before.authorities.some((each) => now.includes(each)))
    throw new Refusal(
      `${previous} has none of these authorities: let old and new stand side by side until the broker shows the new one and every device has the list`,
    );
  if (list !== undefined && list <= before.list)
    throw new Refusal(`--list ${list} is not above ${before.list}, which is that of ${previous}`);
  return list ?? before.list + 1;
}
