import { expect, test } from "vitest";
import type { Message } from "../../../sim/live/protocol";
import { outcomeOf } from "../../../sim/page/message-outcome";

let n = 0;
const message = (topic: string, body: unknown, changes: Partial<Message> = {}): Message => ({
  n: ++n,
  unixMs: 1_000,
  topic,
  from: "device",
  bytes: 1,
  hex: "",
  text: JSON.stringify(body),
  ...changes,
});

test("A command has the outcome of the answer with its id, whatever else was answered", () => {
  const sent = message("command", { id: "a", name: "ping" });
  const other = message("command/result", { id: "b", ok: true, result: {} });
  const answer = message("command/result", { id: "a", ok: false, error: "bad-args" });
  expect(outcomeOf(sent, [sent, other], 2_000)).toEqual({ look: "waiting", says: "no answer yet" });
  expect(outcomeOf(sent, [sent, other, answer], 2_000)).toEqual({
    look: "failed",
    says: "refused, bad-args: an argument is missing, unknown, or outside its range",
  });
  expect(outcomeOf(other, [sent, other], 2_000)).toEqual({ look: "good", says: "done" });
});

test("What nobody answers within a minute is lost, or waits at the broker", () => {
  const sent = message("command", { id: "a", name: "ping" });
  expect(outcomeOf(sent, [sent], 60_999).look).toBe("waiting");
  expect(outcomeOf(sent, [sent], 61_000)).toMatchObject({
    look: "failed",
    says: expect.stringContaining("lost"),
  });
});

test("An answer from before is none", () => {
  const early = message("command/result", { id: "a", ok: true, result: {} });
  const sent = message("command", { id: "a", name: "ping" });
  expect(outcomeOf(sent, [early, sent], 2_000).look).toBe("waiting");
});

test("Settings that are refused name each key and why, by the version", () => {
  const sent = message("config/desired", { version: 8, settings: {} });
  const old = message("config/reported", { version: 7, state: "applied", settings: {} });
  const reported = message("config/reported", {
    version: 8,
    state: "refused",
    errors: { ledBrightness: "out-of-range", colour: "unknown-key" },
    settings: {},
  });
  expect(outcomeOf(sent, [sent, old], 2_000).look).toBe("waiting");
  const { look, says } = outcomeOf(sent, [sent, old, reported], 2_000);
  expect(look).toBe("failed");
  expect(says).toBe(
    "refused, and nothing of it applied: ledBrightness, out-of-range: it is outside what is allowed; colour, unknown-key: this firmware has no such setting",
  );
});

test("A broker on trial waits, and one that was not reached is rolled back with the reason", () => {
  const sent = message("config/desired", { version: 9, settings: {} });
  const trial = message("config/reported", { version: 9, state: "trying-broker", settings: {} });
  const back = message("config/reported", {
    version: 9,
    state: "rolled-back",
    errors: { brokerHost: "unreachable" },
    reason: "name-not-found",
    settings: {},
  });
  expect(outcomeOf(sent, [sent, trial], 2_000).look).toBe("waiting");
  const { look, says } = outcomeOf(sent, [sent, trial, back], 2_000);
  expect(look).toBe("failed");
  expect(says).toMatch(/^rolled back: brokerHost, unreachable.*name-not-found$/);
});

test("A configuration that is none as a whole has its fault", () => {
  const reported = message("config/reported", {
    version: 3,
    state: "refused",
    fault: "older-version",
    settings: {},
  });
  expect(outcomeOf(reported, [reported], 0).says).toContain("a newer one was applied before");
});

test("Readings that come again count once, and a payload that cannot be read says so", () => {
  const readings = [1, 2].map((seq) => ({ epoch: "00000001", seq, values: {} }));
  const fresh = message("telemetry", {}, { readings });
  expect(outcomeOf(fresh, [fresh], 0)).toEqual({ look: "good", says: "2 readings kept" });
  const again = message("telemetry", {}, { readings, repeated: 1 });
  expect(outcomeOf(again, [again], 0).says).toBe("2 readings, 1 had come before and count once");
  const broken = message("telemetry", {}, { fault: "not zlib" });
  expect(outcomeOf(broken, [broken], 0)).toEqual({ look: "failed", says: "cannot be read: not zlib" });
});

test("A word of a later firmware is shown as it is", () => {
  const answer = message("command/result", { id: "a", ok: false, error: "too-hot" });
  expect(outcomeOf(answer, [answer], 0).says).toBe("refused, too-hot");
});
