// The scenes of updates as the page plays them, on virtual time: the release is built, signed, offered and judged.
import { afterAll, beforeAll, expect, test } from "vitest";
import { UPDATE_SCENES } from "../../sim/scenes/update-scenes";
import { limit } from "../support/limit";
import { type RunningShow, startShow } from "../support/running-page";
import { LONG } from "../support/volume";

let running: RunningShow;
beforeAll(async () => {
  running = await startShow();
  await running.show.act({ do: "mode", mode: "virtual" });
}, limit(60_000));
afterAll(() => running?.close());

/** Each build of a release takes its second; the others are for the long run. */
const SHORT = ["update-crashes", "update-plug", "update-older"];

test.each(UPDATE_SCENES.filter(({ name }) => LONG || SHORT.includes(name)))(
  "$name: $title",
  async ({ name, send, ends, reason }) => {
    const { show } = running;
    const before = show.state.firmware.said?.running;
    await show.act({ do: "scene", id: name });
    await show.act({ do: "speed", speed: 1440 });
    await expect.poll(() => show.state.done, { timeout: limit(60_000), interval: 50 }).toContain(name);
    const { said, sent } = show.state.firmware;
    expect(sent?.kind).toBe(send);
    expect(said).toMatchObject({ state: ends, release: sent!.release, ...(reason && { reason }) });
    if (ends === "confirmed") expect(said!.running).toBe(sent!.release);
    else if (before !== undefined) expect(said!.running).toBe(before);
    expect(show.state.counts.missing).toBe(0);
  },
  limit(90_000),
);
