import { expect, it } from "vitest";
import { textByRoom } from "../../../tools/esp32/rooms.mjs";

it("JavaScript is counted by room, largest first", () => {
  const sizes = {
    "modules/clock": 3,
    "modules/button": 4,
    "modules/journal/journal": 20,
    "wifi/esp32/radio": 5,
    "wifi/station": 6,
  };
  expect(textByRoom(sizes)).toEqual([
    ["modules/journal", 20],
    ["wifi", 11],
    ["modules", 7],
  ]);
});
