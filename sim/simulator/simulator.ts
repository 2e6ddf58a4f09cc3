import { X509Certificate } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { type DecodedReading, decodeTelemetry, isTelemetry } from "../../cloud/payload/decode-telemetry";
import { type BrokerProfile, withId } from "../../modules/configuration/broker-profile";
import { SETTINGS } from "../../modules/configuration/settings-table";
import { type Identity, parseIdentity } from "../../modules/identity/identity";
import { bundleTs } from "../../tools/base/run-ts.mjs";
import { formatIdentity } from "../../tools/identity/format";
import type { Authority } from "../../tools/pki/certificates";
import { ensureDevelopmentPki } from "../../tools/pki/development";
import { formatPoint, pointOfPkcs8 } from "../../tools/release/keys";
import { UpdateServer } from "../../tools/release/server";
import type { Network } from "../../wifi/network";
import { bundleFirmware } from "../device/firmware";
import { type SeedSettings, seedSettings } from "../device/seed-settings";
import { FolderStorage } from "../device/storage";
import { type PoweredBoard, workerBoard } from "../device/worker-board";
import { factsOf, type ModelName } from "../models/names";
import { FACTORY_RELEASE } from "../scenes/update-scenes";
import type { BoardState } from "../world/board-state";
import { Broker } from "../world/broker";
import type { CloudIdentity } from "../world/cloud-identity";
import { LedObserver, type Sight } from "../world/led-observer";
import { loopbackService } from "../world/loopback";
import { CLOUD_ADDRESS, CLOUD_HOST } from "../world/names";
import { realServices } from "../world/real-services";
import { Renewals } from "../world/renewals";
import { homeRouter, type Router } from "../world/router";
import { realTime } from "../world/scheduler";
import { SIGN_IN_ANSWER, WebServer } from "../world/web";
import { World } from "../world/world";

/** Somebody else's broker, in place of the embedded one. */
export interface ForeignBroker {
  readonly host: string;
  readonly port: number;
  /** Authorities in place of the identity's, PEM. */
  readonly certificateAuthority?: string;
  /** Identity partition image of the device. */
  readonly identity?: Uint8Array;
  /**
   * How the cloud's side reads along there. Absent: with the development certificate, if the device's is of the same
   * authority; otherwise not at all. With the device's own it would take the device's session (docs/fleet.md).
   */
  readonly cloud?: { readonly certificatePem: string; readonly keyPem: string };
  /** Where it connects; default: `port`. */
  readonly cloudPort?: number;
}

/** The board that stands in the world, and its flash. */
export interface Hardware {
  /** Writes what the device was told into its flash; the board must be off. */
  tell(networks: readonly Network[] | undefined, settings?: SeedSettings, whole?: boolean): void;
  /** A board of which nothing but its identity was ever written; it must be off. */
  renew(): void;
  /** The board, switched off, with `identity` in its flash. */
  open(events: {
    readonly identity: Uint8Array;
    readonly mac: string;
    /** The firmware ended by itself, for good. */
    onCrash(error: Error): void;
    /** It ended by itself and starts again, as an ESP32 does. */
    onLost(): void;
  }): Promise<PoweredBoard>;
}

export interface SimulatorOptions {
  /** Where the board's flash and the development certificates are kept. */
  readonly folder: string;
  readonly routers?: (mac: string) => Router[];
  readonly networks?: readonly Network[];
  readonly settings?: SeedSettings;
  readonly broker?: ForeignBroker;
  /** Begin with a board that was never on. */
  readonly fresh?: boolean;
  /** Default: the firmware in a worker of this process, its flash in `folder`. */
  readonly hardware?: Hardware;
  /** Whose file and drivers the board has; absent: one of no make. */
  readonly model?: ModelName;
  /** Port of the embedded broker if it is free; otherwise any. */
  readonly brokerPort?: number;
  onTrace?(line: string): void;
  /** What the firmware knows of its way to the cloud. */
  onState?(state: BoardState): void;
  /** A telemetry batch arrived at the cloud. */
  onBatch?(readings: readonly DecodedReading[], compressedBytes: number, topic: string): void;
  /** Any message of the device, or to it, at the broker. */
  onMessage?(topic: string, payload: Uint8Array): void;
  /** The light changed. */
  onLed?(colour: { r: number; g: number; b: number }): void;
  /** The update server has sent an image up to this part of it, 0 to 1. */
  onServed?(fraction: number): void;
  onCrash?(error: Error): void;
}

