import type { ClockQuality } from "./clock";
import type { JournalCounts } from "./journal/journal";

/** What the device says of itself on its retained `status` topic (docs/protocol.md). */
export interface StatusReport {
  readonly firmware: string;
  readonly board: string;
  /** Number of this boot, and why the last run ended. */
  readonly boot: number;
  readonly reset: string;
  readonly sensor: { readonly model: string; readonly fault: string | undefined };
  readonly clock: ClockQuality;
  readonly journal: Pick<JournalCounts, "pending" | "dropped"> & { readonly epoch: string };
}

/** The will: what the broker says in the device's place when it vanishes. */
export const OFFLINE_REPORT = '{"v":1,"online":false}';

export function formatStatusReport(report: StatusReport): string {
  const { sensor, journal } = report;
  return JSON.stringify({
    v: 1,
    online: true,
    firmware: report.firmware,
    board: report.board,
    boot: report.boot,
    reset: report.reset,
    sensor: { model: sensor.model, fault: sensor.fault ?? null },
    clock: report.clock,
    journal: { epoch: journal.epoch, pending: journal.pending, dropped: journal.dropped },
  });
}
