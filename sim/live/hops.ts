import { LINK_FAILURE_WORDS, TLS_FAILURE_WORDS } from "../../modules/network/link-failure";
import type { JoinFailureReason } from "../../wifi/join-failure";
import type { BoardFault, BoardState } from "../world/board-state";
import { NO_HOPS } from "./no-hops";
import type { Hop, HopName, Hops } from "./protocol";

const IDLE: Hop = { state: "idle" };
const GOOD: Hop = { state: "good" };
const TRYING: Hop = { state: "trying" };

/** What a join failure means to a person. A sign-in page stands behind the router, the rest is at it. */
const JOIN_WORDS = {
  "not-found": "No network of this name is in reach on 2.4 GHz: switched off, too far, or 5 GHz only.",
  "wrong-password": "The saved password is not the router's.",
  rejected: "The router refuses this device: a MAC filter, or it is full.",
  "unsupported-security": "The network's security is not supported, WPA2-Enterprise for one.",
  "no-address": "Joined, but the router hands out no IPv4 address.",
  "captive-portal": LINK_FAILURE_WORDS["captive-portal"].says,
  timeout: "The router stopped answering.",
  unknown: "The router gave a reason that does not tell.",
} as const satisfies Record<JoinFailureReason, string>;

/** Where each failure of an attempt to reach the cloud is lit; what is not listed is the broker's. */
const HOP_OF_FAILURE: { readonly [reason: string]: HopName } = {
  "captive-portal": "internet",
  "no-internet": "internet",
  "dns-blocked": "dns",
  "name-not-found": "dns",
  "no-server": "dns",
  "no-answer": "dns",
  "server-failure": "dns",
  "no-such-name": "dns",
  "time-disputed": "sntp",
};

/** Only a network that leads somewhere brings these about. */
const PROVES_INTERNET: readonly string[] = ["firewall-8883", "broker-down", "cloud-tls", "unknown-ca"];

/** The way to the broker as the firmware knows it. Pure. */
export function hopsOf(state: BoardState): Hops {
  const device = { ...NO_HOPS, device: GOOD };
  if (state.status === undefined) return device;
  return state.joined ? behindRouter({ ...device, router: GOOD }, state) : atRouter(device, state);
}

function atRouter(hops: Hops, { status, join }: BoardState): Hops {
  if (status === "setup") return hops;
  if (!join) return { ...hops, router: status === "offline" ? joinFailed({ reason: "not-found" }) : TRYING };
  // The network was joined, and left for what lies behind it.
  if (join.reason === "captive-portal") return { ...hops, router: GOOD, internet: joinFailed(join) };
  return { ...hops, router: joinFailed(join) };
}

function joinFailed({ reason }: BoardFault): Hop {
  return bad("failed", reason, JOIN_WORDS[reason as JoinFailureReason]);
}

function behindRouter(hops: Hops, state: BoardState): Hops {
  const { link, fault, time, clock, heard } = state;
  const sntp = time ? timeMissing(time) : clock === "synced" ? GOOD : TRYING;
  if (link === "up") return { ...hops, internet: GOOD, dns: GOOD, sntp, broker: GOOD };
  const internet = heard ? GOOD : TRYING;
  if (!fault) {
    if (link === "stopped" || link === "waiting-for-time")
      return { ...hops, internet, dns: heard ? GOOD : IDLE, sntp };
    const isAsking = link === "resolving";
    return { ...hops, internet, dns: isAsking ? TRYING : GOOD, sntp, broker: isAsking ? IDLE : TRYING };
  }
  const failed = bad("failed", fault.reason, wordsOf(fault));
  switch (HOP_OF_FAILURE[fault.reason] ?? "broker") {
    case "internet":
      return { ...hops, internet: failed };
    case "dns":
      return { ...hops, internet, dns: failed };
    case "sntp":
      return { ...hops, internet, dns: GOOD, sntp: failed };
    default: {
      // A refusal of the broker itself comes over the internet too.
      const isProven = PROVES_INTERNET.includes(fault.reason) || fault.reason.startsWith("refused-");
      return { ...hops, internet: isProven ? GOOD : internet, dns: GOOD, sntp, broker: failed };
    }
  }
}

function timeMissing({ reason }: BoardFault): Hop {
  return bad(
    "warning",
    reason,
    LINK_FAILURE_WORDS[reason === "time-disputed" ? reason : "sntp-blocked"].says,
  );
}

function wordsOf({ reason, detail }: BoardFault): string | undefined {
  const tls: Record<string, { says: string }> = TLS_FAILURE_WORDS;
  if (reason === "cloud-tls") return tls[detail ?? ""]?.says ?? LINK_FAILURE_WORDS["cloud-tls"].says;
  const link: Record<string, { says: string }> = LINK_FAILURE_WORDS;
  return link[reason]?.says;
}

function bad(state: Hop["state"], reason: string, says?: string): Hop {
  return says === undefined ? { state, reason } : { state, reason, says };
}
