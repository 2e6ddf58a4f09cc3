import mqtt, { type IClientOptions } from "mqtt";
import { topicOf } from "../../tools/cloud/protocol";
import { missing, type Running, seen, until } from "../support/running-simulator";
import type { Bench } from "./bench";
import type { MqttVersion } from "./product";

/** The rows of the table in docs/fleet.md, and what each asks for. */
export const CASES = {
  certificate: "without a certificate nobody gets in",
  readings: "readings arrive decoded, none missing",
  status: "the retained status says online",
  command: "a command is answered",
  configuration: "a configuration is taken and reported",
  takeover: "another client with the device's name takes its session, and the device takes it back",
  will: "after a power cut the retained status says offline",
  queued: "a command sent while the device is away is answered when it is back",
  refused: "Home Assistant's topics, which the rule does not allow, hold no reading up",
  large: "a message above the broker's limit holds no reading up",
  kill: "kill -9 of the broker and its return: no reading missing",
} as const;

export type Case = keyof typeof CASES;

/** Devices that one run of the cases needs. */
export const DEVICES = 4;

/** A device that takes one a second goes on with so many. */
const MORE_READINGS = 10;
/** With so many, nothing that the broker did can be seen: it keeps silence. */
const SILENT_READINGS = 15;

/** A cell: kept, and how, where brokers differ. */
type Cell = string;

interface Device {
  readonly id: string;
  readonly running: Running;
  readonly tls: IClientOptions;
}

/** The cases of one broker in one version of MQTT. They begin at once; each is its cell, or why it failed. */
export class CasesRun {
  readonly cells: Readonly<Record<Exclude<Case, "kill">, Promise<Cell>>>;
  readonly #bench: Bench;
  readonly #version: MqttVersion;
  readonly #devices: Promise<Device>[];

  /** `first`: number of the first of its devices at the bench. */
  constructor(bench: Bench, version: MqttVersion, first: number) {
    this.#bench = bench;
    this.#version = version;
    const devices = Array.from({ length: DEVICES }, (_, i) => bench.device(first + i, version));
    this.#devices = devices;
    const [main, away, narrow, large] = devices as [
      Promise<Device>,
      Promise<Device>,
      Promise<Device>,
      Promise<Device>,
    ];
    const inTurn = chain(main);
    const besides = chain(away);
    this.cells = {
      certificate: settled(this.#certificate()),
      readings: inTurn((device) => this.#readings(device)),
      status: inTurn((device) => this.#status(device)),
      command: inTurn((device) => this.#command(device)),
      configuration: inTurn((device) => this.#configuration(device)),
      takeover: inTurn((device) => this.#takeover(device)),
      will: besides((device) => this.#will(device)),
      queued: besides((device) => this.#queued(device)),
      refused: settled(narrow.then((device) => this.#refused(device))),
      large: settled(large.then((device) => this.#large(device))),
    };
  }

  /** All but kill -9 are over, well or not. */
  async done(): Promise<void> {
    await Promise.allSettled(Object.values(this.cells));
  }

  /** After the broker was killed and has returned. */
  async kill(): Promise<Cell> {
    const devices = await Promise.all(this.#devices);
    await Promise.all(devices.map((device) => this.#afterReturn(device)));
    return "yes";
  }

  /** What the devices said, for a failure. */
  async log(): Promise<string> {
    const devices = await Promise.all(this.#devices);
    return devices.map(({ running }) => running.log.slice(-80).join("\n")).join("\n\n");
  }

  async #afterReturn(device: Device): Promise<void> {
    await seen(device.running, "solid blue");
    const newest = this.#newest(device);
    await this.#until(device, "readings of after the return", () => this.#newest(device) > newest);
    await this.#complete(device);
  }

  async #certificate(): Promise<Cell> {
    const client = mqtt.connect({ ...this.#bench.anybody, clientId: "nobody", reconnectPeriod: 0 });
    client.on("error", () => {});
    let isIn = false;
    client.on("connect", () => {
      isIn = true;
    });
    await new Promise<void>((resolve) => client.once("close", () => resolve()));
    await client.endAsync(true);
    if (isIn) throw new Error("a client without a certificate was let in");
    return "yes";
  }

  async #readings(device: Device): Promise<Cell> {
    await seen(device.running, "solid blue");
    await this.#until(device, "readings", () => this.#readingsOf(device).length >= 4);
    await this.#complete(device);
    return "yes";
  }

  async #status(device: Device): Promise<Cell> {
    await this.#retainedStatus(device, true);
    return "yes";
  }

  async #command({ id }: Device): Promise<Cell> {
    const { ok } = await this.#bench.cloud.command(id, "ping");
    if (!ok) throw new Error("the command was refused");
    return "yes";
  }

  async #configuration({ id }: Device): Promise<Cell> {
    const { cloud, reader } = this.#bench;
    const { state, settings } = await cloud.desire(id, { readingsPerBatch: 3 });
    if (state !== "applied" || settings.readingsPerBatch !== 3) throw new Error(`${state}`);
    const kept = JSON.parse((await reader.retained(topicOf(id, "config/reported"))) ?? "{}");
    if (kept.settings?.readingsPerBatch !== 3) throw new Error("the report is not retained");
    return "yes";
  }

  async #takeover(device: Device): Promise<Cell> {
    const { running, id, tls } = device;
    const mark = running.log.length;
    const intruder = mqtt.connect({
      ...tls,
      clientId: id,
      clean: false,
      protocolVersion: this.#version,
      reconnectPeriod: 0,
    });
    intruder.on("error", () => {});
    const connected = new Promise<void>((resolve) => intruder.once("connect", () => resolve()));
    const ended = new Promise<void>((resolve) => intruder.once("close", () => resolve()));
    await connected;
    await this.#until(device, "the device noticed", () =>
      running.log.slice(mark).some((line) => line.includes("connection to the broker lost")),
    );
    await ended;
    await intruder.endAsync(true);
    await seen(running, "solid blue");
    return "yes";
  }

  async #will(device: Device): Promise<Cell> {
    await this.#afterReadings(device);
    const isOffline = (text: string): boolean => JSON.parse(text).online === false;
    const before = this.#heard(device, "status").filter(isOffline).length;
    await device.running.simulator.world.powerOff();
    await this.#until(
      device,
      "the will",
      () => this.#heard(device, "status").filter(isOffline).length > before,
    );
    const kept = await this.#bench.reader.retained(topicOf(device.id, "status"));
    return kept !== undefined && isOffline(kept) ? "yes" : "said, not kept";
  }

  async #queued(device: Device): Promise<Cell> {
    const { running, id } = device;
    await this.#bench.reader.send(topicOf(id, "command"), { id: "queued", name: "ping" });
    running.simulator.world.powerOn();
    const isAnswer = (text: string): boolean => text.includes('"id":"queued"') && text.includes('"ok":true');
    await this.#until(device, "the answer", () => this.#heard(device, "command/result").some(isAnswer));
    await this.#retainedStatus(device, true);
    return "yes";
  }

  async #refused(device: Device): Promise<Cell> {
    const { running, id } = device;
    await this.#afterReadings(device);
    await this.#bench.cloud.desire(id, { homeAssistant: true });
    const mark = this.#newest(device);
    let how = "";
    await this.#until(device, "what the broker does with it, and readings after it", () => {
      how ||= verdictOn(running.log, "homeassistant/");
      return this.#newest(device) >= mark + (how === "" ? SILENT_READINGS : MORE_READINGS);
    });
    if (this.#bench.reader.heard.some(({ topic }) => topic.startsWith(`homeassistant/sensor/${id}`)))
      throw new Error("the rule lets Home Assistant's topics through");
    await this.#complete(device);
    return how || "drops it in silence";
  }

  async #large(device: Device): Promise<Cell> {
    const { running, id } = device;
    await this.#afterReadings(device);
    // The report repeats them.
    const settings = { sntpServers: ["a", "b", "c"].map(longName) };
    await this.#bench.reader.send(topicOf(id, "config/desired"), { version: 1, settings });
    const mark = this.#newest(device);
    let how = "";
    await this.#until(device, "what the broker does with it, and readings after it", () => {
      how ||= verdictOn(running.log, "config/reported");
      const arrived = this.#heard(device, "config/reported").some((text) => text.includes(longName("a")));
      if (arrived) how ||= "no limit";
      return this.#newest(device) >= mark + (how === "" ? SILENT_READINGS : MORE_READINGS);
    });
    await this.#complete(device);
    if (how === "") throw new Error("the broker keeps silence");
    return how;
  }

  async #afterReadings(device: Device): Promise<void> {
    await seen(device.running, "solid blue");
    await this.#until(device, "readings", () => this.#readingsOf(device).length >= 2);
  }

  async #retainedStatus(device: Device, online: boolean): Promise<void> {
    const topic = topicOf(device.id, "status");
    for (const end = performance.now() + 30_000; ; ) {
      const kept = await this.#bench.reader.retained(topic);
      if (kept !== undefined && JSON.parse(kept).online === online) return;
      if (performance.now() > end) throw new Error(`the retained status is ${kept}`);
    }
  }

