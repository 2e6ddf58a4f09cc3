import fc from "fast-check";
import { expect, test } from "vitest";
import type { SlotState } from "../../../../modules/update/slots";
import {
  formatTrial,
  judgeBoot,
  judgeControl,
  MOST_TRIALS,
  parseTrial,
  type ResetKind,
  resetKindOf,
  type TrialRecord,
} from "../../../../modules/update/trial/trial";
import { fuzz } from "../../../support/volume";

/** Release 12 on trial, from release 9. */
const TRIAL: TrialRecord = {
  state: "running",
  release: 12,
  image: "abcd1234",
  from: 9,
  floor: 7,
  trials: 1,
  failures: 0,
};

test.each([
  // The new image runs.
  ["running", 12, "pending", "software", "running"],
  ["running", 12, "pending", "power", "running"],
  ["running", 12, "new", "software", "running"],
  ["running", 12, "valid", "power", "confirmed"],
  ["running", 12, "valid", "crash", "confirmed"],
  ["left", 12, "pending", "software", "running"],
  ["confirmed", 12, "valid", "power", "confirmed"],
  ["confirmed", 12, "undefined", "power", "confirmed"],
  ["rolled-back", 12, "undefined", "power", "running"],
  // The old one runs again.
  ["running", 9, "valid", "power", "again"],
  ["running", 9, "valid", "crash", "rolled-back crashed"],
  ["running", 9, "valid", "software", "rolled-back crashed"],
  ["running", 9, "undefined", "power", "again"],
  ["left", 9, "valid", "software", "again"],
  ["left", 9, "valid", "crash", "again"],
  ["gave-up", 9, "valid", "software", "gave-up"],
  ["gave-up", 9, "valid", "power", "gave-up"],
  ["again", 9, "valid", "power", "again"],
  ["undecided", 9, "valid", "crash", "undecided"],
  ["failed-once", 9, "valid", "power", "failed-once"],
  ["rolled-back", 9, "valid", "power", "rolled-back"],
  ["confirmed", 9, "valid", "power", undefined],
  // A third one, by cable.
  ["running", 10, "undefined", "power", undefined],
  ["rolled-back", 10, "undefined", "power", undefined],
] as [TrialRecord["state"], number, SlotState, ResetKind, string | undefined][])(
  "%s: release %i (%s) boots after %s: %s",
  (state, release, runningState, reset, expected) => {
    const judged = judgeBoot({ ...TRIAL, state }, { release, runningState, reset });
    const said = judged && (judged.reason ? `${judged.state} ${judged.reason}` : judged.state);
    expect(said).toBe(expected);
  },
);

test("The power may take two trials, and the third that it takes was the last", () => {
  const boot = { release: 9, runningState: "valid", reset: "power" } as const;
  expect(judgeBoot({ ...TRIAL, trials: 2 }, boot)).toMatchObject({ state: "again" });
  expect(judgeBoot({ ...TRIAL, trials: MOST_TRIALS }, boot)).toMatchObject({
    state: "rolled-back",
    reason: "undecided",
  });
});

test.each([
  ["the old image online, once", {}, true, "failed-once"],
  ["the old image online, twice", { failures: 1, trials: 2 }, true, "rolled-back not-online"],
  ["the old image online in the third trial, the first time", { trials: 3 }, true, "rolled-back undecided"],
  ["the world away", {}, false, "undecided"],
  ["the world away after a failed trial", { failures: 1, trials: 2 }, false, "undecided"],
  ["the world away in the third trial", { trials: 3 }, false, "rolled-back undecided"],
] as [string, Partial<TrialRecord>, boolean, string][])("%s: %j", (_, record, online, expected) => {
  const { state, reason } = judgeControl({ ...TRIAL, state: "gave-up", ...record }, online);
  expect(reason ? `${state} ${reason}` : state).toBe(expected);
});

test("The words of the board say what a run ended by", () => {
  for (const reason of ["panic", "interrupt watchdog", "task watchdog", "other watchdog", "CPU lock-up"])
    expect(resetKindOf(reason)).toBe("crash");
  expect(resetKindOf("restart")).toBe("software");
  for (const reason of ["power-on", "brownout", "reset pin", "USB", "JTAG", "unknown", "unknown (99)"])
    expect(resetKindOf(reason)).toBe("power");
});

test("A record comes back as it was written", () => {
  const states = [
    "running",
    "left",
    "gave-up",
    "again",
    "undecided",
    "failed-once",
    "rolled-back",
    "confirmed",
  ] as const;
  for (const state of states)
    expect(parseTrial(formatTrial({ ...TRIAL, state }))).toEqual({ ...TRIAL, state });
  expect(parseTrial(formatTrial({ ...TRIAL, reason: "crashed" }))).toEqual({ ...TRIAL, reason: "crashed" });
  expect(parseTrial(formatTrial({ ...TRIAL, image: "" }))).toEqual({ ...TRIAL, image: "" });
});

test("What a later release wrote beside it is passed over, and what it left out is taken at its worst", () => {
  expect(parseTrial(`${formatTrial(TRIAL)} mood=good x`)).toEqual(TRIAL);
  expect(parseTrial("1 state=running release=12 image=a from=9")).toMatchObject({ trials: MOST_TRIALS });
});

test.each([
  "",
  "2 state=running release=12 image=a from=9",
  "1 state=dancing release=12 image=a from=9",
  "1 state=toString release=12 image=a from=9",
  "1 state=running image=a from=9",
  "1 state=running release=-1 image=a from=9",
  "1 state=running release=99999999999 image=a from=9",
  "1 state=running release=12 from=9",
])("%j is no trial", (text) => {
  expect(parseTrial(text)).toBeUndefined();
});

test("Any text in flash is read without a throw", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `1 state=running ${text}`),
      ),
      (text) => {
        parseTrial(text);
      },
    ),
    fuzz() as never,
  );
});
