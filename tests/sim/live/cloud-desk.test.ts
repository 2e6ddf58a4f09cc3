import { beforeEach, expect, test } from "vitest";
import { CloudDesk, NOT_SENT } from "../../../sim/live/cloud-desk";

let sent: { topic: string; text: string; retain: boolean }[];
let now = 5_000_000;
let topicBase: string | undefined;
let desk: CloudDesk;
beforeEach(() => {
  sent = [];
  now = 5_000_000;
  topicBase = "a/b";
  desk = new CloudDesk(
    () => ({
      topicBase,
      publish: (topic, payload, how) => {
        sent.push({ topic, text: new TextDecoder().decode(payload), retain: how?.retain ?? false });
      },
    }),
    () => now,
  );
});

test("Commands have ids of their own, and are for now", () => {
  desk.command("ping", {});
  desk.command("ping", {});
  const ids = sent.map(({ text }) => JSON.parse(text).id);
  expect(new Set(ids).size).toBe(2);
  expect(sent[0]).toMatchObject({ topic: "a/b/command", retain: false });
});

test("Versions of a configuration rise, also within a second and after a restart", () => {
  desk.configure({ ledBrightness: 1 });
  desk.configure({ ledBrightness: 2 });
  now = 9_000_000;
  desk.configure({ ledBrightness: 3 });
  expect(sent.map(({ text }) => JSON.parse(text).version)).toEqual([5_000, 5_001, 9_000]);
  expect(sent.every(({ topic, retain }) => topic === "a/b/config/desired" && retain)).toBe(true);
});

test("What waits at the broker is taken back by an empty message", () => {
  desk.forgetConfiguration();
  desk.offer("");
  expect(sent).toEqual([
    { topic: "a/b/config/desired", text: "", retain: true },
    { topic: "a/b/update/offer", text: "", retain: true },
  ]);
});

test("Where nobody lets us send, a command and a configuration say so", () => {
  topicBase = undefined;
  expect(desk.command("ping", {})).toBe(NOT_SENT);
  expect(desk.configure({})).toBe(NOT_SENT);
  desk.forgetConfiguration();
  expect(sent).toEqual([]);
});
