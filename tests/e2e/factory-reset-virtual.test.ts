// A factory reset of the unchanged firmware: what it leaves, and what the next owner's cloud gets, on virtual time.

import { beforeAll, expect, test } from "vitest";
import { SETTINGS, type SettingSpec } from "../../modules/configuration/settings-table";
import { seedSettings } from "../../sim/device/seed-settings";
import { VirtualWorld, type VirtualWorldOptions } from "../../sim/virtual/virtual-world";
import { CLOUD_HOST } from "../../sim/world/names";
import { homeRouter } from "../../sim/world/router";
import { buildFirmware } from "../support/firmware";
import { openJournal } from "../support/journal-rig";

const MINUTE_MS = 60_000;
const MARK = "resetting";

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

const world = (options: Partial<VirtualWorldOptions> = {}) =>
  new VirtualWorld({ ...built, seed: 9, button: true, journalBytes: 4 * 4_096, ...options });

function hold(virtual: VirtualWorld): void {
  virtual.world.pressButton(true);
  virtual.run(10_500);
  virtual.world.pressButton(false);
}

/** What a reset leaves, by the table of settings. */
const SURVIVORS = Object.values<SettingSpec>(SETTINGS)
  .filter((spec) => spec.survivesReset)
  .map((spec) => spec.key);

/** Keys of everything that is in key-value storage. */
const keysOf = (virtual: VirtualWorld): string[] =>
  ["aerolink", "commands"].flatMap((path) => [...virtual.storage.keyValue(path).keys()]);

/** Fails when the mark of a reset is taken away before all is erased. */
function watchMark(virtual: VirtualWorld): void {
  const store = virtual.storage.keyValue("aerolink");
  const remove = store.delete.bind(store);
  store.delete = (key) => {
    if (key === MARK) {
      expect(keysOf(virtual).filter((each) => each !== MARK && !SURVIVORS.includes(each))).toEqual([]);
      expect(virtual.flash.cells.every((cell) => cell === 0xff)).toBe(true);
    }
    return remove(key);
  };
}

/** The next owner: another network, the same product and its cloud. */
function handOver(virtual: VirtualWorld): void {
  virtual.cutPower();
  virtual.world.change((room) => {
    room.routers[0] = homeRouter({ ssid: "Second", password: "another pass" });
  });
  seedSettings(virtual.storage, [{ ssid: "Second", password: "another pass" }], { brokerHost: CLOUD_HOST });
  virtual.world.powerOn();
}

test("An hour and a half of the first owner's readings do not reach the next one's cloud", () => {
  const virtual = world({ routers: [homeRouter({ internet: false })] });
  virtual.keepReadings = true;
  virtual.world.powerOn();
  virtual.run(90 * MINUTE_MS);
  const { epoch, counts } = openJournal(virtual.flash);
  expect(counts.pending).toBeGreaterThan(85);
  watchMark(virtual);
  hold(virtual);
  expect(virtual.runUntilSight("pulse yellow", MINUTE_MS)).toBeDefined();
  handOver(virtual);
  virtual.run(30 * MINUTE_MS);
  expect(virtual.readings.length).toBeGreaterThan(25);
  expect(virtual.readings.filter((reading) => reading.epoch === epoch)).toEqual([]);
});

test("What RAM holds for a broker that is silent goes with it: readings, results, the report", () => {
  const virtual = world();
  virtual.keepReadings = true;
  virtual.world.powerOn();
  expect(virtual.runUntilSight("solid blue", 12 * MINUTE_MS)).toBeDefined();
  virtual.broker.faults.mute = "puback";
  virtual.run(20 * MINUTE_MS);
  const text = '{"id":"of-the-first","name":"read-now"}';
  virtual.broker.publish("aerolink/v1/aerolink-02005e102030/command", new TextEncoder().encode(text));
  virtual.run(1_000);
  const { epoch } = openJournal(virtual.flash);
  hold(virtual);
  expect(virtual.runUntilSight("pulse yellow", MINUTE_MS)).toBeDefined();
  virtual.readings.length = 0;
  delete virtual.broker.faults.mute;
  const results: string[] = [];
  const deliver = virtual.broker.onPublish;
  virtual.broker.onPublish = (publication) => {
    deliver(publication);
    if (publication.topic.endsWith("/result")) results.push(Buffer.from(publication.payload).toString());
  };
  handOver(virtual);
  virtual.run(10 * MINUTE_MS);
  expect(virtual.readings.length).toBeGreaterThan(5);
  expect(virtual.readings.filter((reading) => reading.epoch === epoch)).toEqual([]);
  expect(results).toEqual([]);
});