/** Where a broker is, and with what an operator comes to it. */
export interface Operator {
  readonly url: string;
  readonly connection: {
    readonly servername: string;
    /** PEM */
    readonly ca: string;
    readonly cert: string;
    readonly key: string;
  };
}

export const SIMULATED_MAC = "02:00:5e:10:20:30";

/** A simulated board in real time: `main.ts` in a worker, its world around it, a cloud that reads along. */
export class Simulator {
  readonly world: World;
  readonly deviceId: string;
  /** What its topics begin with as it starts; no slash at the end. */
  readonly topicBase: string;
  readonly identity: Identity;
  /** The embedded broker; `undefined` with a foreign one. */
  readonly broker: Broker | undefined;
  readonly updates: UpdateServer;
  /** What signs updates that the board takes; `undefined`: it is another board than our own. */
  readonly updateKey: Uint8Array | undefined;
  /** Who signed the device, where it is one of the simulator's own. */
  readonly devices: Authority | undefined;
  /** What the cloud's side can do with certificates; `undefined`: it is not ours, or the board is another one. */
  readonly identityOfCloud: CloudIdentity | undefined;
  readonly led: LedObserver;
  /** How the cloud's own services sign in at the embedded broker; `undefined`: it is somebody else's. */
  readonly operator: Operator | undefined;
  #hardware: Hardware;
  /** What the board was given when everything began. */
  #settings: SeedSettings;
  #cloud: MqttClient | undefined;
  #closing: (() => Promise<void>)[];

  private constructor(parts: {
    world: World;
    hardware: Hardware;
    settings: SeedSettings;
    identity: Identity;
    topicBase: string;
    broker: Broker | undefined;
    updates: UpdateServer;
    updateKey: Uint8Array | undefined;
    devices: Authority | undefined;
    identityOfCloud: CloudIdentity | undefined;
    led: LedObserver;
    cloud: MqttClient | undefined;
    operator: Operator | undefined;
    closing: (() => Promise<void>)[];
  }) {
    this.operator = parts.operator;
    this.world = parts.world;
    this.#hardware = parts.hardware;
    this.#settings = parts.settings;
    this.identity = parts.identity;
    this.deviceId = parts.identity.deviceId;
    this.topicBase = parts.topicBase;
    this.broker = parts.broker;
    this.updates = parts.updates;
    this.updateKey = parts.updateKey;
    this.devices = parts.devices;
    this.identityOfCloud = parts.identityOfCloud;
    this.led = parts.led;
    this.#cloud = parts.cloud;
    this.#closing = parts.closing;
  }

  /** What a person sees of the light now. */
  get sight(): Sight | undefined {
    return this.led.sight;
  }

  /** The board, switched off, is as it came from the factory, but for what it has kept and the networks that it was told. */
  tell(networks: readonly Network[]): void {
    this.#hardware.tell(networks, this.#settings, true);
  }

  /** Another board of this identity, which was never on; the board must be off. */
  renew(): void {
    this.#hardware.renew();
  }

  /** Whether the cloud's side is there, to read along and to send. */
  get hasCloud(): boolean {
    return this.#cloud !== undefined;
  }

  /** Sends to the device as the cloud does (QoS 1). */
  publish(topic: string, payload: Uint8Array, options: { readonly retain?: boolean } = {}): void {
    this.#cloud?.publish(topic, Buffer.from(payload), { qos: 1, retain: options.retain ?? false });
  }

  /** Builds everything and keeps the board switched off; `world.powerOn()` is next. */
  static async create(options: SimulatorOptions): Promise<Simulator> {
    const closing: (() => Promise<void>)[] = [];
    try {
      return await Simulator.#build(options, closing);
    } catch (error) {
      for (const close of closing) await close();
      throw error;
    }
  }

  static async #build(options: SimulatorOptions, closing: (() => Promise<void>)[]): Promise<Simulator> {
    const pki = await ensureDevelopmentPki(join(options.folder, "pki"), { mac: SIMULATED_MAC });
    const image = identityImage(pki.identity, options.broker, {
      brokerHost: options.broker?.host ?? CLOUD_HOST,
      brokerPort: options.broker?.port ?? 8883,
    });
    const identity = parseIdentity(image);
    if (typeof identity === "string") throw new Error(`the identity file cannot be used: ${identity}`);

