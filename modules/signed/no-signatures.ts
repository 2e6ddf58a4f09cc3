import type { SignatureCheck } from "./crypto";

/** Of a board whose cryptography cannot be asked: nothing that is signed is believed. */
export const NO_SIGNATURES: SignatureCheck = Object.freeze(
  {
    sha256() {
      throw new Error("no SHA-256 on this board");
    },
    verifyEs256: () => false,
  },
  true,
);
