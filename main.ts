// The parts list: every part is made here, in the order in which they need each other. What they tell each other is in
// wiring/, what happens is decided in the rooms.
import config from "mc/config";
import Time from "time";
import { StatusLed } from "./led/status-led";
import { Logs } from "./modules/base/logger";
import { openBoard } from "./modules/board/platform";
import { Settings } from "./modules/configuration/settings";
import { Credentials } from "./modules/credentials/credentials";
import { Renewal } from "./modules/credentials/renewal";
import { TrustLists } from "./modules/credentials/trust-lists";
import { Button } from "./modules/device/button";
import { LastResort } from "./modules/device/last-resort";
import { Monitor } from "./modules/device/monitor";
import { WatchdogFeeder } from "./modules/device/watchdog-feeder";
import { FailureCounts } from "./modules/diagnostics/failure-counts";
import { identityOf } from "./modules/identity/identity";
import { FlashJournal } from "./modules/journal/flash-journal";
import { DnsClient } from "./modules/names/dns-client";
import { Composer } from "./modules/sensor/composer";
import { Sampler } from "./modules/sensor/sampler";
import { BUILD_UNIX_SECONDS } from "./modules/time/build-time";
import { Clock } from "./modules/time/clock";
import { TimeKeeper } from "./modules/time/time-keeper";
import { TimeSync } from "./modules/time/time-sync";
import { IMAGE_MARKER } from "./modules/update/trial/this-image";
import { Updates } from "./modules/update/updates";
import { SetupMode } from "./provisioning/setup-mode";
import { SavedNetworks } from "./wifi/saved-networks";
import { WiFiStation } from "./wifi/station";
import { NO_CLOUD, OpenCloud } from "./wiring/cloud";
import { CredentialWires } from "./wiring/credential-wires";
import {
  ButtonWires,
  factoryReset,
  JournalWires,
  LastResortWires,
  MonitorWires,
  SamplerWires,
  SettingsWires,
  toConsole,
} from "./wiring/device";
import { SetupWires, StationWires } from "./wiring/network";
import type { Build, Parts } from "./wiring/parts";
import { DnsWires, TimeKeeperWires, TimeSyncWires } from "./wiring/time";
import { UpdateWires } from "./wiring/update-wires";

export default function main(): void {
  Time.timezone = 0;
  Time.dst = 0;

  const parts = { cloud: NO_CLOUD } as Parts;
  const build = config as unknown as Build;
  const board = openBoard(parts);
  parts.build = build;
  parts.board = board;

  const logs = new Logs(toConsole);
  const log = logs.room("device");
  parts.logs = logs;
  parts.log = log;

  let identity = identityOf(board.readIdentity());
  parts.identity = identity;

  const settings = new Settings(new SettingsWires(parts));
  parts.settings = settings;
  logs.level = settings.get("logLevel");
  parts.boot = settings.get("bootCount") + 1;
  settings.set("bootCount", parts.boot);
  log.info(`${board.name}, firmware ${build.firmwareVersion}, boot ${parts.boot} after ${board.resetReason}`);
  log.debug(IMAGE_MARKER);

  parts.led = new StatusLed({ driver: board.openLed(), brightness: settings.get("ledBrightness") });
  if (factoryReset(parts, true)) return;

  let wires: CredentialWires | undefined;
  if (typeof identity !== "string") {
    wires = new CredentialWires(parts, identity);
    parts.credentials = new Credentials(wires);
    ({ identity } = parts.credentials);
    if (!board.canUse(identity)) identity = "unusable";
    parts.identity = identity;
  }
  if (typeof identity === "string") log.error(`no identity (${identity}): the cloud cannot be reached`);

  parts.failures = new FailureCounts(parts);
  parts.trustedUntilMs = typeof identity === "string" ? 0 : board.trustedUntil(identity);
  parts.buildUnixMs = BUILD_UNIX_SECONDS * 1000;
  parts.timeKeeper = new TimeKeeper(parts, new TimeKeeperWires(parts));
  parts.clock = new Clock(parts.timeKeeper);

  const journal = new FlashJournal(new JournalWires(parts));
  parts.journal = journal;
  if (journal.formatted)
    log[journal.formatted === "blank" ? "info" : "warn"](
      `journal formatted: ${journal.formatted}; epoch ${journal.epoch}`,
    );
  const { kept } = journal.counts;
  if (kept > 0) log.warn(`journal: up to ${kept} readings of a newer firmware are kept for it`);

  parts.heardMs = Number.NEGATIVE_INFINITY;
  parts.nameServers = [];
  parts.dns = new DnsClient(new DnsWires(parts));
  parts.timeSync = new TimeSync(new TimeSyncWires(parts));

  const sampling = new SamplerWires(parts);
  const sensors = board.openSensors(logs.room("sensor"), sampling);
  parts.sensors = new Composer({ sensors, wins: board.wins, settings });
  parts.sampler = new Sampler(sampling);

  if (typeof identity !== "string") {
    parts.renewal = new Renewal(parts, wires!);
    parts.trustLists = new TrustLists(parts, wires!);
    parts.cloud = new OpenCloud(parts);
  }
  parts.updates = new Updates(new UpdateWires(parts));

  parts.radio = board.openRadio(logs.room("radio"));
  if (typeof identity !== "string" && identity.mac !== undefined && identity.mac !== parts.radio.mac)
    log.warn(
      `the identity is that of ${identity.mac}, and this board is ${parts.radio.mac}: its label is another's`,
    );
  const joining = new StationWires(parts);
  parts.networks = new SavedNetworks(joining);
  parts.station = new WiFiStation(joining);
  parts.lastResort = new LastResort(new LastResortWires(parts));

  parts.accessPoint = board.openAccessPoint();
  parts.setup = new SetupMode(new SetupWires(parts));
  parts.monitor = new Monitor(new MonitorWires(parts));
  if (board.readButton) new Button(new ButtonWires(parts));
  if (board.watchdog) new WatchdogFeeder(board.watchdog);

  parts.monitor.start();
  parts.sampler.start();
}
