// The board of npm start, in real time: what lies in the slot that otadata names is what runs.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { OTA_STATES, OtaData } from "../../sim/boot/ota-data";
import { simImage } from "../../sim/boot/sim-image";
import { bundleFirmware } from "../../sim/device/firmware";
import { FolderStorage } from "../../sim/device/storage";
import { type BadRelease, spoil } from "../../sim/virtual/bad-release";
import { limit } from "../support/limit";
import { closeAll, type Running, start, until } from "../support/running-simulator";
import { LONG } from "../support/volume";

let bundle: string;
beforeAll(async () => {
  bundle = await bundleFirmware(undefined, { release: 2, firmwareVersion: "0.2.0" });
});
afterAll(closeAll);

const booted = (each: Running, version: string, reset: string): number =>
  each.log.filter((line) => line.includes(`firmware ${version}, boot`) && line.endsWith(`after ${reset}`))
    .length;

/** Runs release 1, takes the power away, and leaves release 2 in the second slot as an update does. */
async function updated(bad?: BadRelease): Promise<Running> {
  const each = await start();
  await until("release 1", () => booted(each, "0.1.0", "power-on") === 1, each);
  await each.simulator.world.powerOff();
  const storage = new FolderStorage(join(each.folder, "board"));
  storage.flash("ota_1")!.load(0, simImage(bad ? spoil(bundle, bad) : bundle));
  new OtaData(storage.flash("otadata")!).write(1, 2, OTA_STATES.new);
  each.simulator.world.powerOn();
  return each;
}

test.concurrent(
  "A good image runs, and the one from before comes back when it is not confirmed",
  async () => {
    const each = await updated();
    await until("release 2", () => booted(each, "0.2.0", "power-on") === 1, each);
    await each.simulator.world.powerOff();
    each.simulator.world.powerOn();
    await until("release 1 again", () => booted(each, "0.1.0", "power-on") === 2, each);
    await each.close();
  },
  limit(120_000),
);

test.concurrent(
  "An image that aborts is reset, and the one from before starts; the simulator lives",
  async () => {
    const each = await updated("crashes-at-once");
    await until("release 1 again", () => booted(each, "0.1.0", "restart") === 1, each);
    expect(each.log.join("\n")).toContain("injected: crashes at once");
    expect(each.crashes).toEqual([]);
    await each.close();
  },
  limit(120_000),
);

test.runIf(LONG).concurrent(
  "An image that hangs is reset by the watchdog, and the one from before starts",
  async () => {
    const each = await updated("hangs");
    await until("release 2", () => booted(each, "0.2.0", "power-on") === 1, each);
    await until("release 1 again", () => booted(each, "0.1.0", "task watchdog") === 1, each);
    await each.close();
  },
  limit(120_000),
);
