import { beforeAll, expect, test } from "vitest";
import { SCENARIOS } from "../../sim/scenes/scenarios";
import { VIRTUAL_MAC, VirtualWorld, type VirtualWorldOptions } from "../../sim/virtual/virtual-world";
import { buildFirmware } from "../support/firmware";
import { SEED } from "../support/volume";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

function world(options: Partial<VirtualWorldOptions> = {}): VirtualWorld {
  return new VirtualWorld({ ...built, seed: 1, ...options });
}

function online(options: Partial<VirtualWorldOptions> = {}): VirtualWorld {
  const virtual = world(options);
  virtual.world.powerOn();
  expect(virtual.runUntilSight("solid blue", MINUTE_MS), virtual.trace.join("\n")).toBeDefined();
  return virtual;
}

/** Sequence numbers below the highest that arrived which never arrived. */
function missing(virtual: VirtualWorld): number[] {
  const seqs = new Set([...virtual.delivered.keys()].map((key) => Number(key.split(":")[1])));
  return Array.from({ length: Math.max(0, ...seqs) }, (_, i) => i + 1).filter((seq) => !seqs.has(seq));
}

for (const scenario of SCENARIOS) {
  test(`${scenario.name}: ${scenario.title} It ends in ${scenario.ends} and stays there`, () => {
    const virtual = world({ routers: scenario.routers(VIRTUAL_MAC), networks: scenario.networks });
    const log = (): string => virtual.trace.join("\n");
    virtual.world.powerOn();
    const { reason } = scenario;
    if (reason)
      expect(
        virtual.time.runUntil(() => log().includes(reason), 2 * MINUTE_MS),
        log(),
      ).toBe(true);
    expect(virtual.runUntilSight(scenario.ends, MINUTE_MS), log()).toBeDefined();
    let elsewhere = 0;
    for (let second = 0; second < 600; second++) {
      virtual.run(1_000);
      if (virtual.sight !== scenario.ends) elsewhere++;
    }
    // A guest network is tried again now and then: an honest pulse blue while it is looked at.
    expect(elsewhere, log()).toBeLessThanOrEqual(scenario.name === "guest-network" ? 30 : 0);
    if (!reason) expect(log()).not.toMatch(/blocked|failed|no-internet/);
  });
}

test("The light is pulse white, then pulse blue, then solid blue on the way to the cloud, and nothing else", () => {
  const virtual = world();
  virtual.world.change(({ routers }) => {
    routers[0]!.dhcp = false;
  });
  virtual.broker.faults.mute = "connack";
  virtual.world.powerOn();
  expect(virtual.runUntilSight("pulse white", 5_000)).toBeDefined();
  virtual.world.change(({ routers }) => {
    routers[0]!.dhcp = true;
  });
  expect(virtual.runUntilSight("pulse blue", 10_000)).toBeDefined();
  delete virtual.broker.faults.mute;
  expect(virtual.runUntilSight("solid blue", MINUTE_MS)).toBeDefined();
});

test("An internet that dies behind a living router ends solid blue within the keep-alive bound of 75 s", () => {
  const virtual = online();
  virtual.run(MINUTE_MS);
  let longest = 0;
  for (let round = 0; round < 10; round++) {
    virtual.run(virtual.random.below(90_000));
    expect(virtual.sight).toBe("solid blue");
    virtual.world.change(({ gateway }) => {
      gateway.internet = false;
    });
    const start = virtual.time.now();
    virtual.trace.length = 0;
    virtual.time.runUntil(() => virtual.trace.includes("info monitor: connecting"), 80_000);
    longest = Math.max(longest, virtual.time.now() - start);
    virtual.world.change(({ gateway }) => {
      gateway.internet = true;
    });
    expect(virtual.runUntilSight("solid blue", 10 * MINUTE_MS)).toBeDefined();
  }
  expect(longest).toBeLessThanOrEqual(75_000);
  console.log(`pulse blue at the latest ${(longest / 1000).toFixed(1)} s after the internet died`);
});

test("A broker that dies between PUBLISH and PUBACK and comes back has every reading, none lost", () => {
  const virtual = online({ settings: { samplingSeconds: 5 } });
  virtual.broker.faults.dropOnPublish = true;
  virtual.run(2 * MINUTE_MS);
  virtual.broker.faults.down = true;
  virtual.broker.crash({ forget: true });
  delete virtual.broker.faults.dropOnPublish;
  virtual.run(5 * MINUTE_MS);
  expect(virtual.sight).toBe("pulse blue");
  delete virtual.broker.faults.down;
  expect(virtual.runUntilSight("solid blue", 6 * MINUTE_MS)).toBeDefined();
  virtual.run(2 * MINUTE_MS);
  expect(missing(virtual)).toEqual([]);
  expect(virtual.delivered.size).toBeGreaterThan(80);
});

test("Readings taken while the router was away all arrive once it is back, the freshest within 5 s of solid blue", () => {
  const virtual = online();
  virtual.world.change(({ routers }) => {
    routers[0]!.on = false;
  });
  virtual.run(6 * 60 * MINUTE_MS);
  expect(virtual.sight).toBe("solid white");
  virtual.keepReadings = true;
  virtual.world.change(({ routers }) => {
    routers[0]!.on = true;
  });
  expect(virtual.time.runUntil(() => virtual.trace.at(-1) === "info monitor: online", 6 * MINUTE_MS)).toBe(
    true,
  );
  const onlineAt = virtual.unixMs;
  virtual.run(5_000);
  const freshest = Math.max(...virtual.readings.map(({ unixSeconds }) => unixSeconds ?? 0));
  expect(onlineAt / 1000 - freshest).toBeLessThanOrEqual(61);
  virtual.run(MINUTE_MS);
  expect(missing(virtual)).toEqual([]);
  expect(virtual.delivered.size).toBeGreaterThan(360);
});

test("A power cut at any moment loses no reading that was taken", () => {
  const virtual = online({ settings: { samplingSeconds: 2 }, seed: SEED });
  for (let cut = 0; cut < 30; cut++) {
    virtual.run(virtual.random.below(20_000));
    virtual.cutPower();
    virtual.run(virtual.random.below(5_000));
    expect(virtual.sight).not.toBe("solid blue");
    virtual.world.powerOn();
  }
  expect(virtual.runUntilSight("solid blue", MINUTE_MS), `seed ${SEED}`).toBeDefined();
  virtual.run(MINUTE_MS);
  expect(missing(virtual), `seed ${SEED}`).toEqual([]);
});

test("Over a day the firmware's timers stay level and every reading arrives", () => {
  const virtual = online();
  virtual.run(10 * MINUTE_MS);
  const before = virtual.firmwareTimers;
  virtual.run(DAY_MS);
  expect(Math.abs(virtual.firmwareTimers - before)).toBeLessThanOrEqual(2);
  virtual.run(6 * MINUTE_MS);
  expect(missing(virtual)).toEqual([]);
  expect(virtual.delivered.size).toBeGreaterThan(1_440);
  expect(virtual.world.board.on).toBe(true);
});
