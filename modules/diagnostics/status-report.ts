import { type Diagnostics, formatNetwork, formatSensors } from "./diagnostics";

/** The will: what the broker says in the device's place when it vanishes. */
export const OFFLINE_REPORT = '{"v":1,"online":false}';

/** What the device says of itself on its retained `status` topic (docs/protocol.md). */
export function formatStatusReport(all: Diagnostics): string {
  const { journal } = all;
  return JSON.stringify({
    v: 1,
    online: true,
    firmware: all.firmware,
    release: all.release,
    board: all.board,
    boot: all.boot,
    reset: all.reset,
    ...formatSensors(all.sensors),
    clock: all.clock.quality,
    network: formatNetwork(all.network),
    certificate: all.certificate,
    journal: { epoch: journal.epoch, pending: journal.pending, dropped: journal.dropped },
  });
}
