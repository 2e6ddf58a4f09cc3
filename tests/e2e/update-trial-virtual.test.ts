// What happens around an update, through the whole firmware: outages, power cuts, setup mode, offers that are refused.
import { beforeAll, describe, expect, test } from "vitest";
import { type OfferChoices, OfferKey, publishOffer } from "../../sim/virtual/offer";
import { buildFirmware } from "../support/firmware";
import { HOUR_MS, MINUTE_MS, UpdateRun } from "../support/update-run";
import { SEED } from "../support/volume";

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

function online(options: Partial<ConstructorParameters<typeof UpdateRun>[0]> = {}): UpdateRun {
  const run = new UpdateRun({ ...built, seed: SEED, ...options });
  expect(
    run.until(() => run.world.sight === "solid blue", MINUTE_MS),
    run.log,
  ).toBe(true);
  return run;
}

const internet = (run: UpdateRun, on: boolean): void =>
  run.world.world.change(({ gateway }) => {
    gateway.internet = on;
  });

function expectSound(run: UpdateRun): void {
  run.run(6 * MINUTE_MS);
  const { violations } = run.referee;
  expect({ violations, lost: run.lost }, run.log).toEqual({ violations: [], lost: [] });
}

const trials = (run: UpdateRun): number => run.boots.filter((boot) => boot.startsWith("0.2.0")).length;

/**
 * At once, so that what comes next finds it before it is online: a session that dies silently is noticed after 75 s, and
 * 60 s of it confirm.
 */
const booted = (run: UpdateRun, release: number): boolean =>
  run.world.time.runUntil(() => run.release === release, 3 * HOUR_MS);

describe("The old image is the control", () => {
  test("An outage of two hours that begins in the trial does not condemn a good release", () => {
    const run = online();
    run.offer(2);
    expect(booted(run, 2), run.log).toBe(true);
    internet(run, false);
    run.run(2 * HOUR_MS);
    expect(run.release, run.log).toBe(1);
    internet(run, true);
    expect(run.untilState("confirmed", 2 * HOUR_MS), run.log).toBe(true);
    expect(trials(run), run.log).toBe(2);
    expectSound(run);
  });

  test("An outage that ends a minute after the trial's time is a failed trial, and the next one an hour later is enough", () => {
    const run = online();
    run.offer(2);
    expect(booted(run, 2), run.log).toBe(true);
    internet(run, false);
    expect(
      run.until(() => run.release === 1, 20 * MINUTE_MS),
      run.log,
    ).toBe(true);
    run.run(MINUTE_MS);
    internet(run, true);
    const end = run.world.time.now();
    expect(booted(run, 2), run.log).toBe(true);
    expect(run.world.time.now() - end, run.log).toBeGreaterThan(59 * MINUTE_MS);
    expect(run.untilState("confirmed", 30 * MINUTE_MS), run.log).toBe(true);
    expectSound(run);
  });

  test("Three trials that decide nothing are the last ones", () => {
    const run = online();
    run.offer(2);
    for (let trial = 1; trial <= 3; trial++) {
      expect(booted(run, 2), run.log).toBe(true);
      internet(run, false);
      expect(
        run.until(() => run.release === 1, 20 * MINUTE_MS),
        run.log,
      ).toBe(true);
      run.run(20 * MINUTE_MS);
      internet(run, true);
    }
    run.run(8 * HOUR_MS);
    expect(run.state, run.log).toMatchObject({ state: "rolled-back", reason: "undecided", running: 1 });
    expect(trials(run), run.log).toBe(3);
    expectSound(run);
  });
});

test("A power cut in the trial is nobody's fault: the image starts again without a byte from the server", () => {
  const run = online();
  run.offer(2);
  expect(
    run.until(() => run.release === 2, 30 * MINUTE_MS),
    run.log,
  ).toBe(true);
  run.run(10_000);
  const { sentBytes } = run.world.updates;
  run.world.cutPower();
  run.run(5_000);
  run.world.world.powerOn();
  expect(run.untilState("confirmed", HOUR_MS), run.log).toBe(true);
  expect(run.world.updates.sentBytes).toBe(sentBytes);
  expect(trials(run), run.log).toBe(2);
  expectSound(run);
});

