import { isObject } from "../../modules/base/json";

// What device and cloud say to each other of renewals (docs/protocol.md, "Identity").

/** Why a request is not signed. The closed set that devices know. */
export const REFUSALS = {
  "unknown-device": "no device of this name was ever given a certificate",
  busy: "another request of this device is being signed, or too many are waiting",
  rate: "it has had as many certificates as it gets in a day",
  name: "the request names somebody else",
  key: "the key is not of P-256, is not signed with itself, or has had a certificate before",
  refused: "it is revoked, the request cannot be read, or its authority does not sign it",
} as const;
export type RefusalReason = keyof typeof REFUSALS;

export interface RenewalRequest {
  readonly id: string;
  /** PKCS#10 DER. */
  readonly csr: Uint8Array;
}

/** What becomes of a request. */
export type RenewalAnswer =
  /** The leaf first; DER. */
  | { readonly certificates: readonly Uint8Array[] }
  | {
      readonly error: RefusalReason;
      /** The device does not come back before. */
      readonly retryAfterSeconds?: number;
    };

/** Bytes of a message on `identity/request`, and on `identity/renew`: devices read no longer ones. */
export const LONGEST_REQUEST = 2_048;
export const LONGEST_ANSWER = 4_096;

/** A payload of `identity/request`; `undefined`: it is none, and there is no id to answer to. */
export function parseRequest(payload: Uint8Array): RenewalRequest | undefined {
  if (payload.length > LONGEST_REQUEST) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(payload).toString("utf8"));
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { id, csr } = value;
  if (typeof id !== "string" || !/^[0-9a-f]{8}$/.test(id)) return undefined;
  if (typeof csr !== "string" || !/^[A-Za-z0-9_-]+$/.test(csr)) return undefined;
  return { id, csr: new Uint8Array(Buffer.from(csr, "base64url")) };
}

/** A payload of `identity/renew`. */
export function formatAnswer(id: string, answer: RenewalAnswer): string {
  if ("certificates" in answer)
    return JSON.stringify({
      id,
      certificates: answer.certificates.map((der) => Buffer.from(der).toString("base64url")),
    });
  const { error, retryAfterSeconds } = answer;
  return JSON.stringify({
    id,
    error,
    ...(retryAfterSeconds !== undefined && { retryAfter: retryAfterSeconds }),
  });
}

/** Whether a device would read the answer that carries this chain. */
export const fitsAnswer = (certificates: readonly Uint8Array[]): boolean =>
  formatAnswer("00000000", { certificates }).length <= LONGEST_ANSWER;
