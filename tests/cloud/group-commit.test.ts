import { expect, test } from "vitest";
import { GroupCommit } from "../../cloud/ingest/group-commit";
import type { Arrival, Taken } from "../../cloud/store/intake";

const arrival = (device: string): Arrival => ({ kind: "status", device, isOnline: true, at: 0 });
const aside: Arrival = { ...arrival("aside") };
const NOTHING: Taken = { added: 0, repeated: 0, tooOld: 0 };

/** A store that takes what it is told to, when it is told to. */
class HeldStore {
  readonly groups: string[][] = [];
  fails: (devices: string[]) => Error | undefined = () => undefined;
  readonly #held: (() => void)[] = [];
  isHeld = false;

  async take(arrivals: readonly Arrival[]): Promise<Taken> {
    const devices = arrivals.map(({ device }) => device!);
    if (this.isHeld) await new Promise<void>((resolve) => this.#held.push(resolve));
    const error = this.fails(devices);
    if (error) throw error;
    this.groups.push(devices);
    return NOTHING;
  }

  isRefusal(error: unknown): boolean {
    return (error as Error).message === "refused";
  }

  release(): void {
    for (const each of this.#held.splice(0)) each();
  }
}

function rig() {
  const store = new HeldStore();
  const troubles: string[] = [];
  const commit = new GroupCommit({ store, onTrouble: ({ message }) => troubles.push(message) });
  const answers: [string, boolean][] = [];
  const add = (device: string, isWanted = () => true): void =>
    commit.add({ arrival: arrival(device), aside, isWanted, done: (kept) => answers.push([device, kept]) });
  return { store, commit, answers, troubles, add };
}

test("What comes while a transaction is under way is the next one, and nothing is answered before COMMIT", async () => {
  const { store, add, answers } = rig();
  store.isHeld = true;
  add("a");
  await turn();
  for (const device of ["b", "c", "d"]) add(device);
  await turn();
  expect(answers).toEqual([]);
  store.release();
  await turn();
  expect(answers).toEqual([["a", true]]);
  store.release();
  await turn();
  expect(store.groups).toEqual([["a"], ["b", "c", "d"]]);
  expect(answers.length).toBe(4);
});

test("What several sockets bring in one turn is one transaction, though the store answers at once", async () => {
  const { store, add } = rig();
  for (const device of ["a", "b", "c"]) add(device);
  await turn();
  expect(store.groups).toEqual([["a", "b", "c"]]);
});

test("One whose connection has gone before its turn is not written, and holds up nobody who comes later", async () => {
  const { store, add, answers } = rig();
  add("gone", () => false);
  await turn();
  add("next");
  await turn();
  expect(store.groups).toEqual([["next"]]);
  expect(answers).toEqual([
    ["gone", false],
    ["next", true],
  ]);
});

test("One that the database refuses is put aside alone", async () => {
  const { store, add, answers, troubles } = rig();
  store.fails = (devices) => (devices.includes("bad") ? new Error("refused") : undefined);
  store.isHeld = true;
  add("first");
  await turn();
  for (const device of ["a", "bad", "b"]) add(device);
  store.isHeld = false;
  store.release();
  await turn();
  expect(store.groups).toEqual([["first"], ["a"], ["aside"], ["b"]]);
  expect(answers.map(([device]) => device)).toEqual(["first", "a", "bad", "b"]);
  expect(troubles).toEqual([]);
});

test("A store that goes away among them has answered each of those before once", async () => {
  const { store, commit, add, answers } = rig();
  store.fails = (devices) =>
    devices.length > 1 ? new Error("refused") : devices[0] === "b" ? new Error("away") : undefined;
  for (const device of ["a", "b", "c"]) add(device);
  await turn();
  expect(answers).toEqual([["a", true]]);
  await commit.close();
  expect(answers).toEqual([
    ["a", true],
    ["b", false],
    ["c", false],
  ]);
});

test("While the store is away everybody waits, it is said once, and close ends the waiting", async () => {
  const { store, commit, add, answers, troubles } = rig();
  store.fails = () => new Error("away");
  add("a");
  await turn();
  add("b");
  await turn();
  expect([answers, troubles]).toEqual([[], ["away"]]);
  await commit.close();
  expect(answers).toEqual([
    ["a", false],
    ["b", false],
  ]);
});

/** Time for a transaction to begin, and for one that was let go to end. */
async function turn(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
}
