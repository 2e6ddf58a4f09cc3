// The scenes of certificates as the page plays them, on virtual time.
import { afterAll, beforeAll, expect, test } from "vitest";
import { IDENTITY_SCENES } from "../../sim/scenes/identity-scenes";
import { limit } from "../support/limit";
import { type RunningShow, startShow } from "../support/running-page";
import { LONG } from "../support/volume";

let running: RunningShow;
beforeAll(async () => {
  running = await startShow();
  await running.show.act({ do: "mode", mode: "virtual" });
}, limit(60_000));
afterAll(() => running?.close());

/** The others are for the long run. */
const SHORT = ["identity-renewal", "identity-rollback"];

test.each(IDENTITY_SCENES.filter(({ name }) => LONG || SHORT.includes(name)))(
  "$name: $title",
  async ({ name, reason }) => {
    const { show } = running;
    const seen = new Set<string>();
    const stop = show.subscribe((event) => {
      if (event.t === "log") seen.add(event.line.text);
      if (event.t === "state") seen.add(String(event.state.identity.said?.reason));
    });
    await show.act({ do: "scene", id: name });
    await show.act({ do: "speed", speed: 1440 });
    await expect
      .poll(() => [...show.state.done, show.state.identity.said?.state], {
        timeout: limit(80_000),
        interval: 50,
      })
      .toContain(name);
    stop();
    if (reason !== undefined) expect([...seen].some((text) => text.includes(reason))).toBe(true);
    expect(show.state.counts.missing).toBe(0);
  },
  limit(90_000),
);
