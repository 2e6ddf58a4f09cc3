import { afterEach, beforeEach, expect, test } from "vitest";
import { RolloutDesk } from "../../cloud/rollout/desk";
import type { Selection } from "../../cloud/rollout/kept";
import { type RolloutPlan, USUAL_PLAN } from "../../cloud/rollout/plan";
import type { Store } from "../../cloud/store/store";
import { manifestOf, updateStateText } from "../support/offers";
import { embeddedStore, type OpenStore } from "../support/stores";

const START = Date.parse("2026-07-01T12:00:00Z");
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const QUICK: RolloutPlan = {
  stages: [
    { share: 0.1, soakSeconds: 3_600 },
    { share: 1, soakSeconds: 0 },
  ],
  mostFailures: 0.2,
  quorum: 0.5,
};

let opened: OpenStore;
let store: Store;
let clock: number;
/** What each device was told last. */
let offers: Map<string, string>;
let isAway: boolean;
let troubles: string[];

beforeEach(async () => {
  clock = START;
  offers = new Map();
  isAway = false;
  troubles = [];
  opened = await embeddedStore({ now: () => clock });
  store = opened.store;
});
afterEach(() => opened.close());

const desk = (more: { targets?: ReadonlyMap<string, string>; patienceMs?: number } = {}): RolloutDesk =>
  new RolloutDesk({
    store,
    offer: async (ids, manifest) => {
      if (isAway) throw new Error("the broker is away");
      for (const id of ids) offers.set(id, manifest);
    },
    onTrouble: (error) => troubles.push(error.message),
    patienceMs: 0,
    ...more,
  });

async function addFleet(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, i) => `device-${String(i).padStart(2, "0")}`);
  for (const id of ids) await say(id);
  return ids;
}

const say = (device: string, changes: object = {}): Promise<unknown> =>
  store.take([
    {
      kind: "state",
      device,
      topic: "update/state",
      text: updateStateText({ ...changes }),
      at: store.seconds,
    },
  ]);

async function begin({ plan = QUICK, manifest = manifestOf(), chosen = { all: true } as Selection } = {}) {
  const account = store.homeAccount;
  const devices = await store.devices.visible({ account });
  const row = await desk().begin({ account, actor: "somebody", manifest, chosen, devices, plan });
  return {
    id: row.id,
    row,
    look: () => desk().lookAtAll(),
    change: (change: Parameters<RolloutDesk["change"]>[2]) => desk().change(account, row.id, change),
    now: async () => (await store.rollouts.find<typeof row.body>({ account }, row.id))!,
  };
}

/** Devices that have the offer, as far as they were told. */
const offered = (): string[] => [...offers].filter(([, text]) => text !== "").map(([id]) => id);

test("A tenth gets the offer first, and the rest once it has confirmed and been watched for an hour", async () => {
  await addFleet(20);
  const rollout = await begin();
  const first = offered();
  expect(first).toHaveLength(2);
  for (const id of first) await say(id, { state: "idle", release: 12, running: 12 });
  await rollout.look();
  expect(offered()).toHaveLength(2);
  clock += HOUR;
  await rollout.look();
  expect(offered()).toHaveLength(20);
  for (const id of offered()) await say(id, { state: "confirmed", release: 12, running: 12, confirmed: 12 });
  await rollout.look();
  expect(await rollout.now()).toMatchObject({ state: "done", untold: 0 });
  const audit = await store.audit.visible({ account: store.homeAccount });
  expect(audit.map(({ actor, action }) => [actor, action])).toEqual([
    ["cloud", "rollout-done"],
    ["cloud", "rollout-stage"],
    ["cloud", "rollout-stage"],
  ]);
});

test("It halts by itself when more fail than it bears, takes the offer back from who has not finished, and goes on when told to", async () => {
  await addFleet(20);
  const rollout = await begin();
  const [bad, slow] = offered() as [string, string];
  await say(bad, { state: "rolled-back", release: 12, reason: "crashed" });
  await rollout.look();
  expect(await rollout.now()).toMatchObject({
    state: "halted",
    body: { rollout: { stopped: { why: expect.stringContaining("1 of 2 devices") } } },
  });
  expect([offers.get(slow), offers.get(bad)]).toEqual(["", manifestOf()]);
  clock += DAY;
  await rollout.look();
  expect(offered()).toEqual([bad]);
  await rollout.change({ to: "running" });
  expect(await rollout.now()).toMatchObject({ state: "running", body: { rollout: { excused: [bad] } } });
  expect(offers.get(slow)).toBe(manifestOf());
  expect((await store.audit.visible({ account: store.homeAccount })).map(({ action }) => action)).toContain(
    "rollout-halt",
  );
});

test("What nobody whom the devices trust has signed halts it as well, and what they said before it does not", async () => {
  await addFleet(10);
  for (let i = 0; i < 10; i++) await say(`device-0${i}`, { state: "failed", reason: "bad-signature" });
  clock += 1_000;
  const rollout = await begin();
  await rollout.look();
  expect((await rollout.now()).state).toBe("running");
  await say(offered()[0]!, { state: "failed", reason: "no-keys" });
  await rollout.look();
  expect((await rollout.now()).state).toBe("halted");
});

