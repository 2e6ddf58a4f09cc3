// The parts list: every room is made here and told of the others. What happens is decided in the rooms.
import Listener from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import UDP from "embedded:io/socket/udp";
import FlashStorage from "embedded:storage/flash";
import KeyValueStorage from "embedded:storage/key-value";
import config from "mc/config";
import TextEncoder from "text/encoder";
import Time from "time";
import { StatusLed } from "./led/status-led";
import { Backoff } from "./modules/backoff";
import { board } from "./modules/board/platform";
import { Button } from "./modules/button";
import { Clock } from "./modules/clock";
import { BrokerTrial } from "./modules/configuration/broker-trial";
import { FailureCounts } from "./modules/diagnostics/failure-counts";
import { DnsClient } from "./modules/dns-client";
import { type Identity, parseIdentity } from "./modules/identity";
import { InternetCheck } from "./modules/internet-check";
import { FlashJournal } from "./modules/journal/flash-journal";
import { LastResort } from "./modules/last-resort";
import type { BrokerFailure } from "./modules/link-diagnosis";
import { Logs } from "./modules/logger";
import { Monitor, type MonitorLink } from "./modules/monitor";
import { Remote } from "./modules/remote/remote";
import { Sampler } from "./modules/sampler";
import { OffsetSensor } from "./modules/sensor/offset-sensor";
import { Settings } from "./modules/settings";
import { OFFLINE_REPORT } from "./modules/status-report";
import { Publisher } from "./modules/telemetry/publisher";
import { TimeSync } from "./modules/time-sync";
import { AttemptDiagnosis, type AttemptFailure } from "./mqtt/attempt-diagnosis";
import { CloudLink } from "./mqtt/cloud-link";
import type { SessionFailure } from "./mqtt/failure";
import { MqttSession } from "./mqtt/session";
import { openPortal } from "./provisioning/open-portal";
import { OPEN, SetupMode } from "./provisioning/setup-mode";
import { formatLastGood, formatNetworks, parseLastGood, parseNetworks } from "./wifi/saved-networks";
import { WiFiStation } from "./wifi/station";

Time.timezone = 0;
Time.dst = 0;

const { firmwareVersion, buildUnixSeconds, brokerHost, brokerPort } = config as unknown as {
  firmwareVersion: string;
  buildUnixSeconds: number;
  brokerHost: string;
  brokerPort: number;
};

const logs = new Logs((level, room, text) => trace(`${level} ${room}: ${text}\n`));
const log = logs.room("device");
const settings = new Settings({
  store: KeyValueStorage.open({ path: "aerolink", mode: "r+", format: "string" }) as never,
  defaults: { brokerHost, brokerPort },
  checks: { networks: (text) => parseNetworks(text) !== undefined },
  log: logs.room("settings"),
});
logs.level = settings.get("logLevel");
settings.onChange("logLevel", (level) => {
  logs.level = level;
});
const boot = settings.get("bootCount") + 1;
settings.set("bootCount", boot);
log.info(`${board.name}, firmware ${firmwareVersion}, boot ${boot} after ${board.resetReason}`);

const randomUint32 = (): number => new DataView(board.randomBytes(4).buffer as ArrayBuffer).getUint32(0);
const random = (): number => randomUint32() / 2 ** 32;

const image = board.readIdentity();
const identity: Identity | string = image ? parseIdentity(new Uint8Array(image)) : "missing";
if (typeof identity === "string") log.error(`no identity (${identity}): the cloud cannot be reached`);

const led = new StatusLed({ driver: board.openLed(), brightness: settings.get("ledBrightness") });
settings.onChange("ledBrightness", (percent) => {
  led.brightness = percent;
});

