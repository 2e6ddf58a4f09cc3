import type { SignatureCheck } from "../crypto";
import { Sha256, verifyEs256 } from "./verify";

/** The board's cryptography by mbedTLS. */
export const NATIVE_SIGNATURES: SignatureCheck = Object.freeze(
  {
    sha256: () => new Sha256(),
    verifyEs256,
  },
  true,
);
