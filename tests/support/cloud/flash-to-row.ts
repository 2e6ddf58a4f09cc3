import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeSteps, isTelemetry, type ReadingInSteps } from "../../../cloud/payload/decode-telemetry";
import { QUANTITIES, STEPS_PER_UNIT } from "../../../cloud/payload/quantities";
import { topicOf } from "../../../cloud/payload/topics";
import { FLEET } from "../../../cloud/store/scope";
import type { Store } from "../../../cloud/store/store";
import { SeededRandom } from "../../../sim/virtual/virtual-time";
import { VirtualWorld } from "../../../sim/virtual/virtual-world";
import { Broker } from "../../../sim/world/broker";
import { CLOUD_HOST } from "../../../sim/world/names";
import { bundleTs } from "../../../tools/base/run-ts.mjs";
import type { IngestProcessOptions } from "../../../tools/bench/cloud/ingest-process";
import { type DevelopmentPki, ensureDevelopmentPki } from "../../../tools/pki/development";
import type { buildFirmware } from "../firmware";

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Virtual time of one device between two looks at the real world. */
const TURN_MS = 10 * MINUTE_MS;
/** Of the time between two kills. */
const LONGEST_GROWTH = 20;
/** Often, so that kills fall into it. */
const SUM_MS = 500;
/** After the last fault everybody is online again, and the backlog through. */
const CALM_MS = 2 * HOUR_MS;

export interface FlashToRowOptions {
  readonly built: Awaited<ReturnType<typeof buildFirmware>>;
  readonly devices: number;
  readonly hours: number;
  readonly seed: number;
  /** Real time, about, from the ingest's connection to the next kill; the ingest and the broker in turns. */
  readonly killMs: number;
  /** Each has an ingest of its own, with all that the devices say. */
  readonly stores: readonly StoreUnderTest[];
}

export interface StoreUnderTest {
  readonly name: string;
  /** What the ingest opens, and a look into the same. */
  readonly where: string;
  open(): Promise<Store>;
}

export interface FlashToRowOutcome {
  readonly ingestKills: number;
  readonly brokerKills: number;
  readonly powerCuts: number;
  /** Messages with readings that the broker took, and how often it took one of a reading again. */
  readonly messages: number;
  readonly readings: number;
  readonly repetitions: number;
  /** Of them without a time when they first came, and dated in the end. */
  readonly datedLater: number;
  readonly undated: number;
  /** What each store has and should not, or the other way round, in words; the first twenty. */
  readonly wrong: Readonly<Record<string, readonly string[]>>;
  /** What the ingests said last of their troubles: where something is wrong. */
  readonly complaints: string;
  /** What the devices took and never brought, gaps, and wrong times: theirs, not the cloud's. */
  readonly lostOnTheWay: readonly string[];
}

/**
 * Devices with the unchanged firmware on virtual time, a broker and an ingest in real time. The devices' broker hands
 * what it takes to aedes, whose sessions outlive its kills as they would on disk; the ingest is killed as well.
 */
