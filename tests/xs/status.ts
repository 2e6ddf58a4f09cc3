import { nextStatus, type Status, type StatusEvent } from "../../modules/device/status";
import type { Tests } from "./tests";

const EVENTS: readonly StatusEvent[] = [
  "setup-started",
  "setup-ended",
  "round-failed",
  "address",
  "network-lost",
  "cloud-up",
  "cloud-down",
];

/** Where each event leads; a dot: nowhere. */
const TABLE: Readonly<Record<Status, string>> = {
  setup: ". joining . . . . .",
  joining: "setup . offline connecting . . .",
  connecting: "setup . . . joining online .",
  online: "setup . . . joining . connecting",
  offline: "setup . . connecting . . .",
};

/** The status machine of the application note's LED table. */
export default function status({ test }: Tests): void {
  test("every event leads where the table says, from every state", (check) => {
    for (const [from, row] of Object.entries(TABLE) as [Status, string][]) {
      const led = EVENTS.map((event) => nextStatus(from, event)).map((to) => (to === from ? "." : to));
      check.equal(led.join(" "), row, from);
    }
  });
}
