import { LINK_FAILURE_WORDS, TLS_FAILURE_WORDS } from "../../modules/network/link-failure";
import type { JoinFailureReason } from "../../wifi/join-failure";
import type { Hop, HopName, Hops } from "./protocol";

const IDLE: Hop = { state: "idle" };
const GOOD: Hop = { state: "good" };
const TRYING: Hop = { state: "trying" };

export const NO_HOPS: Hops = {
  device: IDLE,
  router: IDLE,
  internet: IDLE,
  dns: IDLE,
  sntp: IDLE,
  broker: IDLE,
};

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
  "sntp-blocked": "sntp",
  "time-disputed": "sntp",
};

/** The way to the broker after another line of the firmware's log. Pure; it knows only what the firmware says. */
export function afterLine(hops: Hops, room: string, text: string): Hops {
  if (room === "device" && / boot \d+ after /.test(text)) return { ...NO_HOPS, device: GOOD };
  if (room === "monitor") return afterStatus(hops, text);
  if (room === "wifi") return afterWifi(hops, text);
  if (room === "clock" && text.startsWith("clock set by"))
    return { ...hops, internet: GOOD, dns: GOOD, sntp: GOOD };
  if (room === "device" && text.includes(": going on with ")) {
    const reason = text.slice(0, text.indexOf(":"));
    const words = LINK_FAILURE_WORDS[reason === "time-disputed" ? reason : "sntp-blocked"];
    return { ...hops, sntp: bad("warning", reason, words.says) };
  }
  if (room === "mqtt" && text.startsWith("connected"))
    return { ...hops, internet: GOOD, dns: GOOD, broker: GOOD };
  if (room === "cloud") return afterCloud(hops, text);
  return hops;
}

function afterStatus(hops: Hops, status: string): Hops {
  const { device } = hops;
  if (status === "setup") return { ...NO_HOPS, device };
  if (status === "joining") {
    // Setup mode ends on the connection that it has made.
    if (hops.router.state === "good" && hops.internet.state !== "failed") return hops;
    const router = hops.router.state === "failed" ? hops.router : TRYING;
    const internet = hops.internet.reason === "captive-portal" ? hops.internet : IDLE;
    return { ...NO_HOPS, device, router, internet };
  }
  if (status === "offline" && hops.router.state === "trying" && hops.internet.state !== "failed")
    return { ...hops, router: bad("failed", "not-found", JOIN_WORDS["not-found"]) };
  return hops;
}

function afterWifi(hops: Hops, text: string): Hops {
  const { device } = hops;
  if (/ joined on channel /.test(text)) {
    const internet = hops.internet.reason === "captive-portal" ? hops.internet : TRYING;
    return { ...NO_HOPS, device, router: GOOD, internet };
  }
  if (/^(association|address)-lost/.test(text)) return { ...NO_HOPS, device, router: TRYING };
  const reason = /^".*" ([a-z-]+)/.exec(text)?.[1];
  if (reason === undefined || !Object.hasOwn(JOIN_WORDS, reason)) return hops;
  const failed = bad("failed", reason, JOIN_WORDS[reason as JoinFailureReason]);
  if (reason === "captive-portal") return { ...NO_HOPS, device, router: GOOD, internet: failed };
  return { ...NO_HOPS, device, router: failed };
}

function afterCloud(hops: Hops, text: string): Hops {
  if (text.startsWith("connecting to")) {
    // An attempt is no proof: what failed stays lit until it works.
    const broker = hops.broker.state === "failed" ? hops.broker : TRYING;
    return { ...hops, dns: GOOD, broker };
  }
  const lost = /^connection to the broker lost: (.*)$/.exec(text);
  if (lost) return { ...hops, broker: bad("trying", lost[1]!) };
  const match = /^([a-z0-9-]+) \(([^)]*)\); next attempt/.exec(text);
  if (!match) return hops;
  const [, reason, detail] = match as unknown as [string, string, string];
  const at = HOP_OF_FAILURE[reason] ?? "broker";
  const failed = bad("failed", reason, wordsOf(reason, detail));
  switch (at) {
    case "internet":
      return { ...hops, internet: failed, dns: IDLE, sntp: IDLE, broker: IDLE };
    case "dns":
      return { ...hops, dns: failed, sntp: IDLE, broker: IDLE };
    case "sntp":
      return { ...hops, sntp: failed };
    default:
      return { ...hops, internet: GOOD, broker: failed };
  }
}

function wordsOf(reason: string, detail: string): string | undefined {
  const tls: Record<string, { says: string }> = TLS_FAILURE_WORDS;
  if (reason === "cloud-tls") return tls[detail]?.says ?? LINK_FAILURE_WORDS["cloud-tls"].says;
  const link: Record<string, { says: string }> = LINK_FAILURE_WORDS;
  return link[reason]?.says;
}

function bad(state: Hop["state"], reason: string, says?: string): Hop {
  return says === undefined ? { state, reason } : { state, reason, says };
}