const clock = new Clock({
  buildUnixMs: buildUnixSeconds * 1000,
  onSet: (unixMsAtBoot, _stepMs, before) => {
    // An estimate is good enough for certificates, and not for a reading.
    if (clock.quality !== "synced") return;
    journal.date(boot, unixMsAtBoot / 1000);
    settings.set("lastKnownUnixSeconds", Math.floor(clock.unixMs! / 1000));
    if (before !== "synced") cloud.statusChanged();
  },
});
const journal = new FlashJournal({
  flash: FlashStorage.open({ path: "journal", mode: "r+" }),
  newEpoch: randomUint32,
});
if (journal.formatted)
  log[journal.formatted === "blank" ? "info" : "warn"](
    `journal formatted: ${journal.formatted}; epoch ${journal.epoch}`,
  );

const dns = new DnsClient({ UDP: UDP as never, randomUint32, clock, logger: logs.room("dns") });
/** Name servers of the network that was joined last. */
const nameServers: string[] = [];

const timeSync = new TimeSync({
  get hosts() {
    return settings.get("sntpServers");
  },
  resolve: (query) => dns.resolve({ ...query, servers: nameServers }),
  UDP: UDP as never,
  clock,
  randomUint32,
  onSynced: () => cloud.link.timeKnown(),
  onBlocked: (reason) => {
    clock.estimate(settings.get("lastKnownUnixSeconds") * 1000);
    failures.count(reason === "no-answer" ? "sntp-blocked" : "no-time");
    log.warn(
      `${reason === "no-answer" ? "sntp-blocked" : `no time (${reason})`}: going on with an estimated time`,
    );
    cloud.link.timeKnown();
  },
  logger: logs.room("clock"),
});

const failures = new FailureCounts();

const sensor = new OffsetSensor(board.openSensor(), settings);
const sampler = new Sampler({
  sensor,
  journal,
  intervalMs: () => settings.get("samplingSeconds") * 1000,
  stamp: () => {
    const { uptimeMs, unixMs, quality } = clock;
    const stamp = { boot, uptimeSeconds: Math.floor(uptimeMs / 1000) };
    return quality === "synced" ? { ...stamp, unixSeconds: Math.floor(unixMs! / 1000) } : stamp;
  },
  onReading: (seq) => cloud.readingTaken(seq),
  onFault: (fault) => {
    log.warn(fault === undefined ? "sensor works again" : `sensor: ${fault}`);
    cloud.statusChanged();
  },
  onJournalFault: (error) => log.error(`reading lost, the journal refused it: ${String(error)}`),
});

settings.onChange("samplingSeconds", () => {
  sampler.stop();
  sampler.start();
});

interface Cloud {
  readonly link: MonitorLink & { readonly isUp: boolean; timeKnown(): void };
  readingTaken(seq: number): void;
  statusChanged(): void;
  /** Does what takes the device off the cloud, once the broker has what it is owed. */
  whenAnswered(action: () => void): void;
}

/** Everything between the journal and the broker; without an identity there is nobody to be. */
const cloud: Cloud =
  typeof identity === "string"
    ? {
        link: { isUp: false, start() {}, stop() {}, timeKnown() {} },
        readingTaken() {},
        statusChanged() {},
        whenAnswered: (action) => action(),
      }
    : openCloud(identity);

