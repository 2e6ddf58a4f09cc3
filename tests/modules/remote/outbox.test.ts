import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Outbox, type Outcome } from "../../../modules/remote/outbox";

const MINUTE_MS = 60_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

function open(canWait = false) {
  const sent: string[] = [];
  let settle: ((outcome: Outcome) => void) | undefined;
  const state = { takes: true };
  const outbox = new Outbox({
    canWait,
    publish(topic, payload, onSettled, strikes) {
      if (!state.takes) return false;
      sent.push(`${topic} ${payload}${strikes === undefined ? "" : ` after ${strikes}`}`);
      settle = onSettled;
      return true;
    },
  });
  return {
    outbox,
    state,
    sent: () => sent.splice(0),
    settle: (outcome: Outcome) => settle!(outcome),
  };
}

test("One message is with the session at a time, and the latest state of a topic goes", () => {
  const { outbox, sent, settle } = open();
  outbox.put("status", () => "1");
  outbox.put("report", () => "1");
  outbox.put("report", () => "2");
  outbox.put("status", () => "2");
  expect(sent()).toEqual(["status 1"]);
  settle("acknowledged");
  expect(sent()).toEqual(["report 2"]);
  settle("acknowledged");
  expect(sent()).toEqual(["status 2"]);
  settle("acknowledged");
  expect(sent()).toEqual([]);
});

test("What was turned down goes when the session takes messages again", () => {
  const { outbox, state, sent } = open();
  state.takes = false;
  outbox.put("status", () => "1");
  state.takes = true;
  outbox.drain();
  expect(sent()).toEqual(["status 1"]);
});

test("What the broker does not take is sent again, as it is then, after a minute, and after twice that each time, up to an hour", () => {
  const { outbox, sent, settle } = open();
  let state = 0;
  outbox.put("status", () => `${state}`);
  sent();
  settle("cut-off");
  for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
    vi.advanceTimersByTime(minutes * MINUTE_MS - 1);
    expect(sent()).toEqual([]);
    state++;
    vi.advanceTimersByTime(1);
    expect(sent()).toEqual([`status ${state} after 2`]);
    settle("cut-off");
  }
  vi.advanceTimersByTime(60 * MINUTE_MS);
  sent();
  settle("acknowledged");
  outbox.put("status", () => "new");
  expect(sent()).toEqual(["status new"]);
  settle("refused");
  vi.advanceTimersByTime(MINUTE_MS);
  expect(sent()).toEqual(["status new after 0"]);
});

test("A topic that the broker does not take holds up no other, but among what can wait", () => {
  for (const canWait of [false, true]) {
    const { outbox, sent, settle } = open(canWait);
    outbox.put("a", () => "1");
    outbox.put("b", () => "1");
    sent();
    settle("cut-off");
    expect(sent()).toEqual(canWait ? [] : ["b 1"]);
    vi.advanceTimersByTime(MINUTE_MS);
    if (canWait) expect(sent()).toEqual(["b 1"]);
    settle("acknowledged");
    expect(sent()).toEqual(["a 1 after 2"]);
    settle("acknowledged");
    expect(vi.getTimerCount()).toBe(0);
  }
});

test("Several topics that fell to one disturbance wait a minute, not one the longer for the other", () => {
  const { outbox, sent, settle } = open();
  for (const topic of ["status", "report", "update", "identity"]) {
    outbox.put(topic, () => "1");
    settle("cut-off");
  }
  sent();
  for (const topic of ["status", "report", "update", "identity"]) {
    if (topic === "status") vi.advanceTimersByTime(MINUTE_MS - 1);
    expect(sent()).toEqual(topic === "status" ? [] : [`${topic} 1 after 2`]);
    if (topic === "status") {
      vi.advanceTimersByTime(1);
      expect(sent()).toEqual(["status 1 after 2"]);
    }
    settle("acknowledged");
  }
});
