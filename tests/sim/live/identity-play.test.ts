import { expect, test } from "vitest";
import { IdentityPlay, type IdentitySight } from "../../../sim/live/identity-play";
import { findIdentityScene } from "../../../sim/scenes/identity-scenes";
import type { IdentityState } from "../../../tools/cloud/protocol";

const said = (changes: Partial<IdentityState> = {}): IdentityState => ({
  ...{ v: 1, state: "current", source: "factory", expires: 2_000_000_000, daysLeft: 300 },
  ...{ list: 0, renewal: true, release: 1 },
  ...changes,
});

const at = (sight: IdentitySight["sight"], changes: Partial<IdentityState> = {}): IdentitySight => ({
  said: said(changes),
  sight,
  unixMs: 0,
});

/** Deeds that end when they are told. */
function open(scene: string) {
  const done: string[] = [];
  let end = (): void => {};
  const slow = (what: string) => {
    done.push(what);
    return new Promise<void>((resolve) => {
      end = resolve;
    });
  };
  const play = new IdentityPlay(findIdentityScene(scene)!, {
    renew: () => void done.push("renew"),
    announce: (list) => slow(`list ${list}`),
    show: (which) => slow(which),
    refuseNew: (on) => void done.push(`refuse ${on}`),
  });
  const ends = async (): Promise<void> => {
    end();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { play, done, ends };
}

test("A roll-over goes from the list to the broker and back, each once the device has come to its end", async () => {
  const { play, done, ends } = open("identity-roll-over");
  play.look(at("pulse blue"));
  expect(done).toEqual([]);
  play.look(at("solid blue"));
  await ends();
  play.look(at("solid blue"));
  expect(done).toEqual(["list 1"]);
  play.look(at("solid blue", { list: 1 }));
  await ends();
  play.look(at("solid blue", { list: 1 }));
  play.look(at("pulse blue", { list: 1 }));
  play.look(at("solid blue", { list: 1 }));
  expect(done).toEqual(["list 1", "other", "own"]);
});

test("A device that has left and is back before the deed itself has ended counts as back", async () => {
  const { play, done, ends } = open("identity-roll-over");
  play.look(at("solid blue"));
  await ends();
  play.look(at("solid blue", { list: 1 }));
  // The clock runs 1,440 times as fast: all of this happens while the broker's new certificate is being made.
  play.look(at("pulse blue", { list: 1 }));
  play.look(at("solid blue", { list: 1 }));
  await ends();
  play.look(at("solid blue", { list: 1 }));
  expect(done).toEqual(["list 1", "other", "own"]);
  play.look(at(undefined, { list: 1 }));
  await ends();
  play.look(at("solid blue", { list: 1 }));
  expect(play.isDone).toBe(true);
});

test("A renewal in vain lets the new certificate in again at its end", async () => {
  const { play, done, ends } = open("identity-rollback");
  play.look(at("solid blue"));
  await ends();
  play.look(at("pulse blue", { state: "trial" }));
  play.look(at("solid blue", { state: "refused" }));
  expect(done).toEqual(["refuse true", "renew", "refuse false"]);
  expect(play.isDone).toBe(true);
});