test("While the flash does not let go of the networks the light stays red, and the reset goes on", () => {
  const virtual = world();
  virtual.world.powerOn();
  virtual.run(5 * MINUTE_MS);
  const store = virtual.storage.keyValue("aerolink");
  const remove = store.delete.bind(store);
  store.delete = (key) => {
    if (key === "networks") throw new Error("flash");
    return remove(key);
  };
  hold(virtual);
  expect(virtual.runUntilSight("pulse yellow", 5 * MINUTE_MS)).toBeUndefined();
  expect(virtual.trace.join()).toContain("factory reset: Error: flash; trying again");
  virtual.cutPower();
  virtual.world.powerOn();
  virtual.run(MINUTE_MS);
  expect(virtual.sight).not.toBe("pulse yellow");
  store.delete = remove;
  watchMark(virtual);
  expect(virtual.runUntilSight("pulse yellow", MINUTE_MS)).toBeDefined();
  expect(store.has("networks")).toBe(false);
});

test("The power goes at any change that a reset makes: pulse yellow comes with all erased", () => {
  const first = world({ routers: [homeRouter({ internet: false })] });
  first.world.powerOn();
  first.run(30 * MINUTE_MS);
  first.cutPower();
  first.storage.keyValue("commands").set("3", "3 owed read-now a ");
  const { cells } = first.flash;
  const stores = ["aerolink", "commands"].map(
    (path) => [path, new Map(first.storage.keyValue(path))] as const,
  );

  /** A device in the state of `first`, and marked, whose power goes at change number `cut`. */
  const reset = (cut: number) => {
    const virtual = world({ routers: [homeRouter({ internet: false })] });
    virtual.flash.cells.set(cells);
    for (const [path, values] of stores) {
      const store = virtual.storage.keyValue(path);
      store.clear();
      for (const [key, value] of values) store.set(key, value);
    }
    virtual.storage.keyValue("aerolink").set(MARK, "1");
    let changes = 0;
    const die = () => {
      virtual.flash.cutAfter(0);
      expect(() => virtual.flash.program(0, Uint8Array.of(0xff))).toThrow("power cut");
    };
    const change = (): void => {
      if (!virtual.flash.dead && changes++ === cut) die();
      if (virtual.flash.dead) throw new Error("no power");
    };
    const undo: (() => void)[] = [];
    for (const [path] of stores) {
      const store = virtual.storage.keyValue(path);
      const [set, remove] = [store.set.bind(store), store.delete.bind(store)];
      store.set = (key, value) => {
        change();
        return set(key, value);
      };
      store.delete = (key) => {
        change();
        return remove(key);
      };
      undo.push(() => Object.assign(store, { set, delete: remove }));
    }
    const erase = virtual.flash.erase.bind(virtual.flash);
    virtual.flash.erase = (sector) => {
      if (changes++ === cut) virtual.flash.cutAfter(1_000, "scattered");
      erase(sector);
    };
    virtual.world.powerOn();
    if (cut === Number.POSITIVE_INFINITY) {
      const store = virtual.storage.keyValue("aerolink");
      const until = () => !store.has(MARK);
      expect(virtual.time.runUntil(until, MINUTE_MS)).toBe(true);
    } else
      expect(
        virtual.time.runUntil(() => !virtual.world.board.on, MINUTE_MS),
        `cut ${cut}`,
      ).toBe(true);
    for (const each of undo) each();
    virtual.flash.erase = erase;
    return { virtual, changes };
  };

  const { changes } = reset(Number.POSITIVE_INFINITY);
  expect(changes).toBeGreaterThan(5);
  for (let cut = 0; cut < changes; cut++) {
    const { virtual } = reset(cut);
    virtual.cutPower();
    watchMark(virtual);
    virtual.world.powerOn();
    const yellow = virtual.runUntilSight("pulse yellow", MINUTE_MS);
    expect(yellow, `cut ${cut}\n${virtual.trace.join("\n")}`).toBeDefined();
    virtual.cutPower();
    expect(keysOf(virtual).sort(), `cut ${cut}`).toEqual(["bootCount"]);
    expect(openJournal(virtual.flash).counts.pending).toBeLessThan(2);
  }
});