  /** No gap up to the newest, whoever comes late. */
  #complete(device: Device): Promise<void> {
    return this.#until(device, "no reading missing", () => missing(this.#readingsOf(device)).length === 0);
  }

  #until(device: Device, what: string, done: () => boolean): Promise<void> {
    return until(what, done, device.running, 60_000);
  }

  #readingsOf({ id }: Device) {
    return this.#bench.reader.readings.get(id) ?? [];
  }

  #newest(device: Device): number {
    return Math.max(0, ...this.#readingsOf(device).map(({ seq }) => seq));
  }

  #heard({ id }: Device, name: string): string[] {
    return this.#bench.reader.heard
      .filter(({ topic }) => topic === topicOf(id, name))
      .map(({ text }) => text);
  }
}

/** A host name of 250 characters. */
const longName = (letter: string): string => `${`${letter.repeat(60)}.`.repeat(4)}test`;

/** What the device's log tells of the broker's answer to a message to `topic`; empty: nothing yet. */
function verdictOn(log: readonly string[], topic: string): string {
  const find = (pattern: string): string | undefined => {
    const matches = log.map((line) => new RegExp(pattern).exec(line));
    return matches.find((match) => match !== null)?.[1];
  };
  const reason = find(`gave up a message of \\d+ bytes to \\S*${topic}\\S*: (\\S+)`);
  if (reason === undefined) return "";
  if (reason === "cut-off") return "closes";
  if (reason === "too-large") return "says its limit";
  return `says 0x${Number(find(`refused by the broker with (\\d+): a message to \\S*${topic}`)).toString(16)}`;
}

/** A promise that nobody has to await: whoever does is told. */
function settled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** One case after the other, whatever became of the one before. */
function chain(start: Promise<Device>): (run: (device: Device) => Promise<Cell>) => Promise<Cell> {
  let last: Promise<unknown> = start;
  return (run) => {
    const next = last.catch(() => {}).then(async () => run(await start));
    last = next;
    return settled(next);
  };
}
