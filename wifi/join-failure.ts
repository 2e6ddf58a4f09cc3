import type { Security } from "./radio";
import { isReasonNumber, type ReasonNumber } from "./reason-codes";

/** Why a network was not joined, as a person can act on it. The closed set of diagnosis. */
export type JoinFailureReason =
  /** No access point of this name in reach on 2.4 GHz: switched off, too far, or 5 GHz only. */
  | "not-found"
  /** The password is not this network's (any more), or the network has none, or needs one. */
  | "wrong-password"
  /** The access point refuses this device: MAC filter, or full. */
  | "rejected"
  /** Enterprise (802.1X), or WEP or WPA without a person's choice, or ciphers that the chip lacks. */
  | "unsupported-security"
  /** Joined, but no address came within the time limit: DHCP silent or exhausted, or IPv6 only. */
  | "no-address"
  /** Joined, but behind a sign-in page. */
  | "captive-portal"
  /** The access point stopped answering: too weak a signal, or a filter that is silent. */
  | "timeout"
  /** None of these for certain: shown with its number. */
  | "unknown";

/** What is known when an attempt ends. */
export interface JoinEvidence {
  /** How far it got: ESP-IDF reports "associated" after authentication and the four-way handshake. */
  readonly phase: "associating" | "addressing";
  /** ESP-IDF's number; absent: our time limit ended the attempt. */
  readonly number?: number;
  /** From the scan of this round; absent: not seen in one. */
  readonly security?: Security;
  readonly hasPassword: boolean;
}

/** Pure. Same number, other meaning: with the phase, and with the security that the scan showed. */
export function diagnoseJoin(evidence: JoinEvidence): JoinFailureReason {
  const { phase, number } = evidence;
  if (number === undefined) return phase === "addressing" ? "no-address" : "timeout";
  if (!isReasonNumber(number)) return "unknown";
  const meaning: Meaning = MEANINGS[number];
  const reason = typeof meaning === "function" ? meaning(evidence) : meaning;
  // Once associated the password was right and the security supported: then these numbers tell something else.
  const settled = reason === "wrong-password" || reason === "unsupported-security" || reason === "not-found";
  return phase === "addressing" && settled ? "unknown" : reason;
}

type Meaning = JoinFailureReason | ((evidence: JoinEvidence) => JoinFailureReason);

/**
 * Handshake failures. With a password they mean a wrong one: ESP-IDF 6.0 docs, "Wi-Fi Reason Code related to wrong
 * password" (15, 204); arduino-esp32 #5698, WiFiManager #1714; ESP-IDF 5.4's wifi_provisioning/src/manager.c counts
 * 14, 15, 202 and 204 as authentication errors. (204 can also come from a weak signal: hence RSSI beside it.)
 */
const handshake = (evidence: JoinEvidence): JoinFailureReason =>
  evidence.hasPassword ? "wrong-password" : "unknown";

/**
 * 202, authentication refused. WPA2 and open networks authenticate before any password is used, so there the access
 * point refused the device: hostapd answers a MAC filter so (ieee802_11.c, HOSTAPD_ACL_REJECT). WPA3 and shared-key
 * WEP use the password in authentication (hostapd: WLAN_STATUS_CHALLENGE_FAIL on a bad SAE confirm).
 */
const authentication = ({ security, hasPassword }: JoinEvidence): JoinFailureReason => {
  switch (security) {
    case "open":
    case "owe":
    case "wpa":
    case "wpa2":
    case "wpa-wpa2":
      return "rejected";
    case "wep":
    case "wpa3":
    case "wpa2-wpa3":
      return hasPassword ? "wrong-password" : "unknown";
    case "enterprise":
      return "unsupported-security";
    default:
      return "unknown";
  }
};

/**
 * 210 and 211, an access point was found but its security does not fit ours (ESP-IDF 6.0 docs list the cases). An
 * open network for which a password is saved, or the reverse: the password does not fit. The rest: not supported.
 */
const security = ({ security, hasPassword }: JoinEvidence): JoinFailureReason => {
  if (security === "open") return hasPassword ? "wrong-password" : "unknown";
  const personal =
    security === "wpa2" || security === "wpa-wpa2" || security === "wpa3" || security === "wpa2-wpa3";
  return personal && !hasPassword ? "wrong-password" : "unsupported-security";
};

/**
 * 201. Before ESP-IDF 5.2 a password for an open network, or none for a protected one, came as this too (docs, table
 * on wrong passwords): when the scan of this round saw the network, that is what it means.
 */
const notFound = ({ security, hasPassword }: JoinEvidence): JoinFailureReason => {
  if (security === "enterprise") return "unsupported-security";
  if (security === undefined || security === "unknown" || security === "owe") return "not-found";
  return (security === "open") === hasPassword ? "wrong-password" : "not-found";
};

/** Every number of ESP-IDF. What a number does not say for certain stays unknown. */
const MEANINGS = Object.freeze(
  {
    1: "unknown", // internal failure, or "unspecified" from the access point
    2: "timeout", // authentication timed out, also when the access point ignores us: esp-idf #3246, #4698, pull 3266
    3: "unknown", // the access point ends its network, or just us
    4: "timeout", // association timed out (docs, s3.2)
    5: "rejected", // the access point is full
    6: "unknown", // 6, 7, 9: the access point has forgotten an earlier association
    7: "unknown",
    8: "unknown", // we left, or the access point says so
    9: "unknown",
    10: "rejected", // 10, 11: our power or channels are not acceptable to it
    11: "rejected",
    12: "rejected", // it wants us on another access point
    13: "unknown",
    14: handshake,
    15: handshake,
    16: "unknown",
    17: "unknown", // elements differ; some access points send status 17, "full", the same way
    18: "unsupported-security", // 18–22, 24, 29: cipher, key management or RSN element refused
    19: "unsupported-security",
    20: "unsupported-security",
    21: "unsupported-security",
    22: "unsupported-security",
    23: "unsupported-security", // 802.1X: enterprise
    24: "unsupported-security",
    25: "unknown", // 25–28: direct links and subscriptions, not meant for us
    26: "unknown",
    27: "unknown",
    28: "unknown",
    29: "unsupported-security",
    30: "rejected", // not authorised in this location
    31: "unknown",
    32: "unknown",
    33: "rejected", // no bandwidth left
    34: "timeout", // too many frames unacknowledged: poor channel (esp-idf #3349)
    35: "unknown",
    36: "unknown",
    37: "unknown",
    38: "unknown",
    39: "timeout",
    46: "rejected", // authorised access limit reached (docs)
    47: "unknown",
    48: "unknown", // 48–51: fast transition and key caching, which we do not use
    49: "unknown",
    50: "unknown",
    51: "unknown",
    67: "unknown",
    68: "unknown",
    200: "timeout", // beacons lost
    201: notFound,
    202: authentication,
    203: "rejected", // association refused, and not by a time limit (docs): MAC filters of many routers
    204: handshake,
    205: "unknown", // says only that it failed; follows other failures (arduino-esp32 #8692)
    206: "unknown",
    207: "unknown", // roaming: no failure
    208: "rejected", // asked to come back much later
    209: "timeout", // no answer to an SA query
    210: security,
    211: security,
    212: "not-found", // too weak
  } as const satisfies Record<ReasonNumber, Meaning>,
  true,
);
