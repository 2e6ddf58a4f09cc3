import { expect, it } from "vitest";
import { JournalState, STEP_SECONDS } from "../../../modules/journal/journal-state";
import { NO_DATE } from "../../../modules/journal/record";

/** Of a device with sectors of 4 KB; `readings` of boot 1, a minute each, were written. */
function stateOf(readings = 0): JournalState {
  const state = new JournalState(4_096);
  for (let n = 0; n < readings; n++) state.appended({ boot: 1, uptimeSeconds: 60 * n });
  return state;
}
const date = (state: JournalState, boot: number, unixSecondsAtBoot: number): void =>
  state.apply({ kind: "date", boot, unixSecondsAtBoot });
const reading = (boot: number, uptimeSeconds: number, unixSeconds?: number) => ({
  seq: 1,
  boot,
  uptimeSeconds,
  values: {},
  ...(unixSeconds !== undefined && { unixSeconds }),
});

it("keeps the numbers of a newer firmware out of what is read and given, and counts them", () => {
  const state = stateOf(3);
  state.keep(4, 4);
  expect(state.counts).toMatchObject({ written: 4, kept: 1, pending: 3 });
  state.keep(5, 9);
  state.keep(12, 14);
  state.keep(20, 19);
  expect(state.counts).toMatchObject({ written: 14, kept: 9 });
  expect(state.checkpoint()).toMatchObject({ frontier: 1, islands: [] });
  expect([4, 9, 12, 14].map((seq) => state.settled.isPending(seq))).toEqual([false, false, false, false]);
});

it("drops of what it keeps for a newer firmware what the ring has lost, and keeps the rest", () => {
  const state = stateOf();
  state.keep(1, 5);
  state.keep(8, 9);
  state.dropThrough(3);
  expect(state.counts).toMatchObject({ dropped: 3, kept: 4 });
  expect(state.checkpoint()).toMatchObject({ frontier: 4, islands: [] });
  state.dropThrough(5);
  expect(state.counts).toMatchObject({ dropped: 5, kept: 2 });
  state.dropThrough(8);
  expect(state.counts).toMatchObject({ kept: 1 });
  state.dropThrough(9);
  expect(state.counts).toMatchObject({ dropped: 9, kept: 0 });
});

it("keeps no number between two ranges of a newer firmware", () => {
  const state = stateOf(3);
  state.keep(4, 4);
  state.keep(6, 9);
  expect(state.counts.kept).toBe(5);
});

it("has room for fewer ranges and dates in smaller sectors: a header must hold them", () => {
  const state = new JournalState(512);
  for (let n = 0; n < 40; n++) state.appended({ boot: 1, uptimeSeconds: n });
  for (let n = 0; n < 8; n++) state.lose(3 * n + 2, 3 * n + 2);
  expect(state.settled.hasRoomFor(30, 30)).toBe(false);
  for (let boot = 1; boot <= 5; boot++) date(state, boot, boot);
  expect([1, 2].map((boot) => state.dateOf(boot))).toEqual([undefined, 2]);
});

it("counts readings that the flash has lost as torn, and only once", () => {
  const state = stateOf(10);
  state.lose(3, 5);
  state.lose(3, 5);
  expect(state.counts).toMatchObject({ torn: 3, pending: 7 });
});

it("does not count what it has no room to remember: it will be missed again", () => {
  const state = stateOf(400);
  for (let n = 0; n < 64; n++) state.lose(3 * n + 2, 3 * n + 2);
  expect(state.counts.torn).toBe(64);
  state.lose(300, 300);
  expect(state.counts.torn).toBe(64);
  expect(state.settled.isPending(300)).toBe(true);
});

it("names the boots that have a date and lasted until after a time, both ends among them", () => {
  const state = stateOf();
  for (const boot of [1, 2, 3, 4]) date(state, boot, 1_000);
  date(state, 3, NO_DATE);
  state.appended({ boot: 2, uptimeSeconds: 50 });
  expect(state.datedBoots(1, 4, 0)).toEqual([1, 2, 4]);
  expect(state.datedBoots(2, 3, 0)).toEqual([2]);
  expect(state.datedBoots(1, 4, 1_049)).toEqual([2]);
  expect(state.datedBoots(1, 4, 1_050)).toEqual([]);
});

it("remembers the dates of 32 boots, and lets the oldest go for one more", () => {
  const state = stateOf();
  for (let boot = 1; boot <= 32; boot++) date(state, boot, boot);
  expect([1, 32].map((boot) => state.dateOf(boot))).toEqual([1, 32]);
  date(state, 33, 33);
  expect([1, 2, 33].map((boot) => state.dateOf(boot))).toEqual([undefined, 2, 33]);
  date(state, 2, 7);
  expect([2, 3].map((boot) => state.dateOf(boot))).toEqual([7, 3]);
});

it("lets the date of a boot go once none of its readings waits, but for the latest date", () => {
  const state = stateOf();
  date(state, 1, 1_000);
  date(state, 2, 2_000);
  state.appended({ boot: 1, uptimeSeconds: 5 });
  expect(state.checkpoint().dates.map(({ boot }) => boot)).toEqual([1, 2]);
  state.apply({ kind: "mark", first: 1, last: 1 });
  expect(state.checkpoint().dates.map(({ boot }) => boot)).toEqual([2]);
});

it("leaves a reading the time of its own that drift explains, and no more", () => {
  const state = stateOf();
  date(state, 1, 1_000);
  const near = reading(1, 10, 1_010 + STEP_SECONDS);
  expect(state.dated(near)).toBe(near);
  expect(state.dated(reading(1, 10, 1_011 + STEP_SECONDS)).unixSeconds).toBe(1_010);
  expect(state.dated(reading(1, 10)).unixSeconds).toBe(1_010);
  expect(state.dated(reading(2, 10)).unixSeconds).toBeUndefined();
});

it("believes no boot that would have lasted past the next one's beginning by more than drift", () => {
  const state = stateOf();
  date(state, 1, 1_000);
  date(state, 2, 2_000);
  const last = 1_000 + STEP_SECONDS;
  expect(state.dated(reading(1, last)).unixSeconds).toBe(2_000 + STEP_SECONDS);
  expect(state.dated(reading(1, last + 1)).unixSeconds).toBeUndefined();
  expect(state.dated(reading(2, last + 1)).unixSeconds).toBe(3_001 + STEP_SECONDS);
  date(state, 2, NO_DATE);
  expect(state.dated(reading(1, last + 1)).unixSeconds).toBe(2_001 + STEP_SECONDS);
});
