import { certificateReport } from "../modules/credentials/identity-report";
import type { Diagnostics } from "../modules/diagnostics/diagnostics";
import type { Parts } from "./parts";

/** What the device tells of itself: to its cloud, and on its setup page. Also where it has no identity. */
export function diagnosticsOf(parts: Parts): Diagnostics {
  const { build, board, clock, cloud, radio, station, sensors, journal, failures, lastResort } = parts;
  return {
    firmware: build.firmwareVersion,
    release: build.release,
    board: board.name,
    boot: parts.boot,
    reset: board.resetReason,
    clock,
    heap: board.heap?.(),
    network: {
      mac: radio.mac,
      address: station.at?.address,
      channel: station.at?.channel,
      rssi: station.at && radio.rssi,
    },
    sensors,
    journal: { epoch: journal.epoch, formatted: journal.formatted, ...journal.counts },
    failures: { ...failures.toObject(), ...lastResort.counts },
    lastFailure: failures.last,
    recentFailures: failures.recent,
    commands: cloud.remote?.commandCounts ?? null,
    certificate: certificateReport(parts),
    connects: cloud.connects ?? 0,
    settingFaults: parts.settings.faults,
    crash: board.lastCrash?.(),
  };
}
