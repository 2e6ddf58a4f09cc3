import { expect, test } from "vitest";
import { nextStatus, type Status, type StatusEvent } from "../../../modules/device/status";

const EVENTS: StatusEvent[] = [
  "setup-started",
  "setup-ended",
  "round-failed",
  "address",
  "network-lost",
  "cloud-up",
  "cloud-down",
];

// Every state against every event: a dot is "stays".
const TABLE: Record<Status, string> = {
  //           setup-st setup-end round-f  address     lost     up      down
  setup: "     .        joining   .        .           .        .       .",
  joining: "   setup    .         offline  connecting  .        .       .",
  connecting: "setup    .         .        .           joining  online  .",
  online: "    setup    .         .        .           joining  .       connecting",
  offline: "   setup    .         .        connecting  .        .       .",
};

for (const [status, row] of Object.entries(TABLE) as [Status, string][]) {
  const expected = row.trim().split(/\s+/);
  EVENTS.forEach((event, i) => {
    const next = expected[i] === "." ? status : expected[i];
    test(`${status} and ${event} give ${next}`, () => expect(nextStatus(status, event)).toBe(next));
  });
}
