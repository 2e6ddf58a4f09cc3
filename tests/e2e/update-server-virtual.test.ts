// What the update server can say and do wrong, through the whole firmware: a reason, a pause, and right in the end.
import { beforeAll, describe, expect, test } from "vitest";
import { SERVER_LIES, type ServerLie } from "../../sim/virtual/update-answers";
import { buildFirmware } from "../support/firmware";
import { HOUR_MS, MINUTE_MS, UpdateRun } from "../support/update-run";
import { LONG, SEED } from "../support/volume";

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

/** What the device calls each. */
const REASONS: Record<ServerLie, string> = {
  "whole-image": "not-partial",
  "other-range": "wrong-range",
  "other-bytes": "bad-block",
  "no-range": "wrong-range",
  "other-size": "wrong-range",
  redirect: "redirect",
  chunked: "chunked",
  gzip: "encoded",
  endless: "surplus",
  "endless-head": "not-http",
  short: "cut-off",
  "silent-in-body": "too-slow",
  silent: "too-slow",
  "no-http": "not-http",
  "403": "forbidden",
  "404": "not-found",
  "416": "range-refused",
  "429": "busy",
  "500": "server-error",
  "503": "busy",
};

/** What a device waits for without a fault. */
const WAITS = ["jitter", "pause", "trial-pause", "backlog", "offline"];

/** In the short run a share of the lies, another one each time. */
const LIES = LONG ? SERVER_LIES : SERVER_LIES.filter((_, i) => (i + SEED) % 4 === 0);

/** Offers release 2 under a fault of the server, and returns what the device called it. */
function hinder(
  change: (run: UpdateRun) => void,
  seed = SEED,
): { run: UpdateRun; reason: string | undefined } {
  const run = new UpdateRun({ ...built, seed });
  run.until(() => run.world.sight === "solid blue", MINUTE_MS);
  change(run);
  run.offer(2);
  const told = (): string | undefined =>
    run.states.find(({ reason }) => reason !== undefined && !WAITS.includes(reason))?.reason;
  run.until(() => told() !== undefined, 40 * MINUTE_MS);
  return { run, reason: told() };
}

/** Once the server is right again, the update comes, in the time of the longest pause. */
function expectRightInTheEnd(run: UpdateRun): void {
  const asked = run.world.updates.served.length;
  run.run(10 * MINUTE_MS);
  // It pauses: at most one more attempt in ten minutes.
  expect(run.world.updates.served.length - asked, run.log).toBeLessThanOrEqual(8);
  Object.assign(run.world.updates.faults, {
    lie: undefined,
    bytesPerSecond: undefined,
    diesAtRecord: undefined,
  });
  delete run.world.faults.webTls;
  expect(run.untilState("confirmed", 25 * HOUR_MS), run.log).toBe(true);
  run.run(6 * MINUTE_MS);
  const { violations } = run.referee;
  expect({ violations, lost: run.lost }, run.log).toEqual({ violations: [], lost: [] });
}

describe("A server that lies is told by its reason, left alone for a while, and believed again when it is right", () => {
  test.each(LIES)("%s", (lie) => {
    const { run, reason } = hinder(({ world }) => {
      world.updates.faults.lie = lie;
    });
    expect(reason, run.log).toBe(REASONS[lie]);
    expectRightInTheEnd(run);
  });

  test("one byte a second", () => {
    const { run, reason } = hinder(({ world }) => {
      world.updates.faults.bytesPerSecond = 1;
    });
    expect(reason, run.log).toBe("too-slow");
    expectRightInTheEnd(run);
  });

  test.each(["unknown-ca", "wrong-name", "client-certificate-refused", "plaintext"] as const)(
    "TLS that ends in %s",
    (verdict) => {
      const { run, reason } = hinder(({ world }) => {
        world.faults.webTls = verdict;
      });
      expect(reason, run.log).toBe(verdict);
      expectRightInTheEnd(run);
    },
  );
});

test("TLS may die at every record of an answer: what came before is kept, block by block", () => {
  const records = Math.ceil((65_536 + 160) / 1_400);
  const step = LONG ? 1 : 24;
  for (let at = 0; at <= records; at += step) {
    const { run, reason } = hinder(({ world }) => {
      world.updates.faults.diesAtRecord = at;
    }, SEED + at);
    if (at < records) expect(reason, `record ${at}\n${run.log}`).toBe("cut-off");
    expectRightInTheEnd(run);
  }
});

test("Retry-After is obeyed", () => {
  const { run } = hinder(({ world }) => {
    world.updates.faults.lie = "503";
  });
  delete run.world.updates.faults.lie;
  const asked = run.world.updates.served.length;
  run.run(18 * MINUTE_MS);
  expect(run.world.updates.served.length, run.log).toBe(asked);
  expect(run.untilState("confirmed", 30 * MINUTE_MS), run.log).toBe(true);
});
