import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { outcomeOf, whyNot } from "../../../cloud/rollout/facts";
import { newRollout, USUAL_PLAN } from "../../../cloud/rollout/plan";
import { createKey } from "../../../tools/pki/keys";
import { boardTargets } from "../../../tools/release/boards";
import { formatPoint, pointOfPkcs8 } from "../../../tools/release/keys";
import { createManifest, type ManifestFacts, signManifest } from "../../../tools/release/manifest";
import type { Output } from "../../../tools/release/output";
import { publish, readRelease } from "../../../tools/release/publish";
import { RolloutRun } from "../../../tools/release/rollout-run";
import { statusTable } from "../../../tools/release/status";
import { MemoryFleet, simulatorImageOf, updateState } from "./support";

const NOW = 1_800_000_000;
const DAY = 86_400;
const FORMATS = { journal: 1, settings: 1, credentials: 1 };
const said: string[] = [];
const output: Output = { print: (text) => said.push(text), warn: (text) => said.push(text) };
let dir: string;
const file = (name: string): string => join(dir, name);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "aerolink-publish-"));
  said.length = 0;
});
afterEach(() => rmSync(dir, { recursive: true }));

const paths = () => ({ offer: file("offer"), image: file("image"), manifest: file("manifest.json") });

/** Image, offer and manifest in the folder. */
async function release(changes: Partial<ManifestFacts> = {}) {
  const key = await createKey();
  const image = simulatorImageOf(12);
  const facts = { image, release: 12, version: "0.9.0", boards: ["simulator"], from: 3, floor: 1 };
  const dates = { iat: NOW, expires: NOW + 90 * DAY };
  const jws = signManifest(createManifest({ ...facts, formats: FORMATS, ...dates, ...changes }), key);
  writeFileSync(file("image"), image);
  writeFileSync(file("offer"), jws);
  const keys = [formatPoint(pointOfPkcs8(key))];
  writeFileSync(file("manifest.json"), JSON.stringify({ config: { updateKeys: keys } }));
}

describe("readRelease", () => {
  test("takes what belongs together", async () => {
    await release();
    expect((await readRelease(paths(), NOW)).manifest.release).toBe(12);
  });

  test.each<[string, () => Promise<void> | void, string]>([
    [
      "another image",
      () => writeFileSync(file("image"), simulatorImageOf(12, { bytes: 9_000 })),
      "another image",
    ],
    ["an offer that says another board", () => release({ boards: ["esp32"] }), "says otherwise"],
    ["an offer that says another release", () => release({ release: 13 }), "says otherwise"],
    ["one that has run out", () => release({ expires: NOW - 1 }), "ran out"],
    ["what nobody has signed", () => writeFileSync(file("offer"), "a.b.c"), "none of the 1 keys"],
    ["what is no offer", () => writeFileSync(file("offer"), "{}"), "not a compact JWS"],
    ["what is not there", () => rmSync(file("offer")), "cannot be read"],
  ])("refuses %s", async (_what, change, why) => {
    await release();
    await change();
    await expect(readRelease(paths(), NOW)).rejects.toThrow(why);
  });
});

describe("publish", () => {
  const able = { board: "simulated board", update: updateState({ running: 5 }) };

  test("offers to those who are named, as it was signed", async () => {
    await release();
    const fleet = new MemoryFleet().add("a", able).add("b", able).add("c", able);
    await publish(fleet, ["a", "b"], await readRelease(paths(), NOW), output);
    expect([...fleet.offers]).toEqual(["a", "b"].map((id) => [id, readFileSync(file("offer"), "utf8")]));
  });

  test("offers to nobody when one of them cannot take it, and says who and why", async () => {
    await release();
    const fleet = new MemoryFleet()
      .add("good", able)
      .add("board", { ...able, board: "M5Atom Lite" })
      .add("newer", { ...able, update: updateState({ running: 12 }) })
      .add("older", { ...able, update: updateState({ running: 2 }) })
      .add("before", { board: "simulated board" });
    const names = ["good", "board", "newer", "older", "before", "nobody"];
    const refused = publish(fleet, names, await readRelease(paths(), NOW), output);
    await expect(refused).rejects.toThrow(/^board: its board is esp32\/m5atom_lite \(M5Atom Lite\)/);
    await expect(refused).rejects.toThrow(
      /newer: it runs release 12\nolder: .*from 3 on\nbefore: .*older than/,
    );
    await expect(refused).rejects.toThrow(/nobody: the broker knows nothing of it/);
    await expect(refused).rejects.toThrow(/Nothing was offered/);
    expect(fleet.offers.size).toBe(0);
  });

  test("a board of somebody else, whose target nobody here knows, is the device's to judge", async () => {
    await release();
    const fleet = new MemoryFleet().add("x", { ...able, board: "their own" });
    expect(
      whyNot(fleet.devices.get("x"), (await readRelease(paths(), NOW)).manifest, boardTargets()),
    ).toBeUndefined();
  });
});