    const foreign = options.broker;
    const broker = foreign
      ? undefined
      : await Broker.start(
          {
            key: pki.broker.keyPem,
            certificateChain: pki.broker.certificatePem,
            deviceAuthority: pki.deviceAuthorityPem,
            operatorAuthority: pki.operatorAuthorityPem,
          },
          options.brokerPort,
        );
    if (broker) closing.push(() => broker.close());
    const updates = await UpdateServer.start({
      key: pki.broker.keyPem,
      certificateChain: pki.broker.certificatePem,
      deviceAuthority: pki.deviceAuthorityPem,
      folder: join(options.folder, "images"),
      onServed: (_sha256, end, size) => options.onServed?.(end / size),
    });
    closing.push(() => updates.close());
    const signIn = await WebServer.start(
      { key: pki.stranger.keyPem, certificateChain: pki.stranger.certificatePem },
      SIGN_IN_ANSWER,
    );
    closing.push(() => signIn.close());

    const cloudHost = foreign?.host ?? CLOUD_HOST;
    const hardware =
      options.hardware ??
      (await workerHardware(
        join(options.folder, "board"),
        [formatPoint(pointOfPkcs8(pki.updateKey))],
        options.model,
      ));
    const settings = { brokerHost: cloudHost, brokerPort: foreign?.port ?? 8883, ...options.settings };
    if (options.fresh) hardware.renew();
    hardware.tell(options.networks, settings);
    const services = realServices({
      cloudHost,
      ...(foreign && { brokerHost: foreign.host }),
      brokerPort: () => (foreign ? foreign.port : broker?.port),
      webPort: () => updates.port,
      signInPort: () => signIn.port,
    });
    if (foreign) {
      // A broker that is called by its address is not asked for at the name server.
      const address = isIP(foreign.host) ? foreign.host : CLOUD_ADDRESS;
      services.tcp.set(
        `${address}:443`,
        loopbackService(() => 443, foreign.host),
      );
      services.tcp.set(`${address}:${foreign.port}`, services.tcp.get(`${CLOUD_ADDRESS}:8883`)!);
    }

    const led = new LedObserver(() => performance.now());
    const board = await hardware.open({
      identity: image,
      mac: SIMULATED_MAC,
      onCrash: (error) => options.onCrash?.(error),
      onLost: () => {
        options.onTrace?.("error board: the firmware ended, and starts again");
        world.restart("panic");
      },
    });
    const watchdogPin = options.model && factsOf(options.model).watchdogPin;
    const world = new World({
      board,
      mac: SIMULATED_MAC,
      routers: options.routers?.(SIMULATED_MAC) ?? [homeRouter()],
      services,
      scheduler: realTime,
      ...(watchdogPin !== undefined && { watchdogPin }),
      onLed: (colour) => {
        led.saw(colour);
        options.onLed?.(colour);
      },
      ...(options.onTrace && { onTrace: options.onTrace }),
      ...(options.onState && { onState: options.onState }),
    });
    closing.unshift(() => world.powerOff());

    const { topicPrefix } = {
      topicPrefix: SETTINGS.topicPrefix.default as string,
      ...identity.broker,
      ...options.settings,
    };
    const topicBase = withId(topicPrefix, identity.deviceId);
    const reader =
      foreign?.cloud ?? (isOfAuthority(identity, pki.deviceAuthorityPem) ? pki.cloud : undefined);
    const renewals =
      broker && !options.hardware
        ? await Renewals.open({ folder: options.folder, pki, broker, deviceId: identity.deviceId, topicBase })
        : undefined;
    const { onMessage } = options;
    const listening: SimulatorOptions = renewals
      ? {
          ...options,
          onMessage: (topic, payload) => {
            onMessage?.(topic, payload);
            renewals.take(topic, payload);
          },
        }
      : options;
    let cloud: MqttClient | undefined;
    if (reader) {
      const filter = `${topicBase}/#`;
      const port = foreign ? (foreign.cloudPort ?? foreign.port) : broker!.port;
      const opened = await readAlong(listening, filter, `cloud-${identity.deviceId}`, {
        url: `mqtts://${foreign?.host ?? "127.0.0.1"}:${port}`,
        ...(isIP(cloudHost) === 0 && { servername: cloudHost }),
        ca: foreign?.certificateAuthority ?? pki.authorityPem,
        cert: reader.certificatePem,
        key: reader.keyPem,
      });
      closing.unshift(() => leave(opened, filter));
      renewals?.speakThrough(opened);
      cloud = opened;
    }
    const updateKey = options.hardware || foreign ? undefined : pki.updateKey;
    return new Simulator({
      world,
      hardware,
      settings,
      identity,
      topicBase,
      broker,
      updates,
      updateKey,
      devices: updateKey && pki.devices,
      identityOfCloud: renewals?.identity,
      led,
      cloud,
      operator: broker && {
        url: `mqtts://127.0.0.1:${broker.port}`,
        connection: {
          servername: cloudHost,
          ca: pki.authorityPem,
          cert: pki.cloud.certificatePem,
          key: pki.cloud.keyPem,
        },
      },
      closing,
    });
  }

  async close(): Promise<void> {
    for (const close of this.#closing.splice(0)) await close();
  }
}