test("A panic is told with its place: task, PC and backtrace", () => {
  const run = online();
  run.offer(2, { bad: "crashes-after-a-minute" });
  expect(run.untilState("rolled-back"), run.log).toBe(true);
  expect(run.state, run.log).toMatchObject({
    reason: "crashed",
    crash: expect.stringContaining("PC 0x400d3f21"),
  });
});

test("Readings flow during the slowest download: none is later than two batches, and the light is blue", () => {
  const run = online({ settings: { samplingSeconds: 10 } });
  run.world.updates.faults.bytesPerSecond = 600;
  run.offer(2);
  expect(
    run.until(() => run.state?.state === "downloading", 15 * MINUTE_MS),
    run.log,
  ).toBe(true);
  run.latest = 0;
  const start = run.world.time.now();
  expect(
    run.until(() => run.release === 2, HOUR_MS),
    run.log,
  ).toBe(true);
  expect(run.world.time.now() - start).toBeGreaterThan(10 * MINUTE_MS);
  // A batch is five minutes.
  expect(run.latest / MINUTE_MS).toBeLessThan(10);
  expectSound(run);
});

describe("An offer that is none for this device fetches nothing, and says why", () => {
  const strangers = new OfferKey();
  const offers: Record<string, [OfferChoices & { release?: number }, string]> = {
    "of a stranger": [{ key: strangers }, "bad-signature"],
    "by another algorithm": [{ header: { alg: "none" } }, "wrong-alg"],
    "of a trust list": [{ header: { typ: "aerolink-trust+jwt" } }, "wrong-type"],
    "for another board": [{ manifest: { boards: ["esp32/m5atom_lite"] } }, "wrong-board"],
    "over a stepping stone": [{ release: 3, manifest: { from: 2 } }, "stepping-stone"],
    "of formats that do not fit": [
      { manifest: { formats: { journal: 9, settings: 1, credentials: 1 } } },
      "formats",
    ],
    "that is over": [{ manifest: { iat: 1, expires: Date.UTC(2026, 10, 1) / 1000 } }, "expired"],
    "that is too large": [{ manifest: { size: 8_000_000, block: 262_144 } }, "bad-blocks"],
    "whose marker is another release's": [{ release: 2, manifest: { release: 3 } }, "wrong-image"],
  };
  test.each(Object.entries(offers))("%s", (_name, [{ release = 2, ...choices }, reason]) => {
    const run = online();
    run.offer(release, choices);
    expect(run.untilState("failed"), run.log).toBe(true);
    expect(run.state, run.log).toMatchObject({ reason, running: 1 });
    if (reason !== "wrong-image") expect(run.world.updates.served).toEqual([]);
    run.run(HOUR_MS);
    expect(run.boots, run.log).toHaveLength(1);
  });

  test("noise", () => {
    const run = online();
    publishOffer(run.world, run.world.random.bytes(400));
    expect(run.untilState("failed"), run.log).toBe(true);
    expect(run.state, run.log).toMatchObject({ reason: "not-signed", running: 1 });
  });
});

test("After a confirmed update the release before it is a downgrade, power cut or not", () => {
  const run = online();
  run.offer(2);
  expect(run.untilState("confirmed"), run.log).toBe(true);
  run.offer(1);
  expect(
    run.until(() => run.state?.reason === "not-newer", MINUTE_MS),
    run.log,
  ).toBe(true);
  run.world.cutPower();
  run.run(5_000);
  run.world.world.powerOn();
  run.run(HOUR_MS);
  expect(run.state, run.log).toMatchObject({ running: 2, reason: "not-newer" });
  run.offer(3);
  expect(
    run.until(() => run.release === 3 && run.state?.state === "confirmed", HOUR_MS),
    run.log,
  ).toBe(true);
});

test("In setup mode no update begins, and the one that was under way goes on afterwards", () => {
  const run = online({ button: true });
  run.offer(2);
  run.world.world.pressButton(true);
  run.run(4_000);
  run.world.world.pressButton(false);
  run.world.run(9 * MINUTE_MS);
  expect(run.release, run.log).toBe(1);
  expect(run.world.updates.served, run.log).toEqual([]);
  // Setup mode ends by itself after ten minutes.
  run.world.run(30 * MINUTE_MS);
  expect(run.untilState("confirmed"), run.log).toBe(true);
});