function openCloud(self: Identity): Cloud {
  const topic = (name: string): string => `aerolink/v1/${self.deviceId}/${name}`;
  const encoder = new TextEncoder();
  let connects = 0;
  const broker = new BrokerTrial({
    settings,
    onSwitch: () => remote.whenAnswered(reconnect),
    onEnd: (reached) => remote.brokerTried(reached),
    log: logs.room("broker"),
  });
  const remote = new Remote({
    deviceId: self.deviceId,
    boot,
    settings,
    broker,
    clock,
    commandStore: KeyValueStorage.open({ path: "commands", mode: "r+", format: "string" }) as never,
    actions: {
      identify: (seconds) => led.identify(seconds * 1000),
      readNow: () => {
        const seq = sampler.readNow();
        publisher.publishNow();
        return seq === undefined ? undefined : { epoch: journal.epoch, seq };
      },
      restart: () => board.restart("command"),
      setupMode: () => monitor.setupRequested(),
      forgetNetwork: (ssid) => {
        const left = station.networks.filter((network) => network.ssid !== ssid);
        if (left.length === station.networks.length) return "not-found";
        return settings.set("networks", formatNetworks(left)).ok ? left.length : "storage";
      },
    },
    diagnostics: () => ({
      firmware: firmwareVersion,
      board: board.name,
      boot,
      reset: board.resetReason,
      clock,
      heap: board.heap?.(),
      network: {
        mac: radio.mac,
        address: station.at?.address,
        channel: station.at?.channel,
        rssi: station.at && radio.rssi,
      },
      sensor,
      journal: { epoch: journal.epoch, formatted: journal.formatted, ...journal.counts },
      failures: { ...failures.toObject(), ...lastResort.counts },
      lastFailure: failures.last,
      connects,
      settingFaults: settings.faults,
    }),
    isUp: () => session.state === "up",
    publish: (message, onSettled) =>
      session.publish({ ...message, payload: encoder.encode(message.payload) }, onSettled),
    logs,
  });
  const session = new MqttSession({
    clientId: self.deviceId,
    protocolVersion: settings.get("mqttVersion") === 5 ? 5 : 4,
    keepAliveSeconds: settings.get("keepAliveSeconds"),
    will: { topic: topic("status"), payload: encoder.encode(OFFLINE_REPORT), qos: 1, retain: true },
    subscriptions: remote.subscriptions.map((each) => ({ topic: each, qos: 1 as const })),
    onUp: () => {
      connects++;
      link.sessionUp();
      monitor.cloudUp();
      setup.cloudUp();
      remote.online();
      publisher.online();
    },
    onDown: (reason) => {
      publisher.offline();
      monitor.cloudDown();
      link.sessionDown(reason);
    },
    onDrain: () => {
      publisher.drain();
      remote.drain();
    },
    onMessage: (from, payload, flags) => remote.take(from, payload, flags),
    onDropped: ({ reason }) => {
      if (reason === "oversized") remote.takeOversized();
    },
    logger: logs.room("mqtt"),
  });
  const publisher = new Publisher({
    journal,
    topic: topic("telemetry"),
    publish: (to, payload, onSettled) =>
      session.publish({ topic: to, payload, qos: 1, retain: false }, onSettled),
    readingsPerBatch: () => settings.get("readingsPerBatch"),
    publishIntervalMs: () => settings.get("publishSeconds") * 1000,
    log: logs.room("publisher"),
  });
  const reconnect = (): void => {
    if (link.state === "stopped") return;
    publisher.offline();
    monitor.cloudDown();
    link.stop();
    link.start();
  };
  const diagnosis = new AttemptDiagnosis({
    check: new InternetCheck({
      get host() {
        return broker.host;
      },
      port: settings.get("checkPort"),
      certificateAuthorities: self.certificateAuthorities,
      resolve: (query) => dns.resolve({ ...query, servers: nameServers }),
      openTls: board.openTlsSocket,
      logger: logs.room("check"),
    }),
    isTimeEstimated: () => clock.quality === "estimated",
  });
  const backoff = new Backoff();
  const link = new CloudLink<BrokerFailure | SessionFailure, AttemptFailure>({
    host: () => broker.host,
    port: () => broker.port,
    identity: self,
    session,
    openTlsSocket: board.openTlsSocket,
    resolve: (host, done) =>
      dns.resolve({
        host,
        servers: nameServers,
        onResolved: (addresses) => done({ address: addresses[0]! }),
        onFailure: (reason) => done({ reason }),
      }),
    isTimeKnown: () => clock.quality !== "none",
    diagnose: (failed, done) => diagnosis.run(failed, done),
    nextDelayMs: () => backoff.nextDelayMs(random()),
    onStable: () => backoff.reset(),
    onFailure: (failure, reason) => {
      failures.count(failure);
      if (failure === "cloud-tls") failures.count(reason);
      setup.cloudFailed(failure);
      if (failure === "captive-portal") monitor.captivePortal();
    },
    log: logs.room("cloud"),
  });
  return {
    link,
    readingTaken: (seq) => {
      publisher.readingTaken(seq);
      if (settings.get("homeAssistant")) remote.readingTaken(journal.read(seq, 1)[0]);
    },
    statusChanged: () => remote.statusChanged(),
    whenAnswered: (action) => remote.whenAnswered(action),
  };
}

