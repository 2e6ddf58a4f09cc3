import { expect, it } from "vitest";
import { AccessPointMemory } from "../../wifi/access-point-memory";
import type { Candidate } from "../../wifi/candidates";
import type { JoinFailureReason } from "../../wifi/join-failure";
import { type JoinFailure, JoinRound, type RoundOptions } from "../../wifi/join-round";
import type { Network } from "../../wifi/network";
import type { Security } from "../../wifi/radio";
import { accessPoint } from "../support/fake-radio";

const HOME: Network = { ssid: "Home", password: "correct horse" };
const ATTIC: Network = { ssid: "Attic", password: "under the roof", hidden: true };
const OTHER: Network = { ssid: "Other" };
const FIRST = accessPoint("Home", { id: 1, rssi: -50 });

const roundOf = (networks: readonly Network[], options: Partial<RoundOptions> = {}): JoinRound =>
  new JoinRound({ networks, memory: new AccessPointMemory(), nowMs: 0, turn: 0, ...options });
const failure = (reason: JoinFailureReason, ssid = "Home"): JoinFailure => ({ ssid, reason, uptimeMs: 0 });
const missing = ({ ssid }: Network, unfit: Security | undefined): JoinFailure =>
  failure(unfit ? "unsupported-security" : "not-found", ssid);
/** All attempts that the round still makes, each of which fails so. */
function attempts(round: JoinRound, reason: JoinFailureReason): (string | undefined)[] {
  const tried: (string | undefined)[] = [];
  for (let candidate = round.next(); candidate; candidate = round.next()) {
    tried.push(candidate.bssid);
    round.failed(candidate, failure(reason, candidate.network.ssid));
  }
  return tried;
}

it("a hidden network that its probe did not find is not probed again in the same round", () => {
  const round = roundOf([ATTIC]);
  round.scanned([]);
  expect(round.nextScan).toEqual({ ssid: "Attic" });
  round.scanned([]);
  expect(round.nextScan).toBeUndefined();
  expect(round.next()).toBeUndefined();
});

it("a scan that nobody asked for is taken all the same", () => {
  const round = roundOf([HOME]);
  round.scanned([]);
  expect(round.nextScan).toBeUndefined();
  round.scanned([FIRST]);
  expect(round.next()?.bssid).toBe(FIRST.bssid);
});

it.each([
  ["rejected", 1],
  ["wrong-password", 1],
  ["timeout", 2],
] as const)("where the device was, and failed with %s, has %i tries in the round", (reason, tries) => {
  const round = roundOf([HOME], { first: { network: HOME, bssid: FIRST.bssid, channel: FIRST.channel } });
  const first = round.next()!;
  round.failed(first, failure(reason));
  round.scanned([FIRST]);
  expect([first.bssid, ...attempts(round, reason)]).toEqual(Array(tries).fill(FIRST.bssid));
});

it("a network behind which a sign-in page lies is not tried again in the round, whatever else has its name", () => {
  const round = roundOf([HOME]);
  round.scanned([FIRST, accessPoint("Home", { id: 2 })]);
  round.failed(round.next()!, failure("captive-portal"));
  expect(round.next()).toBeUndefined();
  expect(round.nextScan).toBeUndefined();
});

it("a failure of a network that is not of the round is nobody's", () => {
  const round = roundOf([HOME]);
  round.failed({ network: OTHER }, failure("rejected", "Other"));
  round.scanned([]);
  expect(round.outcome(missing)).toEqual([failure("not-found")]);
});

it("a place of a network that is not of the round may be tried first", () => {
  const first: Candidate = { network: OTHER, bssid: FIRST.bssid };
  expect(roundOf([HOME], { first }).next()).toBe(first);
});

it("the access point that last led to the cloud has its turn at the end, unless it had it before", () => {
  const lastGood = { ssid: "Home", bssid: FIRST.bssid, channel: FIRST.channel };
  const unseen = roundOf([HOME], { lastGood });
  unseen.scanned([accessPoint("Home", { id: 2 })]);
  expect(attempts(unseen, "timeout").at(-1)).toBe(FIRST.bssid);
  const first: Candidate = { network: HOME, bssid: FIRST.bssid, channel: FIRST.channel };
  const seen = roundOf([HOME], { lastGood, first });
  expect(seen.next()).toBe(first);
  seen.scanned([]);
  expect(attempts(seen, "timeout")).toEqual([]);
});

it("says of a network in reach that it cannot be joined, rather than that it was not found", () => {
  const wep = accessPoint("Home", { security: "wep" });
  const found = (round: JoinRound, reason: JoinFailureReason) => {
    round.failed({ network: HOME }, failure(reason));
    return round.outcome(missing).map((each) => each.reason);
  };
  const unfit = roundOf([HOME]);
  unfit.scanned([wep]);
  expect(found(unfit, "not-found")).toEqual(["unsupported-security"]);
  const both = roundOf([HOME]);
  both.scanned([wep, FIRST]);
  expect(found(both, "not-found")).toEqual(["not-found"]);
  const tried = roundOf([HOME]);
  tried.scanned([wep]);
  expect(found(tried, "timeout")).toEqual(["timeout"]);
  const neither = roundOf([HOME]);
  neither.scanned([]);
  expect(found(neither, "not-found")).toEqual(["not-found"]);
});
