import type { BrokerKey } from "../modules/configuration/broker-profile";
import type { SettingRefusal } from "../modules/configuration/settings-codec";
import type { Diagnostics } from "../modules/diagnostics/diagnostics";
import type { Failure } from "../modules/diagnostics/failure-counts";
import { LINK_FAILURE_WORDS, TLS_FAILURE_WORDS } from "../modules/network/link-failure";
import type { JoinFailureReason } from "../wifi/join-failure";
import type { AttemptStage } from "./attempt";
import type { CredentialsFault } from "./credentials";
import type { Unsupported } from "./network-list";

// Everything that the setup page says. Plain text: whoever puts it into HTML escapes it.

export interface Words {
  /** What is the matter. */
  readonly says: string;
  /** What a person can do about it. */
  readonly advice: string;
}

export const STRINGS = Object.freeze(
  {
    title: "Set up your air-quality monitor",
    noIdentity: "This device has no identity",
    noIdentityAdvice:
      "It can join a network, but not reach its cloud. Its own Wi-Fi is open: others nearby can read what you type here. Ask whoever you have the device from.",
    chooseNetwork: "Choose a Wi-Fi network",
    noNetworks: "No network found. Move the device nearer to the router, and check that it offers 2.4 GHz.",
    searching: "Searching for networks…",
    more: "Weaker, not shown:",
    otherNetwork: "Other network (hidden name)",
    otherName: "Network name",
    otherHint:
      "Exactly as the router has it: capital letters count. No password? Leave the next field empty.",
    password: "Wi-Fi password",
    showPassword: "Show password",
    connect: "Connect",
    searchAgain: "Search again",
    lossHint: "Your phone may lose this device's Wi-Fi for some seconds.",
    weakTitle: "This network is not secure",
    weakAdvice:
      "Without encryption, or with WEP or the first WPA, others nearby can read or disturb the Wi-Fi traffic. The connection to the cloud stays encrypted.",
    weakAccept: "I know, and want to use it",
    fiveGhz: "The device uses 2.4 GHz only: networks on 5 GHz do not appear here.",
    secured: "needs a password",
    notSecured: "no password: not secure",
    weakSecurity: "weak encryption",
    signal: "signal",
    ofFour: "of 4",
    saved: "Saved networks",
    savedHint: "Of those with a good signal the device joins the upper one. Passwords are never shown.",
    moveUp: "Move up",
    forget: "Forget",
    finish: "Close setup",
    finishHint: "The device goes back to its saved networks.",
    about: "About this device",
    mac: "MAC address",
    copy: "Copy",
    copied: "Copied",
    deviceId: "Device ID",
    firmware: "Firmware",
    forgetTime: "Forget the time",
    forgetTimeHint:
      "Only if the cloud's certificate is refused as expired although it is valid: the device then believes time servers as if it were new.",
    lastProblem: "Last problem",
    progress: "Progress",
    network: "Network",
    stepWifi: "Wi-Fi",
    stepCloud: "Cloud",
    "mark-done": ": connected",
    "mark-now": ": connecting…",
    "mark-failed": ": failed",
    "mark-": "",
    back: "Choose a network",
    another: "Choose another network",
    again: "Try again",
    reload: "Then join it again, and this page goes on.",
    lost: "Your phone has lost the device",
    lostAdvice:
      "For some seconds that is normal. Solid blue light means success. If it pulses yellow, join this Wi-Fi again:",
    unsaved:
      "The network could not be stored: the device forgets it when it restarts. Try again; if it stays so, the device needs repair.",
    unknownAttempt: "This attempt is over",
    unknownAttemptAdvice: "The device was restarted, or another attempt has begun.",
    refused: "Request refused",
    refusedAdvice: "Open the setup page again and repeat what you did there.",
    whatToDo: "What to do:",
    unknownCloudFailure: "The cloud's service did not answer as it should.",
    unknownCloudAdvice: "Wait some minutes: the device goes on trying. If it stays so, tell support",
    forSupport: "For support",
    listFull: "Four networks are saved already, and there is room for four. Forget one first.",
    passwordMissing: "This network needs its password.",
    passwordUnwanted:
      "You typed a password, but this network has none. Choose the one with a password, or connect once more.",
    passwordSpaces: "What you typed begins or ends with a space.",
    meant: "Did you mean",
    meantUse: "Yes, use that name",
    weakNotAccepted: "This network is not secure. Tick the box to use it all the same.",
    broker: "The cloud's broker",
    brokerHint:
      "For whoever runs the cloud. A change is tried as a whole, and taken back when the broker does not take the device within five minutes on a network.",
    brokerPasswordHint: "An empty password leaves the one of this host and user as it is. It is never shown.",
    brokerSave: "Try",
    brokerTrying: "These values are on trial.",
    brokerFailed: "The last change was taken back.",
    brokerStorage: "The values could not be stored. Try again.",
    support: "Report for support",
    supportHint: "Send this to whoever helps you. It has no password, and names no network.",
    supportSave: "Save as a file",
    supportCopy: "Where your phone saves no file, copy this:",
    noProblems: "None since the start.",
    closed: "Setup is closed",
    closedAdvice: "You can close this page.",
  } as const,
  true,
);

