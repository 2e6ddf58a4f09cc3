// Whatever a person has done to board, room and cloud before: a scene of the tour plays as on the first day.
import * as fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import type { Action } from "../../sim/live/protocol";
import type { Show } from "../../sim/live/show";
import { limit } from "../support/limit";
import { type RunningShow, startShow } from "../support/running-page";
import { fuzz, LONG } from "../support/volume";

const running = new Set<RunningShow>();
afterEach(async () => {
  for (const each of running) await each.close();
  running.clear();
});

async function open(): Promise<Show> {
  const started = await startShow();
  running.add(started);
  return started.show;
}

const sight = (show: Show, wanted: string, timeout = 40_000) =>
  expect.poll(() => show.state.device.sight, { timeout, interval: 100 }).toBe(wanted);

async function plays(show: Show, id: string): Promise<void> {
  await show.act({ do: "scene", id });
  await expect.poll(() => show.state.done.includes(id), { timeout: limit(60_000), interval: 100 }).toBe(true);
}

test.runIf(LONG)(
  "After a factory reset by the button the scenes of the cloud still play",
  async () => {
    const show = await open();
    await sight(show, "solid blue");
    await show.act({ do: "button", pressed: true });
    await new Promise((resolve) => setTimeout(resolve, 11_000));
    await show.act({ do: "button", pressed: false });
    await sight(show, "pulse yellow");
    await plays(show, "success");
  },
  limit(100_000),
);

test.runIf(LONG)(
  "Settings, a broker on trial and the configuration at the broker do not outlive a scene",
  async () => {
    const show = await open();
    await sight(show, "solid blue");
    await show.act({
      do: "configure",
      desired: { brokerHost: "nowhere.invalid", ledBrightness: 7, logLevel: "error" },
    });
    await sight(show, "pulse blue");
    await plays(show, "success");
    expect(show.state.hops.broker.state).toBe("good");
    let log: readonly { room: string; text: string }[] = [];
    show.subscribe((event) => {
      if (event.t === "hello") log = event.logs;
    })();
    const since = log.findLastIndex(({ text }) => text.startsWith("scene:"));
    expect(log.slice(since).map(({ text }) => text)).not.toContainEqual(expect.stringContaining("nowhere"));
    expect(log.slice(since).filter(({ room }) => room === "monitor").length).toBeGreaterThan(0);
  },
  limit(100_000),
);

test.runIf(LONG)(
  "A new board waits for a phone, and a scene makes it one that was told its network",
  async () => {
    const show = await open();
    await sight(show, "solid blue");
    await show.act({ do: "new-board" });
    await sight(show, "pulse yellow");
    expect(show.state.counts.readings).toBeGreaterThan(0);
    await plays(show, "success");
  },
  limit(100_000),
);

const click = fc.oneof(
  fc.record({ do: fc.constant("power"), on: fc.boolean() }),
  fc.record({ do: fc.constant("button"), pressed: fc.boolean() }),
  fc.record({ do: fc.constant("internet"), on: fc.boolean() }),
  fc.record({ do: fc.constant("broker"), on: fc.boolean() }),
  fc.constant({ do: "add-router" }),
  fc.record({ do: fc.constant("remove-router"), index: fc.nat(3) }),
  fc.constant({ do: "new-board" }),
  fc.record({ do: fc.constant("mode"), mode: fc.constantFrom("real", "virtual") }),
  fc.record({ do: fc.constant("weather"), on: fc.boolean() }),
  fc.record({ do: fc.constant("scene"), id: fc.constantFrom("wrong-password", "setup", "no-internet") }),
  fc.record({
    do: fc.constant("router"),
    index: fc.nat(2),
    change: fc.oneof(
      fc.record({ on: fc.boolean() }),
      fc.record({ rssi: fc.integer({ min: -95, max: -30 }) }),
      fc.record({ security: fc.constantFrom("open", "wpa2", "enterprise") }),
      fc.record({ port: fc.constantFrom(53, 123, 443, 8883), blocked: fc.boolean() }),
      fc.record({ dhcp: fc.boolean() }),
    ),
  }),
  fc.record({
    do: fc.constant("configure"),
    desired: fc.oneof(
      fc.record({ brokerHost: fc.constantFrom("nowhere.invalid", "198.51.100.77") }),
      fc.record({ ledBrightness: fc.integer({ min: 1, max: 100 }) }),
      fc.record({ logLevel: fc.constantFrom("error", "debug") }),
      fc.record({ sntpServers: fc.constant(["time.invalid"]) }),
    ),
  }),
) as fc.Arbitrary<Action>;

const walk = fc.array(fc.tuple(click, fc.integer({ min: 0, max: 1_500 })), { minLength: 3, maxLength: 12 });

test.runIf(LONG)(
  "After random clicks a scene plays in either world",
  async () => {
    const show = await open();
    await sight(show, "solid blue");
    await fc.assert(
      fc.asyncProperty(walk, fc.constantFrom("success", "no-internet", "setup"), async (clicks, id) => {
        for (const [action, pauseMs] of clicks) {
          await show.act(action);
          await new Promise((resolve) => setTimeout(resolve, pauseMs));
        }
        await plays(show, id);
      }),
      { ...fuzz(4), endOnFailure: true },
    );
  },
  limit(600_000),
);
