// The cloud's page over the real server and an embedded store with a fleet in it, seen from this machine.
import type { Control, Settings } from "../../cloud/api/control";
import { QUANTITIES, type Quantity, STEPS_PER_UNIT } from "../../cloud/payload/quantities";
import type { Store } from "../../cloud/store/store";
import { buildCloudPage } from "../../tools/start/build-page.mjs";
import { ACME, type CloudApi, type CloudApiOptions, startCloudApi } from "./cloud-api";
import { identityStateText, updateStateText } from "./offers";
import { embeddedStore } from "./stores";

export const MINUTE = 60;
export const HOUR = 3_600;
export const DAY = 86_400;

type Values = { readonly [name in Quantity]?: number };

export interface Measuring {
  readonly id: string;
  /** Unix seconds. */
  readonly from: number;
  readonly to: number;
  readonly everySeconds: number;
  /** Begins with this number. */
  readonly seq?: number;
  values(unixSeconds: number): Values;
}

/** Readings of a device, as its messages bring them. */
export async function measure(
  store: Store,
  { id, from, to, everySeconds, seq = 0, values }: Measuring,
): Promise<void> {
  const count = Math.ceil((to - from) / everySeconds);
  for (let first = 0; first < count; first += 1_000) {
    const readings = Array.from({ length: Math.min(1_000, count - first) }, (_, i) => {
      const unixSeconds = from + (first + i) * everySeconds;
      const each = values(unixSeconds);
      return {
        epoch: "5c0ffee1",
        seq: seq + first + i,
        unixSeconds,
        steps: QUANTITIES.map((name) =>
          each[name] === undefined ? null : Math.round(each[name] * STEPS_PER_UNIT[name]),
        ),
      };
    });
    await store.take([{ kind: "readings", device: id, readings }]);
  }
}

export const statusOf = (changes: object = {}): Record<string, unknown> => ({
  v: 1,
  online: true,
  firmware: "0.1.0",
  release: 1,
  board: "ESP32-DevKitC",
  boot: 12,
  reset: "power-on",
  sensor: { model: "SEN66", fault: null },
  sensors: [{ model: "SEN66", serial: "A1B2C3D4E5F60718", fault: null, age: 3, quantities: ["pm2_5"] }],
  clock: "synced",
  network: { mac: "02:00:5e:10:20:30", address: "192.168.1.23", channel: 6, rssi: -61 },
  certificate: { expires: Math.floor(Date.now() / 1000) + 152 * DAY, daysLeft: 152 },
  journal: { epoch: "5c0ffee1", pending: 3, dropped: 0 },
  ...changes,
});

/** Devices as they would be behind a broker: settings that are set are so, commands are done. */
export class ObedientDevices implements Control {
  readonly asked: object[] = [];
  #settings: Settings = {
    samplingSeconds: 60,
    ledBrightness: 100,
    homeAssistant: false,
    logLevel: "info",
    sntpServers: ["0.pool.ntp.org"],
  };
  #version = 0;

  async desired() {
    return { version: this.#version, settings: {} };
  }

  async desire(device: string, settings: Settings): Promise<object> {
    this.asked.push({ device, settings });
    this.#settings = { ...this.#settings, ...settings };
    return this.#report(++this.#version);
  }

  async reported(): Promise<object> {
    return this.#report(this.#version);
  }

  async command(device: string, name: string, args: Settings | undefined): Promise<object> {
    this.asked.push({ device, name, ...(args && { args }) });
    if (name === "get-diagnostics")
      return {
        id: "1",
        ok: true,
        result: {
          uptime: 86_400,
          connects: 4,
          lastFailure: "firewall-8883",
          failures: { "firewall-8883": 2 },
        },
      };
    return name === "restart" ? { id: "1", ok: false, error: "busy" } : { id: "1", ok: true, result: {} };
  }

  async offer(devices: readonly string[], manifest: string): Promise<void> {
    for (const device of devices) this.asked.push({ device, manifest });
  }

  #report(version: number): object {
    return { version, newest: version, state: "applied", settings: this.#settings };
  }
}

export interface CloudPage extends CloudApi {
  readonly devices: ObedientDevices;
  /** So many that have said something once. */
  addDevices(count: number): Promise<void>;
}

/** By the clock on the wall, which the browser goes by. */
export async function startCloudPage({
  isLocal = true,
  ...options
}: CloudApiOptions & { readonly isLocal?: boolean } = {}): Promise<CloudPage> {
  const devices = new ObedientDevices();
  // Devices that are heard of go to this account, too.
  const open: CloudApiOptions["open"] = ({ now }) => embeddedStore({ now, homeAccount: "acme" });
  const api = await startCloudApi({
    clock: {
      get now() {
        return Date.now();
      },
    },
    ...(isLocal && { localAccount: ACME }),
    open,
    control: devices,
    page: buildCloudPage,
    ...options,
  });
  const { store } = api;
  const addDevices = async (count: number): Promise<void> => {
    const at = Math.floor(Date.now() / 1000);
    const ids = Array.from({ length: count }, (_, i) => `aerolink-${String(i).padStart(6, "0")}`);
    // Heard of, and so registered in the account that the page sees, at once.
    for (let i = 0; i < count; i += 500)
      await store.take(
        ids.slice(i, i + 500).flatMap((device) => [
          { kind: "status" as const, device, isOnline: true, status: JSON.stringify(statusOf()), at },
          {
            kind: "readings" as const,
            device,
            readings: [
              {
                epoch: "5c0ffee1",
                seq: 1,
                unixSeconds: at - 60,
                steps: QUANTITIES.map((name) => (name === "co2" ? 600 : null)),
              },
            ],
          },
        ]),
      );
  };
  return { ...api, devices, addDevices };
}