test("Every board of the manifest is known by the name that it gives itself", () => {
  const { platforms } = JSON.parse(readFileSync("modules/board/manifest.json", "utf8"));
  const targets = Object.keys(platforms).filter((name) => /^esp32(\/[^*]+)?$/.test(name));
  expect([...boardTargets().values()].sort()).toEqual([...targets, "simulator"].sort());
});

test("A device's last word about a release is one of three things", () => {
  const said = (state: Parameters<typeof updateState>[0]) => outcomeOf({ update: updateState(state) }, 12);
  expect(outcomeOf(undefined, 12)).toBe("pending");
  expect(said({ state: "downloading", release: 12 })).toBe("pending");
  expect(said({ state: "trial", release: 12, running: 12 })).toBe("pending");
  expect(said({ state: "confirmed", release: 12, running: 12 })).toBe("confirmed");
  expect(said({ state: "idle", running: 12 })).toBe("confirmed");
  expect(said({ state: "rolled-back", release: 12 })).toBe("failed");
  expect(said({ state: "failed", release: 12 })).toBe("failed");
  expect(said({ state: "failed", release: 11 })).toBe("pending");
});

describe("a rollout in its file", () => {
  const fleet = (): MemoryFleet => {
    const made = new MemoryFleet();
    for (let i = 0; i < 200; i++) made.add(`d-${i}`);
    return made;
  };
  const begin = (devices: MemoryFleet) =>
    RolloutRun.begin(file("state/rollout.json"), newRollout(12, [...devices.devices.keys()]), {
      fleet: devices,
      jws: "offer",
      output,
    });
  const goOn = (devices: MemoryFleet, number = 12) =>
    RolloutRun.goOn(file("state/rollout.json"), number, { fleet: devices, jws: "offer", output });
  const confirm = (devices: MemoryFleet) => {
    for (const id of devices.offers.keys())
      devices.add(id, { update: updateState({ running: 12, state: "confirmed", release: 12 }) });
  };

  test("goes through its stages, and is done when all have it", async () => {
    const devices = fleet();
    const run = await begin(devices);
    for (const [day, count] of [2, 20, 200].entries()) {
      expect(await run.look(NOW + day * DAY)).toBe("soaking");
      expect(devices.offers.size).toBe(count);
      confirm(devices);
    }
    expect(await run.look(NOW + 2 * DAY)).toBe("done");
    expect(said.at(-1)).toContain("stage 3 of 3: 200 of 200 devices have the offer");
  });

  test("goes on after the tool has died before it told anybody: the file knows who was to be told", async () => {
    const devices = fleet();
    const dead: MemoryFleet = Object.assign(fleet(), { offer: () => Promise.reject(new Error("died")) });
    await expect((await begin(dead)).look(NOW)).rejects.toThrow("died");
    const run = await goOn(devices);
    expect([...devices.offers.keys()]).toEqual(run.rollout.devices.slice(0, 2));
    await expect(begin(devices)).rejects.toThrow("is there already");
    await expect(goOn(devices, 13)).rejects.toThrow("the rollout of release 12");
    writeFileSync(file("state/rollout.json"), "{");
    await expect(goOn(devices)).rejects.toThrow("not a rollout of ours");
  });

  test("stops at a failure in its first stage, takes the offers back, and goes on when somebody says so", async () => {
    const devices = fleet();
    const run = await begin(devices);
    await run.look(NOW);
    const [first, second] = run.rollout.devices as [string, string];
    devices.add(first, { update: updateState({ state: "rolled-back", release: 12, reason: "crashed" }) });
    expect(await run.look(NOW + 60)).toBe("stopped");
    expect(devices.offers.get(second)).toBe("");
    expect(devices.offers.get(first)).toBe("offer");
    const later = await goOn(devices);
    expect(devices.offers.get(second)).toBe("");
    expect(await later.look(NOW + 9 * DAY)).toBe("stopped");
    await later.resume(NOW + 9 * DAY);
    expect(devices.offers.get(second)).toBe("offer");
    expect(USUAL_PLAN.mostFailures).toBe(0.02);
  });
});

test("The table has a line for each device, in order, with what it says of itself", () => {
  const fleet = new MemoryFleet()
    .add("b", {
      online: false,
      update: updateState({ state: "rolled-back", release: 12, reason: "crashed", crash: "task main" }),
    })
    .add("a", { online: true, update: updateState({ state: "downloading", release: 12, progress: 2 }) })
    .add("c", { board: "M5Atom Lite" });
  expect(
    statusTable(fleet.devices)
      .split("\n")
      .map((line) => line.replaceAll(/ {2,}/g, "|")),
  ).toEqual([
    "device|runs|offered|state|loaded|reason",
    "a|1 (0.1.0)|12|downloading|50 %",
    "b (away)|1 (0.1.0)|12|rolled-back|crashed: task main",
    "c|–|–|says nothing of updates",
  ]);
});
