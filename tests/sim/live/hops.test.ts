import { expect, test } from "vitest";
import { hopsOf } from "../../../sim/live/hops";
import type { HopName, Hops } from "../../../sim/live/protocol";
import type { BoardFault, BoardState } from "../../../sim/world/board-state";
import { board } from "../../support/board-state";

const states = (hops: Hops) => Object.values(hops).map(({ state }) => state);
const joined = (changes: Partial<BoardState> = {}) =>
  board({ status: "connecting", joined: true, link: "waiting", clock: "synced", ...changes });
const failing = (hops: Hops) => Object.values(hops).filter(({ state }) => state === "failed");

test("A boot that ends online turns every hop good, one after another", () => {
  const { status, ...booting } = board();
  expect(status).toBe("joining");
  expect(states(hopsOf(booting))).toEqual(["good", "idle", "idle", "idle", "idle", "idle"]);
  expect(states(hopsOf(board()))).toEqual(["good", "trying", "idle", "idle", "idle", "idle"]);
  expect(states(hopsOf(joined({ link: "waiting-for-time", clock: "none" })))).toEqual([
    "good",
    "good",
    "trying",
    "idle",
    "trying",
    "idle",
  ]);
  expect(states(hopsOf(joined({ link: "resolving", heard: true })))).toEqual([
    "good",
    "good",
    "good",
    "trying",
    "good",
    "idle",
  ]);
  expect(hopsOf(joined({ link: "opening" })).broker).toEqual({ state: "trying" });
  expect(states(hopsOf(joined({ status: "online", link: "up" })))).toEqual(Array(6).fill("good"));
});

test.each<[Partial<BoardState>, HopName, string]>([
  [{ join: { reason: "wrong-password" } }, "router", "wrong-password"],
  [{ join: { reason: "not-found" } }, "router", "not-found"],
  [{ join: { reason: "rejected" } }, "router", "rejected"],
  [{ status: "offline" }, "router", "not-found"],
  [{ join: { reason: "captive-portal" } }, "internet", "captive-portal"],
])("%o of a device without an address is lit at the %s", (changes, hop, reason) => {
  const hops = hopsOf(board(changes));
  expect(hops[hop]).toMatchObject({ state: "failed", reason });
  expect(failing(hops)).toHaveLength(1);
});

test.each<[BoardFault, HopName]>([
  [{ reason: "no-internet", detail: "connect-timeout" }, "internet"],
  [{ reason: "captive-portal", detail: "untrusted" }, "internet"],
  [{ reason: "dns-blocked", detail: "no-answer" }, "dns"],
  [{ reason: "name-not-found", detail: "no-such-name" }, "dns"],
  [{ reason: "time-disputed", detail: "expired" }, "sntp"],
  [{ reason: "firewall-8883", detail: "connect-timeout" }, "broker"],
  [{ reason: "cloud-tls", detail: "expired" }, "broker"],
  [{ reason: "refused-not-authorised", detail: "refused-not-authorised" }, "broker"],
])("%o of a device with an address is lit at the %s", (fault, hop) => {
  const hops = hopsOf(joined({ fault }));
  expect(hops[hop]).toMatchObject({ state: "failed", reason: fault.reason });
  expect(failing(hops)).toHaveLength(1);
});

test("The internet is good only where something says so: an answer from it, or a failure that takes one", () => {
  const lost = { reason: "connection-lost", detail: "ping-timeout" };
  expect(hopsOf(joined({ link: "diagnosing" })).internet.state).toBe("trying");
  expect(hopsOf(joined({ fault: lost })).internet.state).toBe("trying");
  expect(hopsOf(joined({ fault: lost, heard: true })).internet.state).toBe("good");
  for (const reason of ["firewall-8883", "cloud-tls", "refused-not-authorised"])
    expect(hopsOf(joined({ fault: { reason } })).internet.state, reason).toBe("good");
});

test("A failure has words for a person", () => {
  expect(hopsOf(board({ join: { reason: "rejected" } })).router.says).toContain("MAC filter");
  const tls = { reason: "cloud-tls", detail: "expired" };
  expect(hopsOf(joined({ fault: tls })).broker.says).toContain("expired");
});

test("A time that is not given is a warning: the device goes on", () => {
  const hops = hopsOf(joined({ link: "up", clock: "estimated", time: { reason: "sntp-blocked" } }));
  expect(hops.sntp).toMatchObject({ state: "warning", reason: "sntp-blocked" });
  expect(hops.broker.state).toBe("good");
});

test("Setup mode has no way to the broker, until a network that was tried gives an address", () => {
  const before = board({ status: "setup", join: { reason: "wrong-password" } });
  expect(states(hopsOf(before))).toEqual(["good", "idle", "idle", "idle", "idle", "idle"]);
  expect(hopsOf(joined({ status: "setup", link: "up" })).broker.state).toBe("good");
});