const radio = board.openRadio();
if (typeof identity !== "string" && identity.mac !== undefined && identity.mac !== radio.mac)
  log.warn(`the identity is that of ${identity.mac}, and this board is ${radio.mac}: its label is another's`);
const station = new WiFiStation({
  radio,
  networks: parseNetworks(settings.get("networks")) ?? [],
  lastGood: parseLastGood(settings.get("lastGood")),
  uptimeMs: () => clock.uptimeMs,
  random,
  onAddress: (at) => {
    dns.flush();
    nameServers.splice(0, nameServers.length, ...at.dns);
    timeSync.start();
    monitor.addressGot();
    setup.addressGot(at);
  },
  onLost: () => {
    timeSync.stop();
    monitor.networkLost();
    setup.networkLost();
  },
  onJoined: (lastGood) => settings.set("lastGood", formatLastGood(lastGood)),
  onRoundFailed: (failed) => {
    for (const { reason } of failed) failures.count(reason);
    monitor.roundFailed();
  },
  onRadioStuck: () => lastResort.radioStuck(),
  log: logs.room("wifi"),
});
settings.onChange("networks", (text) =>
  cloud.whenAnswered(() => {
    station.networks = parseNetworks(text) ?? [];
    if (station.networks.length === 0) monitor.setupRequested();
  }),
);

const lastResort = new LastResort({
  boot,
  settings,
  uptimeMs: () => clock.uptimeMs,
  rejoin: () => {
    station.stop();
    timeSync.stop();
    monitor.networkLost();
    station.start();
  },
  restart: (reason) => board.restart(reason),
  log: logs.room("device"),
});

const accessPoint = board.openAccessPoint();
const setup = new SetupMode({
  accessPoint,
  station,
  link: cloud.link,
  openServers: openPortal({
    UDP: UDP as never,
    Listener: Listener as never,
    TCP: TCP as never,
    accessPoint,
  }),
  mac: radio.mac,
  deviceId: typeof identity === "string" ? "" : identity.deviceId,
  firmware: firmwareVersion,
  // Without an identity nobody knows a password: the page says so.
  password: () => (settings.get("setupOpen") || typeof identity === "string" ? OPEN : identity.setupPassword),
  saveNetworks: (networks) => settings.set("networks", formatNetworks(networks)).ok,
  firstAttempt: 1 + (randomUint32() % 9_000) * 100,
  onEnded: () => monitor.setupEnded(),
  log: logs.room("setup"),
});

const monitor = new Monitor({
  station,
  link: cloud.link,
  setup: {
    start: (from) => {
      timeSync.stop();
      setup.start(from === "connecting" || from === "online");
    },
    stop: () => setup.stop(),
  },
  hasNetworks: () => station.networks.length > 0,
  reached: () => (cloud.link.isUp ? "cloud" : station.at ? "address" : "nothing"),
  onStatus: (status) => {
    led.show(status);
    lastResort.statusChanged(status);
  },
  log: logs.room("monitor"),
});

if (board.readButton) {
  new Button({
    read: board.readButton,
    onHold: (hold) => led.acknowledge(hold),
    onRelease: (hold) => {
      led.acknowledge(undefined);
      if (hold === "factory-reset") {
        settings.factoryReset();
        board.restart("factory reset");
      } else monitor.setupRequested();
    },
  });
}

monitor.start();
sampler.start();