export async function flashToRow(options: FlashToRowOptions): Promise<FlashToRowOutcome> {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-row-"));
  const run = new Run(options, await ensureDevelopmentPki(folder, { mac: "02:00:5e:10:20:30" }));
  try {
    return await run.run();
  } finally {
    await run.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Stamp {
  readonly unixSeconds: number | undefined;
  readonly boot: number | undefined;
  readonly uptimeSeconds: number | undefined;
  readonly steps: readonly (number | null)[];
}

class Run {
  readonly #options: FlashToRowOptions;
  readonly #pki: DevelopmentPki;
  readonly #random: SeededRandom;
  #broker: Broker | undefined;
  readonly #ingests = new Map<string, ChildProcess>();
  #bundle = "";
  #port = 0;
  /** By device, epoch and seq: what the device said last of it. */
  readonly #said = new Map<string, Stamp>();
  readonly #worlds: VirtualWorld[] = [];
  #counts = { ingestKills: 0, brokerKills: 0, powerCuts: 0, messages: 0, repetitions: 0, datedLater: 0 };
  #isOver = false;
  #isDraining = false;
  /** What the ingests said last of their troubles. */
  #complaints = "";

  constructor(options: FlashToRowOptions, pki: DevelopmentPki) {
    this.#options = options;
    this.#pki = pki;
    this.#random = new SeededRandom(options.seed);
  }

  async run(): Promise<FlashToRowOutcome> {
    this.#bundle = await bundleTs("tools/bench/cloud/ingest-process.ts");
    this.#broker = await Broker.start({
      key: this.#pki.broker.keyPem,
      certificateChain: this.#pki.broker.certificatePem,
      deviceAuthority: this.#pki.deviceAuthorityPem,
      operatorAuthority: this.#pki.operatorAuthorityPem,
    });
    countOn(this.#broker.aedes);
    // The same over stop and start.
    this.#port = this.#broker.port!;
    void this.#killInTurns();
    // Until its session is there nothing waits for it at the broker.
    const subscribed = this.#all("subscribe");
    this.#startIngests();
    await subscribed;
    await this.#live();
    this.#isDraining = true;
    const wrong: Record<string, string[]> = {};
    for (const { name, open } of this.#options.stores) {
      const store = await open();
      wrong[name] = await this.#drain(store).finally(() => store.close());
    }
    this.#isOver = true;
    return this.#outcome(wrong);
  }

  async close(): Promise<void> {
    this.#isOver = true;
    for (const each of this.#ingests.values()) each.kill("SIGKILL");
    await this.#broker?.close();
  }

  /** Every ingest has done that at the broker, from now on. */
  #all(event: "subscribe" | "client"): Promise<void> {
    const { aedes } = this.#broker!;
    const missing = new Set(this.#options.stores.map(({ name }) => `cloud-${name}-0`));
    return new Promise((resolve) => {
      const heard = (...args: unknown[]): void => {
        missing.delete((args.at(-1) as { id: string } | null)?.id ?? "");
        if (missing.size > 0) return;
        aedes.off(event as "client", heard);
        resolve();
      };
      aedes.on(event as "client", heard);
    });
  }

  async #live(): Promise<void> {
    const { devices, hours, seed } = this.#options;
    for (let i = 0; i < devices; i++) this.#worlds.push(this.#device(i, (seed + i) >>> 0));
    const end = hours * HOUR_MS + CALM_MS;
    for (let at = 0; at < end; at += TURN_MS)
      for (const world of this.#worlds) {
        world.run(TURN_MS);
        // The broker, and whoever kills, have their turn.
        await sleep(0);
      }
  }

  #device(index: number, seed: number): VirtualWorld {
    const id = `device-${index}`;
    const world = new VirtualWorld({
      ...this.#options.built,
      seed,
      onMessage: (topic, payload) => {
        const name = topic.slice(topic.indexOf(world.deviceId) + world.deviceId.length + 1);
        if (isTelemetry(name)) this.#saidBy(id, payload);
        if (isTelemetry(name) || name === "status") this.#publish(topicOf(id, name), payload);
      },
    });
    const random = new SeededRandom(seed);
    const until = this.#options.hours * HOUR_MS;
    const often = (meanMs: number, action: () => void): void => {
      const wait = -meanMs * Math.log(1 - random.next());
      if (world.time.now() + wait > until) return;
      world.time.set(() => {
        action();
        often(meanMs, action);
      }, wait);
    };
    const share = Math.min(1, this.#options.hours / 24);
    often(2 * HOUR_MS * share, () => {
      this.#counts.powerCuts++;
      world.cutPower();
      world.time.set(() => world.world.powerOn(), SECOND_MS * (1 + random.below(600)));
    });
    often(HOUR_MS * share, () => world.broker.crash());
    for (const at of ["publish", "puback"] as const)
      often(3 * HOUR_MS * share, () => {
        world.broker.faults.strike = { at, by: "reset" };
        world.time.set(() => delete world.broker.faults.strike, 2 * MINUTE_MS);
      });
    // No time is to be had: readings go without, and again when it is.
    often(4 * HOUR_MS * share, () => {
      world.faults.sntp = { fault: "silent" };
      world.time.set(() => delete world.faults.sntp, 30 * MINUTE_MS);
    });
    world.world.powerOn();
    return world;
  }

  #saidBy(id: string, payload: Uint8Array): void {
    this.#counts.messages++;
    for (const { epoch, seq, unixSeconds, boot, uptimeSeconds, steps } of decodeSteps(payload)) {
      const key = keyOf(id, { epoch, seq });
      const before = this.#said.get(key);
      if (before) this.#counts.repetitions++;
      if (before && before.unixSeconds === undefined && unixSeconds !== undefined) this.#counts.datedLater++;
      if (before?.unixSeconds !== undefined && unixSeconds === undefined) continue;
      this.#said.set(key, { unixSeconds, boot, uptimeSeconds, steps });
    }
  }

  #publish(topic: string, payload: Uint8Array): void {
    const packet = {
      cmd: "publish",
      topic,
      payload: Buffer.from(payload),
      qos: 1,
      retain: false,
      dup: false,
    } as const;
    this.#broker!.aedes.publish(packet, (error) => {
      if (error) throw error;
    });
  }

  #startIngests(): void {
    for (const { name, where } of this.#options.stores) this.#startIngest(name, where);
  }

  #startIngest(name: string, where: string): void {
    const { cloud, authorityPem } = this.#pki;
    const options: IngestProcessOptions = {
      store: where,
      url: `mqtts://127.0.0.1:${this.#port}`,
      connection: {
        ca: authorityPem,
        cert: cloud.certificatePem,
        key: cloud.keyPem,
        servername: CLOUD_HOST,
      },
      name: `cloud-${name}`,
      protocolVersion: 4,
      sumMs: SUM_MS,
    };
    const child = spawn(process.execPath, [this.#bundle, JSON.stringify(options)], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    child.stderr.on("data", (text) => {
      this.#complaints = `${this.#complaints}${name}: ${text}`.slice(-2_000);
    });
    child.once("exit", (code) => {
      if (code === null || this.#isOver) return;
      // As whoever runs it would.
      this.#complaints += `${name} ended by itself with ${code}\n`;
      this.#startIngest(name, where);
    });
    this.#ingests.set(name, child);
  }

  /**
   * Now the ingests, now the broker, each time some moments after the ingests have come up: on a busy machine that may
   * take seconds, and they would never get on. For the same reason the moments grow when only the backlog is left.
   */
  async #killInTurns(): Promise<void> {
    let growth = 1;
    for (let turn = 0; ; turn++) {
      await this.#all("client");
      if (this.#isDraining) growth = Math.min(growth * 1.2, LONGEST_GROWTH);
      await sleep(this.#options.killMs * growth * (0.75 + this.#random.next() / 2));
      if (this.#isOver) return;
      if (turn % 2 === 0) {
        const children = [...this.#ingests.values()];
        const ended = children.map((child) => new Promise((resolve) => child.once("exit", resolve)));
        for (const child of children) child.kill("SIGKILL");
        await Promise.all(ended);
        this.#counts.ingestKills += children.length;
        this.#startIngests();
      } else {
        await this.#broker!.stop();
        this.#counts.brokerKills++;
        await this.#broker!.start();
      }
    }
  }

  /** Until the ingest has brought all, or does not get on any more. The kills go on meanwhile. */
  async #drain(store: Store): Promise<string[]> {
    const patience = 6 * this.#options.killMs + 20 * SECOND_MS;
    let wrong: string[] = [];
    let last = -1;
    for (let since = Date.now(); Date.now() - since < patience; ) {
      const begun = Date.now();
      wrong = await this.#wrong(store);
      if (wrong.length === 0) break;
      if (wrong.length !== last) since = Date.now();
      last = wrong.length;
      await sleep(300 + Date.now() - begun);
    }
    return wrong;
  }

  async #wrong(store: Store): Promise<string[]> {
    const missing = new Map(this.#said);
    const wrong: string[] = [];
    const check = (key: string, is: (stamp: Stamp) => boolean, values: readonly (number | null)[]): void => {
      const said = missing.get(key);
      if (!said) wrong.push(`${key} is there ${this.#said.has(key) ? "twice" : "and was never said"}`);
      else if (!is(said)) wrong.push(`${key} has another time`);
      else if (said.steps.some((step, i) => inUnits(step, i) !== values[i]))
        wrong.push(`${key} has other values`);
      missing.delete(key);
    };
    for await (const row of store.readings.rows(FLEET, { from: 0, to: 2 ** 33 }))
      check(keyOf(row.device, row), ({ unixSeconds }) => unixSeconds === row.time, row.values);
    for (let i = 0; i < this.#options.devices; i++)
      for (const row of await store.readings.undated(FLEET, `device-${i}`))
        check(
          keyOf(row.device, row),
          (said) =>
            said.unixSeconds === undefined && said.boot === row.boot && said.uptimeSeconds === row.uptime,
          row.values,
        );
    for (const key of missing.keys()) wrong.push(`${key} is missing`);
    return wrong;
  }

  #outcome(wrong: Record<string, string[]>): FlashToRowOutcome {
    const lost = this.#worlds.flatMap((world) => [
      ...world.misdated,
      ...world.truth.absent(world.unixMs - 10 * MINUTE_MS).map((at) => `taken at ${at} and never sent`),
    ]);
    return {
      ...this.#counts,
      readings: this.#said.size,
      undated: [...this.#said.values()].filter(({ unixSeconds }) => unixSeconds === undefined).length,
      wrong: Object.fromEntries(Object.entries(wrong).map(([name, words]) => [name, words.slice(0, 20)])),
      complaints: this.#complaints,
      lostOnTheWay: lost.slice(0, 20),
    };
  }
}

/**
 * A session counts its packet identifiers on over its connections: aedes begins anywhere, also at those that are still
 * under way, and an acknowledgement then takes away another message than the one that was kept [MQTT-2.3.1-4].
 */
function countOn(aedes: Broker["aedes"]): void {
  const last = new Map<string, { _nextId: number }>();
  aedes.on("client", (client) => {
    const counter = client as unknown as { _nextId: number };
    counter._nextId = last.get(client.id)?._nextId ?? counter._nextId;
    last.set(client.id, counter);
  });
}

const inUnits = (step: number | null, i: number): number | null =>
  step === null ? null : step / STEPS_PER_UNIT[QUANTITIES[i]!];

const keyOf = (device: string, { epoch, seq }: Pick<ReadingInSteps, "epoch" | "seq">): string =>
  `${device} ${epoch} ${seq}`;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