/** The board in a worker of this process. `updateKeys`: whose updates it takes. */
async function workerHardware(
  folder: string,
  updateKeys: readonly string[],
  model: ModelName | undefined,
): Promise<Hardware> {
  workerBundle ??= bundleTs("sim/device/worker.ts");
  const [workerFile, firmware] = await Promise.all([
    workerBundle,
    bundleFirmware(undefined, { updateKeys, release: FACTORY_RELEASE }),
  ]);
  return {
    // A new look at the folder each time: the board's own process writes there while it is on.
    tell: (networks, settings, whole) => seedSettings(new FolderStorage(folder), networks, settings, whole),
    renew() {
      rmSync(folder, { recursive: true, force: true });
      new FolderStorage(folder).flashByCable();
    },
    open: async ({ identity, mac, onCrash }) => {
      new FolderStorage(folder).flashByCable();
      return workerBoard({
        workerFile,
        life: { firmware, folder, mac, identity, sensorSeed: 1, ...(model && { model }) },
        onCrash,
      });
    },
  };
}

/** Of the worker that runs the firmware; made once a process. */
let workerBundle: Promise<string> | undefined;

/** `broker`: to which a factory reset comes back, where the identity names none. */
function identityImage(
  development: Uint8Array,
  foreign: ForeignBroker | undefined,
  broker: Pick<BrokerProfile, "brokerHost" | "brokerPort">,
): Uint8Array {
  const parsed = parseIdentity(foreign?.identity ?? development);
  if (typeof parsed === "string") throw new Error(`the identity file cannot be used: ${parsed}`);
  const identity = { ...parsed, broker: { ...broker, ...parsed.broker } };
  if (!foreign?.certificateAuthority) return formatIdentity(identity);
  const authorities = foreign.certificateAuthority
    .split(/(?=-----BEGIN CERTIFICATE-----)/)
    .filter((pem) => pem.includes("BEGIN CERTIFICATE"))
    .map((pem) => new Uint8Array(Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ""), "base64")));
  return formatIdentity({ ...identity, certificateAuthorities: authorities });
}

function isOfAuthority(identity: Identity, authorityPem: string): boolean {
  const [device] = identity.certificateChain;
  return (
    device !== undefined && new X509Certificate(device).verify(new X509Certificate(authorityPem).publicKey)
  );
}

/** The cloud's side: MQTT.js, knowing no more than docs/payload.md. */
async function readAlong(
  options: SimulatorOptions,
  filter: string,
  clientId: string,
  connection: { url: string; servername?: string; ca: string; key: string; cert: string },
): Promise<MqttClient> {
  const { url, ...tls } = connection;
  const client = mqtt.connect(url, {
    ...tls,
    clientId,
    clean: false,
    reconnectPeriod: 200,
    rejectUnauthorized: true,
  });
  client.on("message", (topic, payload) => {
    options.onMessage?.(topic, new Uint8Array(payload));
    if (!isTelemetry(topic)) return;
    let readings: DecodedReading[];
    try {
      readings = decodeTelemetry(new Uint8Array(payload));
    } catch {
      return; // somebody else's: onMessage has shown it
    }
    options.onBatch?.(readings, payload.length, topic);
  });
  client.on("error", () => {}); // it reconnects by itself; the device's own log tells what is wrong
  client.on("connect", () => client.subscribe(filter, { qos: 1 }));
  await new Promise<void>((resolve) => {
    client.once("connect", () => resolve());
    setTimeout(resolve, 3_000);
  });
  return client;
}

/** Ends the session too, as far as the broker can be told: nothing is to wait there for a simulator that has gone. */
async function leave(client: MqttClient, filter: string): Promise<void> {
  if (client.connected)
    await Promise.race([
      client.unsubscribeAsync(filter).catch(() => {}),
      new Promise((resolve) => setTimeout(resolve, 500)),
    ]);
  await client.endAsync(true);
}

/** Reads an identity image from a file, with a clear error. */
export function readIdentityFile(path: string): Uint8Array {
  const image = new Uint8Array(readFileSync(path));
  const identity = parseIdentity(image);
  if (typeof identity === "string") throw new Error(`${path}: not a usable identity (${identity})`);
  return image;
}
