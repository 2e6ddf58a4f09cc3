import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DICTIONARY } from "../../../modules/telemetry/batch";
import type { Reading } from "../../../modules/telemetry/reading";
import { SimulatedSensor } from "../../../sim/air/simulated-sensor";
import { buildFirmware } from "../../../tests/support/firmware";
import { type CountedBroker, countedBroker } from "./counted-broker";
import { drainJournal, drainMqttJs } from "./drain";
import { connecting, jsonPerReading, ours, ping, topicPerValue } from "./on-the-wire";
import { flashWear, routerBack } from "./virtual-days";

const WIRE_READINGS = 240;
const BACKLOG_READINGS = 12_000;
const WEAR_DAYS = 60;
const SEEDS = 200;
const CONNECTS = 30;
const DRAINS = 5;
/** 2026-07-01T00:00:00Z */
const MIDNIGHT = 1_782_864_000;

function readingsOf(count: number): Reading[] {
  let at = 0;
  const sensor = new SimulatedSensor({ seed: 1, now: () => (86_400 + at) * 1000 });
  return Array.from({ length: count }, (_, minute) => {
    at = minute * 60;
    const stamp = { boot: 1, uptimeSeconds: at, unixSeconds: MIDNIGHT + at };
    return { seq: minute + 1, ...stamp, values: sensor.sample() ?? {} };
  });
}

const row = (...cells: (string | number)[]): void =>
  console.log(
    `| ${cells.map((cell) => (typeof cell === "number" ? Math.round(cell * 10) / 10 : cell)).join(" | ")} |`,
  );

/** Prints the tables of "Journal and wire", or those of some parts. */
export async function main(parts: readonly string[]): Promise<void> {
  const has = (part: string): boolean => parts.length === 0 || parts.includes(part);
  const folder = mkdtempSync(join(tmpdir(), "aerolink-bench-"));
  const broker = await countedBroker(folder);
  try {
    if (has("wire")) await wire(broker);
    if (has("drain")) await drain(broker);
    const built = await buildFirmware();
    if (has("wear")) wear(built);
    if (has("back")) back(built);
  } finally {
    await broker.close();
    rmSync(folder, { recursive: true });
  }
}

async function wire(broker: CountedBroker): Promise<void> {
  const readings = readingsOf(WIRE_READINGS);
  const kinds = [
    ["ours, 1 reading a batch", () => ours(broker, readings, 1)],
    ["ours, 5", () => ours(broker, readings, 5)],
    ["ours, 20", () => ours(broker, readings, 20)],
    ["ours, 1, with the dictionary", () => ours(broker, readings, 1, DICTIONARY)],
    ["ours, 5, with the dictionary", () => ours(broker, readings, 5, DICTIONARY)],
    ["ours, 20, with the dictionary", () => ours(broker, readings, 20, DICTIONARY)],
    ["MQTT.js, a JSON object per reading", () => jsonPerReading(broker, readings)],
    ["MQTT.js, a topic per value", () => topicPerValue(broker, readings)],
  ] as const;
  row("way", "bytes up per reading", "bytes down per reading", "both");
  row("---", "--:", "--:", "--:");
  for (const [name, measure] of kinds) {
    const { up, down } = await measure();
    row(name, up / WIRE_READINGS, down / WIRE_READINGS, (up + down) / WIRE_READINGS);
  }
  const pings = await ping(broker);
  const { full, resumed } = await connecting(broker, CONNECTS);
  console.log(`\nPINGREQ and its answer: ${pings.up} up, ${pings.down} down.\n`);
  row("connecting, to CONNACK", "bytes up", "bytes down", "fastest, ms");
  row("---", "--:", "--:", "--:");
  row("TLS in full", full.up, full.down, full.ms);
  row("TLS resumed", resumed.up, resumed.down, resumed.ms);
}

async function drain(broker: CountedBroker): Promise<void> {
  console.log();
  const readings = readingsOf(BACKLOG_READINGS);
  row("way", "readings a second");
  row("---", "--:");
  const fastest = async (measure: () => Promise<number>): Promise<number> => {
    let most = 0;
    for (let i = 0; i < DRAINS; i++) most = Math.max(most, await measure());
    return most;
  };
  row("ours, paced: 250 ms between batches of 30", await drainJournal(broker, readings.slice(0, 2_000)));
  row("ours, without the pause", await fastest(() => drainJournal(broker, readings, 0)));
  row("MQTT.js, two in flight like ours", await fastest(() => drainMqttJs(broker, readings, 2)));
  row("MQTT.js, all in flight at once", await fastest(() => drainMqttJs(broker, readings, readings.length)));
}

function wear(built: Awaited<ReturnType<typeof buildFirmware>>): void {
  const { bytesPerDay, erasesPerDay, most, fewest, years } = flashWear(built, WEAR_DAYS);
  console.log(
    `\nFlash: ${Math.round(bytesPerDay)} bytes and ${erasesPerDay.toFixed(1)} erases a day; erases of a sector after ${WEAR_DAYS + 1} days ${fewest} to ${most}; ${Math.round(years)} years to 100,000 erases.\n`,
  );
}

function back(built: Awaited<ReturnType<typeof buildFirmware>>): void {
  row("router away for", "median, s", "95 %, s", "longest, s");
  row("---", "--:", "--:", "--:");
  for (const [name, awayMs] of [
    ["15 s", 15_000],
    ["1 min", 60_000],
    ["10 min", 600_000],
    ["2 h", 7_200_000],
  ] as const) {
    const times = routerBack(built, awayMs, SEEDS);
    row(name, times[SEEDS / 2]!, times[Math.floor(SEEDS * 0.95)]!, times.at(-1)!);
  }
}
