import { isObject, parseJsonObject } from "../base/json";
import { MAX_CERTIFICATES } from "../identity/fields";
import { decodeBase64UrlText } from "../signed/base64url";

/** Why the service issues nothing, in its own words. */
export type ServiceRefusal = (typeof SERVICE_REFUSALS)[number];

const SERVICE_REFUSALS = Object.freeze([
  /** It knows no such device, or knows it no more. */
  "unknown-device",
  /** Another request of this device is under way, or there are too many of all. */
  "busy",
  /** This device has asked too often. */
  "rate",
  /** The request is not in the name of who sent it. */
  "name",
  /** Its key is of a kind that is not issued for, was used before, or did not sign it. */
  "key",
  /** For a reason of its own. */
  "refused",
] as const);

/** What `identity/renew` says. */
export type RenewalAnswer =
  | { readonly id: string; readonly certificates: readonly Uint8Array[] }
  | { readonly id: string; readonly error: ServiceRefusal; readonly retryAfterMs: number };

export const LONGEST_ANSWER = 4_096;
const LIMITS = Object.freeze({ mostBytes: LONGEST_ANSWER, mostDepth: 2, mostParts: 12 } as const, true);
const ID_DIGITS = 8;
/** Nobody makes the device wait for longer. */
const LONGEST_PAUSE_SECONDS = 7 * 86_400;

/** The one parser of answers. Never throws. Members that it does not know are passed over. */
export function parseRenewalAnswer(payload: Uint8Array): RenewalAnswer | "bad-answer" {
  const json = parseJsonObject(payload, LIMITS);
  if (!isObject(json)) return "bad-answer";
  const { id, certificates, error, retryAfter } = json;
  if (typeof id !== "string" || id.length !== ID_DIGITS) return "bad-answer";
  if (certificates === undefined) {
    if (!SERVICE_REFUSALS.includes(error as ServiceRefusal)) return "bad-answer";
    const seconds = Number.isFinite(retryAfter) && (retryAfter as number) > 0 ? (retryAfter as number) : 0;
    return {
      id,
      error: error as ServiceRefusal,
      retryAfterMs: Math.min(seconds, LONGEST_PAUSE_SECONDS) * 1000,
    };
  }
  const ders = error === undefined ? decodeCertificates(certificates) : undefined;
  return ders ? { id, certificates: ders } : "bad-answer";
}

/** A list of DER in base64url, one to {@link MAX_CERTIFICATES}; `undefined`: it is none. */
export function decodeCertificates(list: unknown): Uint8Array[] | undefined {
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_CERTIFICATES) return undefined;
  const ders: Uint8Array[] = [];
  for (const text of list) {
    const der = typeof text === "string" ? decodeBase64UrlText(text) : undefined;
    if (!der || der.length === 0) return undefined;
    ders.push(der);
  }
  return ders;
}
