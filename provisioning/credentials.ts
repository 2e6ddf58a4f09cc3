import { utf8Length } from "../modules/base/utf8";
import { isPrintableAscii, isSsid, isWepKey, isWpaPassword, MOST_SSID_BYTES } from "../wifi/credential-rules";
import type { Network } from "../wifi/network";

/** Fields of the portal's form, or of its JSON body, as they came. */
export interface CredentialsInput {
  readonly ssid?: unknown;
  /** Absent or empty: an open network. */
  readonly password?: unknown;
  /** Checkboxes: true or "on"; false, absent or empty. */
  readonly hidden?: unknown;
  /** The person read the warning and chose to accept WEP or WPA-TKIP. */
  readonly allowLegacySecurity?: unknown;
}

/** What is wrong with what a person typed: the first fault in this order. */
export type CredentialsFault =
  /** A field of another type than a form can send. */
  | "malformed"
  | "ssid-missing"
  /** More than 32 bytes of UTF-8. */
  | "ssid-too-long"
  /** Not well-formed text, or with a NUL. */
  | "ssid-malformed"
  /** Not printable ASCII. */
  | "password-characters"
  /** A WEP key of five characters, without the choice of legacy security. */
  | "password-wep-only"
  /** Fewer than 8 characters. */
  | "password-too-short"
  /** More than 63 characters, and not 64 hex digits. */
  | "password-too-long";

export type ParsedCredentials = { readonly network: Network } | { readonly fault: CredentialsFault };

/** A network to join from a person's input. Nothing is trimmed: spaces count in SSIDs and passwords. */
export function parseCredentials(input: CredentialsInput): ParsedCredentials {
  const { ssid = "", password = "" } = input;
  const hidden = parseCheckbox(input.hidden);
  const legacy = parseCheckbox(input.allowLegacySecurity);
  if (typeof ssid !== "string" || typeof password !== "string") return { fault: "malformed" };
  if (hidden === undefined || legacy === undefined) return { fault: "malformed" };
  const fault = ssidFault(ssid) ?? (password === "" ? undefined : passwordFault(password, legacy));
  if (fault) return { fault };
  return {
    network: {
      ssid,
      ...(password !== "" && { password }),
      ...(hidden && { hidden }),
      ...(legacy && { allowLegacySecurity: true }),
    },
  };
}

function ssidFault(ssid: string): CredentialsFault | undefined {
  if (ssid === "") return "ssid-missing";
  if (isSsid(ssid)) return undefined;
  if (ssid.length > MOST_SSID_BYTES) return "ssid-too-long";
  return utf8Length(ssid) === undefined ? "ssid-malformed" : "ssid-too-long";
}

function passwordFault(password: string, legacy: boolean): CredentialsFault | undefined {
  if (isWpaPassword(password) || (legacy && isWepKey(password))) return undefined;
  if (password.length > 63) return "password-too-long";
  if (!isPrintableAscii(password)) return "password-characters";
  return isWepKey(password) ? "password-wep-only" : "password-too-short";
}

function parseCheckbox(input: unknown): boolean | undefined {
  if (input === undefined || input === false || input === "") return false;
  return input === true || input === "on" ? true : undefined;
}
