import { isIP } from "node:net";
import { join } from "node:path";
import type { MqttClient } from "mqtt";
import { withId } from "../../modules/configuration/broker-profile";
import { SETTINGS } from "../../modules/configuration/settings-table";
import { type Identity, parseIdentity } from "../../modules/identity/identity";
import type { Authority } from "../../tools/pki/certificates";
import { ensureDevelopmentPki } from "../../tools/pki/development";
import { formatPoint, pointOfPkcs8 } from "../../tools/release/keys";
import { UpdateServer } from "../../tools/release/server";
import type { Network } from "../../wifi/network";
import type { SeedSettings } from "../device/seed-settings";
import { factsOf } from "../models/names";
import { Broker } from "../world/broker";
import type { CloudIdentity } from "../world/cloud-identity";
import { LedObserver, type Sight } from "../world/led-observer";
import { loopbackService } from "../world/loopback";
import { CLOUD_ADDRESS, CLOUD_HOST } from "../world/names";
import { realServices } from "../world/real-services";
import { Renewals } from "../world/renewals";
import { homeRouter } from "../world/router";
import { realTime } from "../world/scheduler";
import { SIGN_IN_ANSWER, WebServer } from "../world/web";
import { World } from "../world/world";
import { identityImage, isOfAuthority } from "./identity-image";
import { leave, readAlong } from "./read-along";
import type { Hardware, Operator, SimulatorOptions } from "./simulator-options";
import { workerHardware } from "./worker-hardware";

export type { ForeignBroker, Hardware, Operator, SimulatorOptions } from "./simulator-options";

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
