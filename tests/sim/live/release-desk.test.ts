import { beforeEach, expect, test } from "vitest";
import { FirmwareWatch } from "../../../sim/live/firmware";
import { ReleaseDesk } from "../../../sim/live/release-desk";
import type { MadeRelease } from "../../../sim/live/releases";

let done: string[];
let watch: FirmwareWatch;
beforeEach(() => {
  done = [];
  watch = new FirmwareWatch();
});

function desk(make?: () => Promise<MadeRelease>): ReleaseDesk {
  return new ReleaseDesk({
    releases: make && { make },
    unixMs: () => 1_000,
    putImage: ({ length }) => {
      done.push(`image of ${length}`);
      return Promise.resolve();
    },
    offer: (jws) => done.push(`offer ${jws}`),
    say: (text) => done.push(text),
    onChange: () => done.push("change"),
  });
}

const release = { release: 11, image: new Uint8Array(3), jws: "e.e.e" };

test("The image is there before the release is offered", async () => {
  expect(await desk(() => Promise.resolve(release)).send("good", watch)).toBe(11);
  expect(done).toEqual(["image of 3", "release 11 is offered, 3 bytes: A good one", "offer e.e.e", "change"]);
  expect(watch.state(true).sent).toEqual({ kind: "good", release: 11 });
});

test("One release after the other: a second one while the first is made is not", async () => {
  let finish = (_: MadeRelease): void => {};
  const open = desk(() => new Promise((resolve) => (finish = resolve)));
  const first = open.send("good", watch);
  expect(open.isSending).toBe(true);
  expect(await open.send("older", watch)).toBeUndefined();
  finish(release);
  expect(await first).toBe(11);
  expect(open.isSending).toBe(false);
});

test("One that cannot be made says why, and the desk is open again", async () => {
  const closed = desk(() => Promise.reject(new Error("no key")));
  expect(await closed.send("good", watch)).toBeUndefined();
  expect(done).toEqual(["no release was made: no key", "change"]);
  expect(closed.isSending).toBe(false);
});

test("Without releases nothing is sent, and only what was offered is withdrawn", async () => {
  expect(desk().canSend).toBe(false);
  expect(await desk().send("good", watch)).toBeUndefined();
  desk().withdraw(watch);
  expect(done).toEqual([]);
  watch.offered("good", 11);
  desk().withdraw(watch);
  desk().withdraw(watch);
  expect(done).toEqual(["offer "]);
});
