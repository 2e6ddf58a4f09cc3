import { beforeEach, expect, test } from "vitest";
import { Guide } from "../../../sim/live/guide";
import type { Message } from "../../../sim/live/protocol";
import { findScene } from "../../../sim/live/tour";
import { board } from "../../support/board-state";
import { updateState } from "../../tools/release/support";

let done: string[];
let guide: Guide;
let stillPlays: () => boolean;
beforeEach(() => {
  done = [];
  guide = new Guide({
    cutPower: async () => void done.push("cut"),
    cycleRouters: async (plays) => {
      stillPlays = plays;
      done.push("cycle");
    },
    ping: () => void done.push("ping"),
    sendRelease: async (kind, plugAt) => {
      done.push(`${kind} ${plugAt}`);
      return 11;
    },
    beginCertificates: ({ id }) => void done.push(id),
    onDone: ({ id }) => void done.push(`✓ ${id}`),
  });
});

const reading: Message = {
  ...{ n: 1, unixMs: 1, topic: "telemetry", from: "device", bytes: 1, hex: "", text: "" },
  readings: [{ epoch: "00000001", seq: 1, values: {} }],
};

/** Online, with a first reading at the cloud. */
function online(): void {
  guide.state(board({ status: "online" }));
  guide.message(reading);
}

const look = (certificatesDone = false) => guide.look({ sight: "solid blue", missing: 0, certificatesDone });

test("Without a scene there is nothing to do", () => {
  online();
  look(true);
  expect(guide.scene).toBeUndefined();
  expect(done).toEqual([]);
});

test("A scene is ticked once, and playing it again takes the tick away", () => {
  const scene = findScene("success")!;
  guide.play(scene);
  online();
  look();
  look();
  expect(done).toEqual(["✓ success"]);
  expect(guide.done).toEqual(["success"]);
  guide.play(scene);
  expect(guide.done).toEqual([]);
});

test.each([
  ["power-cut", "cut"],
  ["two-ways", "ping"],
  ["identity-renewal", "identity-renewal"],
])("Scene %s does what it wants, once", (id, what) => {
  guide.play(findScene(id)!);
  look();
  expect(done).toEqual([]);
  online();
  look();
  look();
  expect(done.filter((each) => each === what)).toEqual([what]);
});

test("A scene's release counts by its own number", async () => {
  guide.play(findScene("update-plug")!);
  online();
  look();
  await Promise.resolve();
  expect(done).toEqual(["good 50"]);
  guide.updated(updateState({ state: "confirmed", release: 10 }));
  look();
  expect(guide.done).toEqual([]);
  guide.updated(updateState({ state: "confirmed", release: 11 }));
  look();
  expect(guide.done).toEqual(["update-plug"]);
});

test("Whoever cycles the router can ask whether the scene still plays", () => {
  const scene = findScene("power-cycle")!;
  guide.play(scene);
  guide.state(board({ status: "connecting", joined: true, fault: { reason: "no-internet" } }));
  guide.look({ sight: "pulse blue", missing: 0, certificatesDone: false });
  expect(done).toEqual(["cycle"]);
  expect(stillPlays()).toBe(true);
  guide.play(scene);
  expect(stillPlays()).toBe(false);
  guide.stop();
  expect(guide.scene).toBeUndefined();
});

test("Certificates at their end tick their scene", () => {
  guide.play(findScene("identity-renewal")!);
  online();
  look();
  expect(guide.done).toEqual([]);
  look(true);
  expect(guide.done).toEqual(["identity-renewal"]);
});
