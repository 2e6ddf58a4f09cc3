import type { StatusLed } from "../led/status-led";
import type { Logger, Logs } from "../modules/base/logger";
import type { Board } from "../modules/board/board";
import type { Settings } from "../modules/configuration/settings";
import type { Credentials } from "../modules/credentials/credentials";
import type { Renewal } from "../modules/credentials/renewal";
import type { TrustLists } from "../modules/credentials/trust-lists";
import type { LastResort } from "../modules/device/last-resort";
import type { Monitor } from "../modules/device/monitor";
import type { FailureCounts } from "../modules/diagnostics/failure-counts";
import type { Identity } from "../modules/identity/identity";
import type { FlashJournal } from "../modules/journal/flash-journal";
import type { DnsClient } from "../modules/names/dns-client";
import type { Composer } from "../modules/sensor/composer";
import type { Sampler } from "../modules/sensor/sampler";
import type { Clock } from "../modules/time/clock";
import type { TimeKeeper } from "../modules/time/time-keeper";
import type { TimeSync } from "../modules/time/time-sync";
import type { Updates } from "../modules/update/updates";
import type { SetupMode } from "../provisioning/setup-mode";
import type { AccessPoint } from "../wifi/access-point";
import type { Radio } from "../wifi/radio";
import type { SavedNetworks } from "../wifi/saved-networks";
import type { WiFiStation } from "../wifi/station";
import type { Cloud } from "./cloud";

/** What a build knows (`config` of manifest.json). */
export interface Build {
  readonly firmwareVersion: string;
  readonly brokerHost: string;
  readonly brokerPort: number;
  /** Counts up: an update's must be above it. */
  readonly release: number;
  /** The board that the image is for, as mcconfig calls the target. */
  readonly boardId: string;
  /** Whose updates are taken: uncompressed points of P-256, base64url, at most three. Empty: nobody's. */
  readonly updateKeys: readonly string[];
}

/**
 * The device's parts. `main.ts` makes them one after the other and lays each down here; the wires between them read
 * them when something happens, and by then all are there.
 */
export interface Parts {
  build: Build;
  board: Board;
  logs: Logs;
  /** Of the room "device". */
  log: Logger;
  settings: Settings;
  /** Number of this boot. */
  boot: number;
  /** Or why there is none: the cloud cannot be reached then. */
  identity: Identity | string;
  /** Absent where there is no identity: with it, whoever speaks to the cloud. */
  credentials: Credentials;
  renewal: Renewal;
  trustLists: TrustLists;
  led: StatusLed;
  /** When this firmware was built, Unix milliseconds. */
  buildUnixMs: number;
  /** The end of the last authority that is trusted, Unix milliseconds; 0: not known. */
  trustedUntilMs: number;
  clock: Clock;
  timeKeeper: TimeKeeper;
  journal: FlashJournal;
  /** Uptime when a name server or a time server last answered: the network leads somewhere. */
  heardMs: number;
  dns: DnsClient;
  /** Name servers of the network that was joined last. */
  nameServers: readonly string[];
  timeSync: TimeSync;
  failures: FailureCounts;
  sensors: Composer;
  sampler: Sampler;
  cloud: Cloud;
  updates: Updates;
  radio: Radio;
  networks: SavedNetworks;
  station: WiFiStation;
  lastResort: LastResort;
  accessPoint: AccessPoint;
  setup: SetupMode;
  monitor: Monitor;
}

/**
 * What one part asks and tells of the others: its options, as an object whose methods lie in flash. A function made
 * at run time would take five slots of RAM and a copy of its bytecode each (docs/xs.md).
 */
export abstract class Wires {
  protected readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }
}
