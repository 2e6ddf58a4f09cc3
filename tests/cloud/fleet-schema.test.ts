import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EmbeddedEngine } from "../../cloud/store/embedded-engine";
import { Store } from "../../cloud/store/store";
import { identityStateText, updateStateText } from "../support/offers";
import { embeddedStore } from "../support/stores";

test("A store from before rollouts is opened, keeps what it has, and learns the new tables", async () => {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-before-"));
  const file = join(folder, "store.db");
  const before = EmbeddedEngine.open(file);
  for (const table of ["device_states", "device_tags", "rollouts"]) await before.run(`DROP TABLE ${table}`);
  await before.run("INSERT INTO counts VALUES ('kept', 7)");
  await before.close();
  const store = await Store.open({ engine: EmbeddedEngine.open(file) });
  expect(await store.notes.counts()).toEqual({ kept: 7 });
  expect(await store.rollouts.due()).toEqual([]);
  await store.close();
  rmSync(folder, { recursive: true });
});

test("What the broker says again at each connection is no news, and what is deleted of a device has gone", async () => {
  let now = 1_000_000;
  const { store, close } = await embeddedStore({ now: () => now });
  const say = (changes: object = {}) =>
    store.take([
      {
        kind: "state",
        device: "one",
        topic: "update/state",
        text: updateStateText({ ...changes }),
        at: store.seconds,
      },
      { kind: "state", device: "one", topic: "identity/state", text: identityStateText(), at: store.seconds },
    ]);
  const since = async () => (await store.states.visible({ fleet: true }, "one")).get("one")?.update?.since;
  await say();
  now += 60_000;
  await say();
  expect(await since()).toBe(1_000);
  await say({ state: "ready" });
  expect(await since()).toBe(1_060);
  await store.tags.set({ fleet: true }, "one", ["kept"]);
  await store.devices.forget({ fleet: true }, "one");
  expect((await store.states.visible({ fleet: true })).size).toBe(0);
  expect([...(await store.tags.visible({ fleet: true })).values()]).toEqual([["kept"]]);
  await store.devices.forget({ fleet: true }, "one", { andItself: true });
  expect((await store.tags.visible({ fleet: true })).size).toBe(0);
  await close();
});