/** What a light says at the end of an attempt, and on the way. */
export const STAGE_WORDS = Object.freeze(
  {
    joining: { says: "Joining the network…", advice: "This takes up to half a minute." },
    looking: {
      says: "The device goes on trying for five minutes.",
      advice:
        "Switch on the phone's hotspot or the router now. You can leave this page: solid blue means success.",
    },
    connected: { says: "Wi-Fi is connected. Reaching the cloud…", advice: "The network is saved." },
    online: {
      says: "All done: the device is connected to its cloud.",
      advice:
        "In a few seconds the light turns solid blue and your phone goes back to its own Wi-Fi. You can close this page.",
    },
    // Its JoinFailure says it.
    "join-failed": { says: "", advice: "" },
    "cloud-failed": {
      says: "Wi-Fi is connected, but the cloud is not reached.",
      advice: "The network is saved and the device goes on trying, its light pulsing blue.",
    },
  } as const satisfies Record<AttemptStage, Words>,
  true,
);

export const JOIN_FAILURE_WORDS = Object.freeze(
  {
    "not-found": {
      says: "The network was not found.",
      advice:
        "Check that the router is on, near enough and offers 2.4 GHz. Check the name if you typed it: capital letters count.",
    },
    "wrong-password": {
      says: "The password is not right.",
      advice: "Type it again with “Show password” ticked. Capital letters and spaces count.",
    },
    rejected: {
      says: "The router refuses this device.",
      advice:
        "It may admit only devices that it knows (MAC filter), or be full. Ask whoever runs the network to admit this device's MAC address:",
    },
    "unsupported-security": {
      says: "The network uses a kind of security that the device does not support.",
      advice:
        "Networks with user names (WPA-Enterprise) are not supported. Use another network, or set the router to WPA2-Personal.",
    },
    "no-address": {
      says: "The network was joined, but it gives the device no address.",
      advice:
        "Restart the router, and check that it hands out IPv4 addresses (DHCP). IPv6 alone is not enough.",
    },
    "captive-portal": LINK_FAILURE_WORDS["captive-portal"],
    timeout: {
      says: "The router stopped answering.",
      advice: "The signal may be too weak: move the device nearer to the router and try again.",
    },
    unknown: {
      says: "The network was not joined, for a reason that the radio does not tell more about.",
      advice: "Try again. If it stays so, restart the router.",
    },
  } as const satisfies Record<JoinFailureReason, Words>,
  true,
);

export const BROKER_LABELS = Object.freeze(
  {
    brokerHost: "Host",
    brokerPort: "Port",
    mqttVersion: "MQTT: 4 for 3.1.1, or 5",
    brokerAlpn: "ALPN, where the port asks for it",
    brokerUser: "User name; {id} is the device's ID",
    brokerPassword: "Password",
    topicPrefix: "Topics begin with",
    clientId: "Client ID",
  } as const satisfies Record<BrokerKey, string>,
  true,
);

