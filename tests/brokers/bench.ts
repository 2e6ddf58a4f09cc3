import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IClientOptions } from "mqtt";
import { parseIdentity } from "../../modules/identity/identity";
import { SIMULATED_MAC } from "../../sim/simulator/simulator";
import { Cloud } from "../../tools/cloud/cloud";
import { formatIdentity } from "../../tools/identity/format";
import { deviceIdOf } from "../../tools/identity/naming";
import { ensureDevelopmentPki } from "../../tools/pki/development";
import { limit } from "../support/limit";
import { freePort } from "../support/mosquitto";
import { type Running, start } from "../support/running-simulator";
import { own } from "./files";
import { Gate } from "./gate";
import type { Leash } from "./leash";
import type { MqttVersion, Product, Setup } from "./product";
import { Reader } from "./reader";

/** More than any message of these devices takes, but for a report of long names. */
const MAX_PAYLOAD_BYTES = 900;
const START_LIMIT_MS = limit(60_000);

/** One broker that runs, those who read along, and devices to try it with. */
export class Bench {
  readonly product: Product;
  readonly setup: Setup;
  readonly gate: Gate;
  readonly #macs: readonly string[];
  #leash: Leash;
  #reader!: Reader;
  #cloud!: Cloud;

  private constructor(product: Product, setup: Setup, gate: Gate, macs: readonly string[]) {
    this.product = product;
    this.setup = setup;
    this.gate = gate;
    this.#macs = macs;
    this.#leash = product.start(setup);
  }

  /** `count` devices may be opened. */
  static async start(product: Product, count: number): Promise<Bench> {
    const folder = mkdtempSync(join(tmpdir(), "aerolink-broker-"));
    own(folder);
    const macs = Array.from({ length: count }, (_, i) => `02:00:5e:10:20:${(0x40 + i).toString(16)}`);
    const pki = await ensureDevelopmentPki(`${folder}-pki`, { mac: SIMULATED_MAC });
    const [devices, operators, other] = [await freePort(), await freePort(), await freePort()];
    const ports = { devices, operators, other };
    const ids = macs.map((mac) => deviceIdOf(mac));
    const setup = { folder, pki, ports, devices: ids, maxPayloadBytes: MAX_PAYLOAD_BYTES };
    await product.prepare(setup);
    const bench = new Bench(product, setup, await Gate.to(ports.devices), macs);
    await bench.#listening();
    bench.#reader = await Reader.open(bench.operator);
    bench.#cloud = await Cloud.connect({
      url: `mqtts://127.0.0.1:${bench.#operatorsPort}`,
      servername: "localhost",
      ca: pki.authorityPem,
      cert: pki.cloud.certificatePem,
      key: pki.cloud.keyPem,
      clientId: "cloud",
    });
    return bench;
  }

  get reader(): Reader {
    return this.#reader;
  }

  get cloud(): Cloud {
    return this.#cloud;
  }

  /** What the broker itself said last. */
  get said(): string {
    return this.#leash.said;
  }

  /** How an operator's client connects. */
  get operator(): IClientOptions {
    const { cloud } = this.setup.pki;
    const { operatorUser } = this.product;
    return {
      ...this.#way(this.#operatorsPort),
      cert: cloud.certificatePem,
      key: cloud.keyPem,
      ...(operatorUser !== undefined && { username: operatorUser }),
    };
  }

  /** How a device's client connects, without a certificate. */
  get anybody(): IClientOptions {
    return this.#way(this.setup.ports.devices);
  }

  /** Switches device number `index` on. */
  async device(
    index: number,
    mqttVersion: MqttVersion,
  ): Promise<{ id: string; running: Running; tls: IClientOptions }> {
    const { pki, folder } = this.setup;
    const made = await ensureDevelopmentPki(`${folder}-pki`, { mac: this.#macs[index]! });
    const own = parseIdentity(made.identity);
    if (typeof own === "string") throw new Error(own);
    // The simulated board has one MAC, whoever it is.
    const identity = formatIdentity({ ...own, mac: SIMULATED_MAC });
    const running = await start({
      broker: { host: "localhost", port: this.gate.port, certificateAuthority: pki.authorityPem, identity },
      settings: { mqttVersion, samplingSeconds: 1, readingsPerBatch: 2, keepAliveSeconds: 10 },
    });
    const der = (kind: string, bytes: Uint8Array): string =>
      `-----BEGIN ${kind}-----\n${Buffer.from(bytes).toString("base64")}\n-----END ${kind}-----\n`;
    const cert = der("CERTIFICATE", own.certificateChain[0]!);
    return {
      id: own.deviceId,
      running,
      tls: { ...this.anybody, cert, key: der("PRIVATE KEY", own.privateKey) },
    };
  }

  /** kill -9, and the broker again; devices get through once the reader is back. */
  async killAndReturn(): Promise<void> {
    this.gate.shut();
    await this.#leash.kill();
    this.#leash = this.product.start(this.setup);
    await this.#listening();
    await this.#reader.subscribed();
    this.gate.open();
  }

  async close(): Promise<void> {
    await this.#reader?.close();
    await this.#cloud?.close();
    this.gate.close();
    await this.#leash.kill();
    for (const path of [this.setup.folder, `${this.setup.folder}-pki`])
      rmSync(path, { recursive: true, force: true });
  }

  get #operatorsPort(): number {
    const { devices, operators } = this.setup.ports;
    return this.product.hasOperatorsPort ? operators : devices;
  }

  #way(port: number): IClientOptions {
    const { pki } = this.setup;
    return { protocol: "mqtts", host: "127.0.0.1", servername: "localhost", port, ca: pki.authorityPem };
  }

  async #listening(): Promise<void> {
    await this.#leash.listening(this.setup.ports.devices, START_LIMIT_MS);
    await this.#leash.listening(this.#operatorsPort, START_LIMIT_MS);
  }
}
