import { expect, test } from "vitest";
import { FirmwareWatch } from "../../../sim/live/firmware";
import type { Message } from "../../../sim/live/protocol";
import type { UpdateState } from "../../../tools/cloud/protocol";
import { updateState } from "../../tools/release/support";

const said = (state: Partial<UpdateState>, more: Partial<Message> = {}): Message => {
  const text = JSON.stringify(updateState(state));
  return {
    n: 1,
    unixMs: 1,
    topic: "update/state",
    from: "device",
    bytes: text.length,
    hex: "",
    text,
    ...more,
  };
};

test("Nothing is shown but what the device has said", () => {
  const watch = new FirmwareWatch();
  expect(watch.state(true)).toEqual({ loaded: 0, canSend: true });
  watch.message(said({ running: 7, confirmed: 9 }));
  watch.message(said({ running: 9 }, { topic: "status" }));
  watch.message({ ...said({}), text: "null" });
  watch.message({ ...said({}), text: "{" });
  expect(watch.releases).toEqual({ running: 7, highest: 9 });
  expect(watch.state(false)).toMatchObject({ said: { running: 7 }, canSend: false });
});

test("A device that waits with the release that was sent is asked to begin, once, and again after a restart", () => {
  const watch = new FirmwareWatch();
  const waits = said({ state: "waiting", release: 2, wait: "jitter" });
  expect(watch.message(waits)).toBeUndefined();
  watch.offered("good", 2);
  expect(watch.message(waits)).toBe(2);
  expect(watch.message(waits)).toBeUndefined();
  watch.booted();
  expect(watch.message(waits)).toBe(2);
  watch.booted();
  expect(watch.message(said({ state: "waiting", release: 3, wait: "jitter" }))).toBeUndefined();
  // Between two trials it takes its time.
  expect(watch.message(said({ state: "waiting", release: 2, wait: "trial-pause" }))).toBeUndefined();
});

test("The bar is as far as the server has sent and no less than the device says, and full from then on", () => {
  const watch = new FirmwareWatch();
  watch.offered("good", 2);
  watch.served(0.1);
  expect(watch.state(true).loaded).toBe(0);
  watch.message(said({ state: "downloading", release: 2 }));
  expect(watch.state(true).loaded).toBe(10);
  watch.message(said({ state: "downloading", release: 2, progress: 1 }));
  expect(watch.state(true).loaded).toBe(25);
  watch.served(0.6);
  expect(watch.state(true).loaded).toBe(60);
  watch.message(said({ state: "trial", release: 2, running: 2 }));
  expect(watch.state(true).loaded).toBe(100);
  watch.message(said({ state: "rolled-back", release: 2 }));
  expect(watch.state(true).loaded).toBe(0);
});

test("The plug is pulled at its place, once", () => {
  const watch = new FirmwareWatch();
  watch.plugAt = 50;
  expect(watch.served(0.49)).toBe(false);
  expect(watch.served(0.55)).toBe(true);
  expect(watch.state(true).plugAt).toBeUndefined();
  expect(watch.served(0.9)).toBe(false);
});
