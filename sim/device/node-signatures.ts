import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import type { SignatureCheck } from "../../modules/signed/crypto";

/** A SubjectPublicKeyInfo of P-256 up to its point (RFC 5480, 2.1.1.1). */
const P256_PREFIX = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex");

const POINT_BYTES = 65;
/** SEC 1, 2.3.3; OpenSSL takes hybrid points too, and passes over what follows one. */
const UNCOMPRESSED = 4;

/** The board's cryptography by Node's. */
export const nodeSignatures: SignatureCheck = {
  sha256() {
    const hash = createHash("sha256");
    return {
      update: (bytes) => {
        hash.update(bytes);
      },
      digest: () => new Uint8Array(hash.digest()),
    };
  },
  verifyEs256(point, message, signature) {
    const key = publicKey(point);
    return key !== undefined && verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
  },
};

/** `undefined`: no point of the curve, or not written as RFC 7518 has it. */
function publicKey(point: Uint8Array): KeyObject | undefined {
  if (point.length !== POINT_BYTES || point[0] !== UNCOMPRESSED) return undefined;
  try {
    return createPublicKey({ key: Buffer.concat([P256_PREFIX, point]), format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}
