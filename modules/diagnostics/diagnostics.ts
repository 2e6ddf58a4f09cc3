import type { SettingFault } from "../configuration/settings";
import type { certificateReport } from "../credentials/identity-report";
import type { FlashJournal } from "../journal/flash-journal";
import type { JournalCounts } from "../journal/journal";
import type { Composer } from "../sensor/composer";
import type { Clock } from "../time/clock";
import type { Failure } from "./failure-counts";

/** Where the device is on Wi-Fi. */
export interface NetworkReport {
  readonly mac: string;
  readonly address: string | undefined;
  readonly channel: number | undefined;
  /** dBm; `undefined` where the radio does not tell. */
  readonly rssi: number | undefined;
}

/** Bytes of RAM; `lowest` is the least that was free since the boot. */
export interface HeapReport {
  readonly free: number;
  readonly lowest: number;
}

/** All that `get-diagnostics` answers (docs/protocol.md). Nothing in it is secret. */
export interface Diagnostics {
  readonly firmware: string;
  /** Number of the release that runs. */
  readonly release: number;
  readonly board: string;
  /** Number of this boot, and why the last run ended. */
  readonly boot: number;
  readonly reset: string;
  readonly clock: Pick<Clock, "uptimeMs" | "unixMs" | "quality">;
  /** `undefined` where the platform does not tell. */
  readonly heap: HeapReport | undefined;
  readonly network: NetworkReport;
  readonly sensors: Pick<Composer, "model" | "fault" | "reports" | "corrected">;
  readonly journal: JournalCounts & Pick<FlashJournal, "epoch" | "formatted">;
  /** Reason → how often since the boot. */
  readonly failures: Record<string, number>;
  readonly lastFailure: string | undefined;
  /** The last of them, oldest first. */
  readonly recentFailures: readonly Failure[];
  /** `null`: the device has no identity. */
  readonly commands: { readonly run: number; readonly refused: number; readonly dropped: number } | null;
  readonly certificate: ReturnType<typeof certificateReport>;
  /** Connections to the broker that were accepted since the boot. */
  readonly connects: number;
  /** Stored settings that were damaged: their defaults are used. */
  readonly settingFaults: readonly SettingFault[];
  /** What the core dump tells of the last crash, in a line. */
  readonly crash: string | undefined;
}

export function formatDiagnostics(all: Diagnostics): string {
  const { clock, network, journal, heap } = all;
  const { uptimeMs, unixMs } = clock;
  return JSON.stringify({
    firmware: all.firmware,
    release: all.release,
    board: all.board,
    boot: all.boot,
    reset: all.reset,
    uptime: Math.floor(uptimeMs / 1000),
    clock: { quality: clock.quality, time: unixMs === undefined ? null : Math.floor(unixMs / 1000) },
    heap: heap ?? null,
    network: formatNetwork(network),
    ...formatSensors(all.sensors),
    journal: {
      epoch: journal.epoch,
      formatted: journal.formatted ?? null,
      written: journal.written,
      acknowledged: journal.acknowledged,
      pending: journal.pending,
      dropped: journal.dropped,
      torn: journal.torn,
      kept: journal.kept,
    },
    failures: all.failures,
    lastFailure: all.lastFailure ?? null,
    recentFailures: all.recentFailures,
    commands: all.commands,
    certificate: all.certificate,
    connects: all.connects,
    damagedSettings: all.settingFaults.map(({ key }) => key),
    crash: all.crash ?? null,
  });
}

/** All of them as one, as readers know it that know one only; then each. */
export function formatSensors({ model, fault, reports, corrected }: Diagnostics["sensors"]): object {
  return {
    sensor: { model, fault: fault ?? null },
    sensors: reports,
    corrected,
  };
}

export function formatNetwork({ mac, address, channel, rssi }: NetworkReport): object {
  return { mac, address: address ?? null, channel: channel ?? null, rssi: rssi ?? null };
}
