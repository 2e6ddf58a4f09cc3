import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { bytecodeByRoom } from "../../tools/rooms.mjs";

it("Bytecode is counted by room, largest first, and what is no room of ours is the SDK's", () => {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-rooms-"));
  const files = {
    "main.xsb": 10,
    "modules/clock.xsb": 3,
    "modules/button.xsb": 4,
    "modules/journal/journal.xsb": 20,
    "wifi/esp32/radio.xsb": 5,
    "pins/digital.xsb": 1,
    "time.xsb": 1,
    "main.js": 500,
  };
  for (const [path, length] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), new Uint8Array(length));
  }
  expect(bytecodeByRoom(folder)).toEqual([
    ["modules/journal", 20],
    ["main", 10],
    ["modules", 7],
    ["wifi", 5],
    ["SDK", 2],
  ]);
  rmSync(folder, { recursive: true });
});
