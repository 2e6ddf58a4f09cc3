import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, X509Certificate } from "node:crypto";
import type { CredentialTools } from "../../modules/credentials/credential-tools";
import { judgeCredential, subjectOf } from "../../tools/x509/credential";

const ECDSA_SHA256 = Buffer.from("300a06082a8648ce3d040302", "hex");
const NO_ATTRIBUTES = Buffer.from("a000", "hex");
const VERSION = Buffer.from("020100", "hex");
const SEQUENCE = 0x30;
const BIT_STRING = 0x03;

/** The board's own key and certificate by Node's crypto. `now`: the board's wall clock, Unix milliseconds. */
export function nodeCredentials(now: () => number): CredentialTools {
  return {
    newKey: () =>
      new Uint8Array(
        generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
          format: "der",
          type: "pkcs8",
        }),
      ),
    requestFor(key, certificate) {
      try {
        return new Uint8Array(request(key, certificate));
      } catch {
        return undefined;
      }
    },
    judge: (candidate, present, dated) => judgeCredential(candidate, present, dated ? now() : undefined),
    validity(certificate) {
      try {
        const { validFrom, validTo } = new X509Certificate(certificate);
        return { fromMs: Date.parse(validFrom), untilMs: Date.parse(validTo) };
      } catch {
        return undefined;
      }
    },
  };
}

/** @throws Error for what is no key or no certificate */
function request(key: Uint8Array, certificate: Uint8Array): Buffer {
  const privateKey = createPrivateKey({ key: Buffer.from(key), format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  const info = der(SEQUENCE, VERSION, subjectOf(certificate), publicKey, NO_ATTRIBUTES);
  const signature = sign("sha256", info, privateKey);
  return der(SEQUENCE, info, ECDSA_SHA256, der(BIT_STRING, Buffer.of(0), signature));
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const header =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), content]);
}