/** Air of a room: a working day in it, with a gap where `hole` says so. */
export function roomAir(unixSeconds: number, liveliness = 1): Values {
  const hour = (unixSeconds / HOUR) % 24;
  const noise = (n: number): number =>
    Math.sin(unixSeconds / (97 + n * 13)) + Math.sin(unixSeconds / (31 + n * 7)) / 2;
  const people = Math.max(0, Math.sin(((hour - 7) / 14) * Math.PI)) * liveliness;
  const cooking = Math.exp(-(((hour - 18.5) / 0.7) ** 2)) * liveliness;
  const pm2_5 = 3.2 + 2.4 * people + 38 * cooking + 0.5 * noise(1);
  return {
    pm1: pm2_5 * 0.7,
    pm2_5,
    pm4: pm2_5 * 1.2,
    pm10: pm2_5 * 1.4,
    co2: 430 + 640 * people + 12 * noise(2),
    temperature: 20.4 + 1.9 * people + 0.12 * noise(3),
    humidity: 41 + 6 * people + 8 * cooking + 0.4 * noise(4),
    voc: 90 + 40 * people + 120 * cooking + 3 * noise(5),
    nox: 1 + 8 * cooking,
  };
}

/** A fleet as a person would have it: most are well, some are not. Names are what people type, or worse. */
export async function fillFleet(store: Store, now = Math.floor(Date.now() / 1000)): Promise<void> {
  const add = async (
    id: string,
    changes: object,
    values?: (at: number) => Values,
    silentSeconds = 0,
  ): Promise<void> => {
    await store.devices.add({ id, account: ACME, ...changes }, now);
    if (!values) return;
    await measure(store, { id, from: now - DAY, to: now - silentSeconds, everySeconds: 120, values });
  };
  const says = (device: string, isOnline: boolean, status: object, at = now - 40): Promise<unknown> =>
    store.take([{ kind: "status", device, isOnline, status: JSON.stringify(statusOf(status)), at }]);

  await store.devices.add({ id: "aerolink-02005e102030", account: ACME, friendlyName: "Kitchen" }, now);
  // Away for an afternoon three days ago, and what it kept was lost with it.
  const hole = { from: now - 3 * DAY - 5 * HOUR, to: now - 3 * DAY };
  const kitchen = { id: "aerolink-02005e102030", everySeconds: 60, values: (at: number) => roomAir(at, 1) };
  await measure(store, { ...kitchen, from: now - 9 * DAY, to: hole.from });
  const between = { from: now - 8 * HOUR, to: now - 7 * HOUR };
  await measure(store, { ...kitchen, seq: 20_000, from: hole.to, to: between.from });
  await measure(store, { ...kitchen, seq: 40_000, from: between.to, to: now });
  await says("aerolink-02005e102030", true, {});

  await add("aerolink-02005e102031", { friendlyName: "Meeting room 2" }, (at) => ({
    ...roomAir(at, 1.2),
    co2: 1_640 + 20 * Math.sin(at / 900),
  }));
  await says("aerolink-02005e102031", true, {});
  await add("aerolink-02005e102032", { friendlyName: "Bedroom" }, (at) => roomAir(at, 0.3));
  await says("aerolink-02005e102032", true, { certificate: { expires: now + 12 * DAY, daysLeft: 12 } });
  await add(
    "aerolink-02005e102033",
    { friendlyName: "Roof", isIndoor: false, latitude: 52.52, longitude: 13.405 },
    (at) => ({ ...roomAir(at, 0.2), co2: 428, temperature: 4.2, humidity: 83 }),
  );
  await says("aerolink-02005e102033", true, { firmware: "0.2.0", release: 2 });
  await add("aerolink-02005e102034", { friendlyName: "Workshop" }, (at) => ({
    ...roomAir(at, 1),
    pm2_5: 71 + 4 * Math.sin(at / 600),
    pm10: 130,
  }));
  await says("aerolink-02005e102034", true, {});
  await add(
    "aerolink-02005e102035",
    { friendlyName: "Cellar" },
    (at) => ({ ...roomAir(at, 0.1), humidity: 58 }),
    3 * HOUR,
  );
  await says("aerolink-02005e102035", false, {}, now - 3 * HOUR);
  await add("aerolink-02005e102036", { friendlyName: "Classroom 1a" }, (at) => roomAir(at, 1.1));
  await says("aerolink-02005e102036", true, { sensor: { model: "SEN66", fault: "fan stopped" } });
  for (let i = 0; i < 7; i++) {
    const device = `aerolink-02005e10203${i}`;
    const daysLeft = i === 2 ? 12 : 152;
    const identity = identityStateText({ expires: now + daysLeft * DAY, daysLeft, source: "renewed" });
    await store.take([
      {
        kind: "state",
        device,
        topic: "update/state",
        text: updateStateText({ running: 1, version: "0.1.0" }),
        at: now,
      },
      { kind: "state", device, topic: "identity/state", text: identity, at: now },
    ]);
  }
  await store.devices.add(
    { id: "aerolink-02005e102037", account: ACME, friendlyName: "Still in its box" },
    now,
  );
}