export const REFUSAL_WORDS = Object.freeze(
  {
    "wrong-type": "not a whole number.",
    "out-of-range": "out of its range.",
    "too-long": "too long.",
    "unknown-key": "not known.",
    malformed: "empty, or with characters that cannot stand there.",
  } as const satisfies Record<SettingRefusal | "unknown-key", string>,
  true,
);

/** Of a broker that turns the device away. */
const NOT_ADMITTED: Words = Object.freeze({
  says: "The broker does not admit this device.",
  advice: "Check user name, password and client ID, and the device's rights at the broker.",
});

export const UNSUPPORTED_WORDS = Object.freeze(
  {
    enterprise: "needs a user name (WPA-Enterprise): not supported",
    owe: "Enhanced Open: not supported",
    "unknown-security": "unknown security: not supported",
    "ssid-not-text": "the name is not text (UTF-8): not supported",
  } as const satisfies Record<Unsupported, string>,
  true,
);

export const CREDENTIALS_FAULT_WORDS = Object.freeze(
  {
    malformed: "The form was not understood. Try again.",
    "ssid-missing": "Choose a network, or type the name of another.",
    "ssid-too-long": "The name of the network is too long: 32 bytes at most.",
    "ssid-malformed": "The name of the network has characters that cannot be sent.",
    "password-characters":
      "The password has characters that Wi-Fi does not allow: use letters, digits and signs of the English keyboard. Phones like to write ’ for '.",
    "password-wep-only":
      "A password of five characters fits only the old WEP encryption. Tick the box below to use it all the same.",
    "password-too-short": "The password is too short: a Wi-Fi password has at least 8 characters.",
    "password-too-long": "The password is too long: 63 characters at most, or 64 hex digits.",
  } as const satisfies Record<CredentialsFault, string>,
  true,
);

/** How the device is, a line each. */
export function stateWords(all: Diagnostics): string {
  const { clock, sensors, journal } = all;
  const { daysLeft } = all.certificate;
  return `Firmware: ${all.firmware} (${all.release}), ${all.board}
Running: ${span(clock.uptimeMs)}, start ${all.boot} (${all.reset})
Time: ${clock.quality === "none" ? "not known yet" : clock.quality}
Certificate: ${daysLeft === null ? "not known yet, or none" : `${daysLeft} days left`}
Sensors: ${sensors.model}, ${sensors.fault ?? "no fault"}
Readings: ${journal.pending} to be sent, ${journal.dropped} lost
Cloud: ${all.connects} connections since the start
Last crash: ${all.crash ?? "none"}`;
}

const span = (ms: number): string => `${Math.floor(ms / 3_600_000)} h ${Math.floor(ms / 60_000) % 60} min`;

/** A failure that was counted: when, what, and what that means. */
export function failureWords({ reason, detail, atMs }: Failure, uptimeMs: number): string {
  const words = Object.hasOwn(JOIN_FAILURE_WORDS, reason)
    ? JOIN_FAILURE_WORDS[reason as keyof typeof JOIN_FAILURE_WORDS]
    : cloudFailureWords(reason === "cloud-tls" ? (detail ?? reason) : reason);
  return `${span(uptimeMs - atMs)} ago: ${words.says} (${detail === undefined ? reason : `${reason}, ${detail}`})`;
}

/** The words for a reason of the cloud link; reasons without words of their own are named. */
export function cloudFailureWords(reason: string): Words {
  if (Object.hasOwn(LINK_FAILURE_WORDS, reason))
    return LINK_FAILURE_WORDS[reason as keyof typeof LINK_FAILURE_WORDS];
  if (Object.hasOwn(TLS_FAILURE_WORDS, reason))
    return TLS_FAILURE_WORDS[reason as keyof typeof TLS_FAILURE_WORDS];
  if (["refused-credentials", "refused-not-authorised", "refused-client-id"].includes(reason))
    return NOT_ADMITTED;
  return { says: STRINGS.unknownCloudFailure, advice: `${STRINGS.unknownCloudAdvice}: ${reason}` };
}