test("Paused, nobody new gets it; ended, it is over for good, and its devices are free for another", async () => {
  await addFleet(10);
  const rollout = await begin();
  const [first] = offered();
  await expect(begin({ manifest: manifestOf({ release: 13 }) })).rejects.toMatchObject({
    reason: "under-way",
  });
  await rollout.change({ to: "paused", why: "sensors read zero" });
  expect(await rollout.now()).toMatchObject({ state: "paused" });
  expect((await rollout.now()).body.rollout.stopped?.why).toBe("sensors read zero");
  expect(offers.get(first!)).toBe("");
  clock += DAY;
  await rollout.look();
  expect(offered()).toEqual([]);
  await rollout.change({ to: "ended" });
  await expect(rollout.change({ to: "running" })).rejects.toMatchObject({ reason: "over" });
  await begin({ manifest: manifestOf({ release: 13 }) });
  expect(offered()).toHaveLength(1);
});

test("A rollout that is over is kept as long as the audit, and one that is not for ever", async () => {
  await addFleet(10);
  const over = await begin();
  await over.change({ to: "ended" });
  const paused = await begin({ manifest: manifestOf({ release: 13 }) });
  await paused.change({ to: "paused" });
  clock += 399 * DAY;
  await store.retain();
  expect(await over.now()).toBeDefined();
  clock += 3 * DAY;
  await store.retain();
  expect([await over.now(), (await paused.now()).state]).toEqual([undefined, "paused"]);
});

test("Who could not be told because the broker was away is told at the next look, by any process", async () => {
  await addFleet(10);
  isAway = true;
  const rollout = await begin();
  expect([offered(), (await rollout.now()).untold, troubles]).toEqual([[], 1, ["the broker is away"]]);
  isAway = false;
  await rollout.look();
  expect([offered().length, (await rollout.now()).untold]).toEqual([1, 0]);
});

test("A process that holds a rollout is not disturbed, and one that was killed holds it for a minute", async () => {
  await addFleet(10);
  isAway = true;
  const rollout = await begin();
  isAway = false;
  await store.rollouts.hold(rollout.id, "killed", { now: store.seconds, until: store.seconds + 60 });
  await rollout.look();
  expect(offered()).toEqual([]);
  await expect(rollout.change({ to: "paused" })).rejects.toMatchObject({ reason: "busy" });
  clock += 60_000;
  await rollout.look();
  expect(offered()).toHaveLength(1);
});

test("Whoever pauses a rollout that another process is at waits until it is let go", async () => {
  await addFleet(10);
  const rollout = await begin();
  await store.rollouts.hold(rollout.id, "other", { now: store.seconds, until: store.seconds + 60 });
  const paused = desk({ patienceMs: 10_000 }).change(store.homeAccount, rollout.id, { to: "paused" });
  await store.rollouts.letGo(rollout.id, "other");
  expect(await paused).toMatchObject({ state: "paused" });
});

test("A device that has gone to another account is told nothing more", async () => {
  await addFleet(10);
  isAway = true;
  const rollout = await begin();
  isAway = false;
  const [first] = Object.keys((await rollout.now()).body.untold);
  await store.devices.change({ fleet: true }, first!, { account: "other" }, store.seconds);
  await rollout.look();
  expect([offered(), (await rollout.now()).untold]).toEqual([[], 0]);
});

test("An offer that runs out halts it, and the same image signed again lets it go on", async () => {
  await addFleet(10);
  const rollout = await begin({ manifest: manifestOf({ expires: START / 1000 + 3_600 }) });
  clock += HOUR;
  await rollout.look();
  expect((await rollout.now()).state).toBe("halted");
  await expect(rollout.change({ to: "running" })).rejects.toMatchObject({ reason: "expired" });
  const other = manifestOf({ sha256: "6".repeat(64) });
  await expect(rollout.change({ to: "running", manifest: other })).rejects.toMatchObject({
    reason: "other-image",
  });
  await rollout.change({ to: "running", manifest: manifestOf() });
  expect([...offers.values()]).toEqual([manifestOf()]);
});

test("Who cannot take the release is left out and named, and a release for nobody is not begun", async () => {
  await addFleet(2);
  await say("newer", { running: 12 });
  await say("older", { running: 2 });
  await store.devices.add({ id: "silent", account: store.homeAccount }, store.seconds);
  await say("other-board");
  await store.take([
    {
      kind: "status",
      device: "other-board",
      isOnline: true,
      status: '{"v":1,"online":true,"board":"M5Atom Lite"}',
      at: store.seconds,
    },
  ]);
  const account = store.homeAccount;
  const devices = await store.devices.visible({ account });
  const targets = new Map([["M5Atom Lite", "esp32/m5atom_lite"]]);
  const options = { account, actor: "x", manifest: manifestOf({ from: 3 }), plan: USUAL_PLAN };
  const row = await desk({ targets }).begin({ ...options, chosen: { all: true }, devices });
  expect([...row.body.rollout.devices].sort()).toEqual(["device-00", "device-01"]);
  expect(row.body.leftOut.map(({ device }) => device)).toEqual(["newer", "older", "other-board", "silent"]);
  await expect(
    desk().begin({
      ...options,
      chosen: { device_ids: ["newer"] },
      devices: devices.filter(({ id }) => id === "newer"),
    }),
  ).rejects.toMatchObject({ reason: "nobody", devices: [{ device: "newer", why: "it runs release 12" }] });
});

test.each([
  ["no manifest"],
  ["a.b.c"],
  [manifestOf({ release: 0 })],
  [manifestOf({ expires: START / 1000 })],
])("%j is not rolled out", async (manifest) => {
  await addFleet(1);
  await expect(begin({ manifest })).rejects.toThrow();
  expect(offers.size).toBe(0);
});
