import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { DerReader, oidOf, readInteger, readOctets, TAG, Unreadable } from "../x509/der";

/** What a certificate request (PKCS#10, RFC 2986) asks for. */
export interface RequestFacts {
  readonly commonName: string;
  /** SPKI DER of a key of P-256; whoever asks has its private half. */
  readonly publicKey: Uint8Array;
  /** SHA-256 of it, hex. */
  readonly keyId: string;
}

/**
 * `key`: of another kind, or whoever asks cannot sign with it. `name`: it names nobody, or more than one. `refused`: it
 * cannot be read.
 */
export type RequestFault = "key" | "name" | "refused";

const COMMON_NAME = "550403";
const ECDSA_WITH_SHA256 = "2a8648ce3d040302";
/** UTF8String, PrintableString, IA5String. */
const STRINGS: readonly number[] = [0x0c, 0x13, 0x16];

/** The one reader of requests. What else they ask for (attributes) is not looked at: what is signed decides the policy. */
export function readRequest(der: Uint8Array): RequestFacts | RequestFault {
  try {
    return parse(der);
  } catch (error) {
    if (error instanceof Unreadable) return "refused";
    throw error;
  }
}

export const keyIdOf = (spki: Uint8Array): string => createHash("sha256").update(spki).digest("hex");

function parse(der: Uint8Array): RequestFacts | RequestFault {
  const file = new DerReader(der);
  const outer = file.enter(TAG.sequence);
  file.end();
  const info = outer.take(TAG.sequence);
  const algorithm = oidOf(outer.enter(TAG.sequence).take(TAG.oid));
  const signature = readOctets(outer.take(TAG.bitString));
  outer.end();
  const body = new DerReader(info.content);
  if (readInteger(body.take(TAG.integer)) !== 0) throw new Unreadable();
  const names = readCommonNames(body.enter(TAG.sequence));
  const publicKey = body.take(TAG.sequence).whole;
  body.takeIf(0xa0);
  body.end();
  const key = p256Of(publicKey);
  if (!key || algorithm !== ECDSA_WITH_SHA256) return "key";
  // RFC 2986, 4.2: the signature shows that whoever asks has the private key.
  if (!verify("sha256", info.whole, { key, dsaEncoding: "der" }, signature)) return "key";
  const [commonName, ...more] = names;
  if (commonName === undefined || more.length > 0) return "name";
  return { commonName, publicKey: new Uint8Array(publicKey), keyId: keyIdOf(publicKey) };
}

function readCommonNames(sets: DerReader): string[] {
  const names: string[] = [];
  while (!sets.isAtEnd) {
    const attributes = sets.enter(TAG.set);
    while (!attributes.isAtEnd) {
      const attribute = attributes.enter(TAG.sequence);
      const type = oidOf(attribute.take(TAG.oid));
      const { tag, content } = attribute.take();
      attribute.end();
      if (type !== COMMON_NAME) continue;
      if (!STRINGS.includes(tag)) throw new Unreadable();
      names.push(content.toString("utf8"));
    }
  }
  return names;
}

function p256Of(spki: Uint8Array): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
    const exported = key.export({ format: "der", type: "spki" });
    // One key, one id: another encoding of the same point is refused.
    const isOwn = key.asymmetricKeyDetails?.namedCurve === "prime256v1" && exported.equals(spki);
    return isOwn ? key : undefined;
  } catch {
    return undefined;
  }
}
