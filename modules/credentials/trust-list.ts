import { parseJsonObject } from "../base/json";
import { areCertificates } from "../identity/fields";
import type { SignatureCheck } from "../signed/crypto";
import { type JwsFault, verifyJws } from "../signed/jws";
import type { Authorities } from "./credential-fields";
import { decodeCertificates } from "./renewal-answer";

/** Why a trust list is not tried. */
export type TrustFault =
  | JwsFault
  /** A later version of trust lists. */
  | "list-version"
  /** Not JSON, a member is absent, or not of its form. */
  | "bad-list"
  /** Below the list that is in force: an old one, told again. */
  | "not-newer";

export interface TrustList extends Authorities {
  /** When it was signed, Unix seconds. */
  readonly iat: number;
}

export interface TrustJudge {
  /** Whose lists are taken: those who sign updates. */
  readonly keys: readonly string[];
  readonly signatures: SignatureCheck;
  /** Number of the list in force; 0: none. */
  readonly list: number;
}

/** What is signed as a trust list, and nothing else that the same key may sign. */
export const TRUST_TYPE = "aerolink-trust+jwt";
export const LONGEST_LIST = 4_096;
const LIMITS = Object.freeze({ mostBytes: LONGEST_LIST, mostDepth: 2, mostParts: 16 } as const, true);
const UINT32 = 0xffff_ffff;

/** What `identity/trust` says. `undefined`: it is in force already. Members that it does not know are passed over. */
export function judgeTrustList(
  payload: Uint8Array,
  { keys, signatures, list: current }: TrustJudge,
): TrustList | { readonly fault: TrustFault } | undefined {
  const signed = verifyJws(payload, { typ: TRUST_TYPE, keys, signatures, mostBytes: LONGEST_LIST });
  if ("fault" in signed) return signed;
  const json = parseJsonObject(signed.payload, LIMITS);
  if (typeof json === "string") return { fault: "bad-list" };
  const { v, list, iat, authorities } = json;
  if (v !== 1) return { fault: Number.isInteger(v) ? "list-version" : "bad-list" };
  const certificateAuthorities = decodeCertificates(authorities);
  if (!isCount(list) || !isCount(iat) || !certificateAuthorities || !areCertificates(certificateAuthorities))
    return { fault: "bad-list" };
  if (list === current) return undefined;
  return list < current ? { fault: "not-newer" } : { list, iat, certificateAuthorities };
}

const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) > 0 && (value as number) <= UINT32;
