import { describe, expect, it } from "vitest";
import { SEED } from "../../support/volume";
import { cutEverywhere, SmallBoard } from "./rig";

function written(): SmallBoard {
  const board = new SmallBoard(SEED);
  board.boot();
  board.write("new");
  return board;
}

function activated(): SmallBoard {
  const board = written();
  board.slots.activate();
  return board;
}

function onTrial(): SmallBoard {
  const board = activated();
  board.boot();
  return board;
}

function confirmed(): SmallBoard {
  const board = onTrial();
  board.slots.confirm();
  return board;
}

/** What each step may leave behind when the power goes in it, boot after boot. */
const STEPS = [
  {
    name: "the first boot",
    from: () => new SmallBoard(SEED),
    step: (b: SmallBoard) => b.boot(),
    may: ["old"],
  },
  { name: "a download", from: () => written(), step: (b: SmallBoard) => b.write("newest"), may: ["old"] },
  {
    name: "the activation",
    from: written,
    step: (b: SmallBoard) => b.slots.activate(),
    // Not at all, or for its one boot.
    may: ["old", "new old"],
  },
  {
    name: "the first boot of the new image",
    from: activated,
    step: (b: SmallBoard) => b.boot(),
    may: ["old", "new old"],
  },
  {
    name: "the confirmation",
    from: onTrial,
    step: (b: SmallBoard) => b.slots.confirm(),
    // A cut between its erase and its write starts the old image, as the IDF does.
    may: ["old", "new"],
  },
  { name: "the rejection", from: onTrial, step: (b: SmallBoard) => b.slots.reject(), may: ["old"] },
  {
    name: "the way back of an unconfirmed image",
    from: onTrial,
    step: (b: SmallBoard) => b.boot(),
    may: ["old"],
  },
  {
    name: "the download after a confirmed update",
    from: confirmed,
    step: (b: SmallBoard) => b.write("newest"),
    may: ["new"],
  },
] as const;

describe("A power cut at every byte of otadata and slots leaves a bootable image", () => {
  it.each(STEPS)("in $name", ({ from, step, may }) => {
    const board = from();
    const cuts = cutEverywhere(
      board,
      () => step(board),
      (where) => {
        const boots = [board.bootAfterAll(), board.boot(), board.boot()];
        const seen = boots.filter((text, i) => text !== boots[i - 1]).join(" ");
        expect(may, where).toContain(seen);
      },
    );
    expect(cuts).toBeGreaterThan(250);
  });
});
