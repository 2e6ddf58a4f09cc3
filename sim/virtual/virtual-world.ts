import type vm from "node:vm";
import { type DecodedReading, decodeTelemetry, isTelemetry } from "../../cloud/payload/decode-telemetry";
import { parseIdentity } from "../../modules/identity/identity";
import type { TlsIdentity } from "../../modules/network/socket";
import type { Network } from "../../wifi/network";
import { HouseAir } from "../air/house-air";
import type { RoomName } from "../air/rooms";
import { SimulatedSensor } from "../air/simulated-sensor";
import type { Booted } from "../boot/firmware-flash";
import { NorFlash } from "../device/nor-flash";
import { PowerLine } from "../device/power-line";
import { type SeedSettings, seedSettings } from "../device/seed-settings";
import { MemoryStorage, PARTITIONS } from "../device/storage";
import type { PoweredBoard } from "../device/worker-board";
import { factsOf, type ModelName } from "../models/names";
import type { BoardState } from "../world/board-state";
import type { DnsZoneEntry } from "../world/dns-server";
import type { Services } from "../world/gateway";
import { LedObserver, type Sight } from "../world/led-observer";
import { CLOUD_ADDRESS, CLOUD_HOST } from "../world/names";
import { homeRouter, type Router } from "../world/router";
import type { Failure } from "../world/wire";
import { World } from "../world/world";
import { BrokerLink } from "./broker-link";
import { type AirSensor, FOUR_WIN, fourSensors } from "./four-sensors";
import type { Releases } from "./offer";
import { ReadingTruth } from "./reading-truth";
import { standInServer, type Validity } from "./tls-stand-in";
import { UpdateServer } from "./update-server";
import { type VirtualBoard, virtualBoard } from "./virtual-board";
import { VirtualBroker } from "./virtual-broker";
import { type InternetFaults, virtualInternet } from "./virtual-internet";
import type { VirtualPki } from "./virtual-pki";
import { SeededRandom, VirtualTime } from "./virtual-time";

export interface VirtualWorldOptions {
  /** The compiled firmware bundle (sim/device/firmware.ts). */
  readonly firmware: vm.Script;
  /** Identity partition of the board. */
  readonly identity: Uint8Array | undefined;
  readonly seed: number;
  /** What the board measures with. Default: one that measures all. */
  readonly sensors?: "one" | "four";
  /** In place of a board with our firmware. */
  readonly board?: (time: VirtualTime, random: SeededRandom) => VirtualBoard;
  /** A board with its own file and drivers, its sensors' twins at their buses. Default: one of no make. */
  readonly model?: ModelName;
  /** Certificates are looked at: the broker's and the device's. Default: everybody is trusted. */
  readonly pki?: VirtualPki;
  /** What can be offered to it, and whose offers its firmware takes. Default: nothing. */
  readonly releases?: Releases;
  readonly networks?: readonly Network[];
  readonly routers?: Router[];
  readonly settings?: SeedSettings;
  /** Wall clock at the start, Unix milliseconds. */
  readonly startUnixMs?: number;
  /** Give the board its button; it costs fifty samples a second. Default: no. */
  readonly button?: boolean;
  /** What the firmware knows of its way to the cloud; it is looked at five times a second then. */
  onState?(state: BoardState): void;
  /** Whether the board's TLS can use an identity. Default: every one; the virtual world has no certificates. */
  readonly canUse?: (identity: TlsIdentity) => boolean;
  /** When the last authority of the board expires, Unix milliseconds. Default: as its identity has it. */
  readonly trustedUntilMs?: number;
  readonly ticksAtBoot?: number;
  /** Of the journal's partition; a multiple of 4096. Default: the partition table's. */
  readonly journalBytes?: number;
  /** What an image really runs, for tests with small images; default: its text. */
  readonly expandImage?: (text: string) => string;
  /** Firmware console lines. */
  onTrace?(line: string): void;
  onLed?(colour: { r: number; g: number; b: number }): void;
  /** The board published something. */
  onMessage?(topic: string, payload: Uint8Array): void;
}

export const VIRTUAL_MAC = "02:00:5e:10:20:30";
/** 2026-11-23, after the build time that tests give the bundle. */
const DEFAULT_START_MS = Date.UTC(2026, 10, 23);
const FLASH_SEED = 0x0f1a54;
const CERTIFICATE_AGE_MS = 30 * 86_400_000;
const CERTIFICATE_LEFT_MS = 795 * 86_400_000;

/**
 * A whole world on virtual time: one board with the unchanged firmware, its room, a broker, names, time, 443. The
 * same seed gives the same run. There is no TLS in it (tls-stand-in.ts).
 */
export class VirtualWorld {
  readonly time = new VirtualTime();
  readonly random: SeededRandom;
  readonly broker: VirtualBroker;
  readonly world: World;
  readonly faults: InternetFaults = {};
  /** Names beside those that the firmware knows, or in their place. */
  readonly zoneExtra: Record<string, DnsZoneEntry> = {};
  /** Who listens where. */
  readonly services: Services;
  /** Of all its memories. */
  readonly power = new PowerLine();
  readonly storage = new MemoryStorage(this.power);
  /** The journal's. */
  readonly flash: NorFlash;
  readonly slots: readonly [NorFlash, NorFlash];
  readonly otadata: NorFlash;
  /** What was renewed. */
  readonly credentials: NorFlash;
  /** Cuts that were planned on `power` and have come. */
  plannedCuts = 0;
  /** Behind port 443. */
  readonly updates: UpdateServer;
  readonly led: LedObserver;
  /** What the board was given before it was first switched on. */
  readonly settings: SeedSettings;
  /** Console lines of the firmware, newest last; bounded. */
  readonly trace: string[] = [];
  /** Readings that reached the broker: "epoch:seq" → how often. */
  readonly delivered = new Map<string, number>();
  readonly readings: DecodedReading[] = [];
  /** Keep every decoded reading in `readings`, not only its identity. */
  keepReadings = false;
  onReading: (reading: DecodedReading) => void = () => {};
  /** Console lines of the firmware, as they come. */
  onTrace: (line: string) => void = () => {};
  /** Delivered readings whose time was wrong, in words; the first twenty. */
  readonly misdated: string[] = [];
  /** What the firmware can know of its connection to the broker. */
  readonly link: BrokerLink;
  /** When readings were really taken. */
  readonly truth: ReadingTruth;
  /** Of the broker's certificate; it was a month old when the world began. */
  brokerValidity: Validity;
  readonly deviceId: string;
  /** The four of a board that has four, to be unplugged; else none. */
  readonly sensors: readonly AirSensor[];
  readonly releases: Releases | undefined;
  /** Whose certificates count, where the world looks at them. */
  readonly pki: VirtualPki | undefined;
  readonly #startUnixMs: number;
  readonly #board: VirtualBoard;
  readonly #isModel: boolean;

  constructor(options: VirtualWorldOptions) {
    const { time } = this;
    this.random = new SeededRandom(options.seed);
    const identity = parseIdentity(options.identity ?? new Uint8Array());
    this.deviceId = typeof identity === "string" ? "" : identity.deviceId;
    this.releases = options.releases;
    this.pki = options.pki;
    this.#startUnixMs = options.startUnixMs ?? DEFAULT_START_MS;
    this.brokerValidity = {
      fromMs: this.#startUnixMs - CERTIFICATE_AGE_MS,
      untilMs: this.#startUnixMs + CERTIFICATE_LEFT_MS,
    };
    const flashRandom = new SeededRandom(options.seed ^ FLASH_SEED);
    const chip = (path: keyof typeof PARTITIONS, byteLength = PARTITIONS[path].byteLength): NorFlash => {
      const made = new NorFlash({
        ...PARTITIONS[path],
        byteLength,
        power: this.power,
        random: () => flashRandom.next(),
      });
      this.storage.addFlash(path, made);
      return made;
    };
    this.flash = chip("journal", options.journalBytes);
    this.slots = [chip("ota_0"), chip("ota_1")];
    this.otadata = chip("otadata");
    this.credentials = chip("credentials");
    this.link = new BrokerLink(() => time.now());
    this.truth = new ReadingTruth(() => this.unixMs);
    this.broker = new VirtualBroker(time);
    this.updates = new UpdateServer(time);
    this.broker.onPublish = ({ topic, payload }) => {
      options.onMessage?.(topic, payload);
      if (isTelemetry(topic)) this.#deliver(payload);
    };
    options.pki?.serve(this.broker);
    this.led = new LedObserver(() => time.now());
    this.settings = { brokerHost: CLOUD_HOST, ...options.settings };
    const networks = options.networks ?? [{ ssid: "Home", password: "correct horse" }];
    seedSettings(this.storage, networks, this.settings);
    this.services = virtualInternet(this);
    this.openWeb();
    const house = new HouseAir({ seed: options.seed, unixMs: () => this.unixMs });
    this.#isModel = options.model !== undefined;
    const watchdogPin = options.model && factsOf(options.model).watchdogPin;
    this.sensors = options.sensors === "four" ? fourSensors(options.seed, () => this.unixMs) : [];
    const hasFour = this.sensors.length > 0;
    const wins = hasFour ? FOUR_WIN : {};
    const home = new SimulatedSensor({ seed: options.seed, now: () => this.unixMs });
    this.#board =
      options.board?.(time, this.random) ??
      virtualBoard({
        firmware: options.firmware,
        time,
        random: this.random,
        storage: this.storage,
        mac: VIRTUAL_MAC,
        identity: options.identity,
        sensors: this.truth.watch(hasFour ? this.sensors : [home], wins),
        wins,
        powerWent: () => this.power.dead,
        onWrite: (text) => this.truth.heard(text),
        button: options.button ?? false,
        watched: options.onState !== undefined,
        ...(options.model && {
          model: { name: options.model, air: (room: RoomName) => house.in(room) },
        }),
        ...(options.expandImage && { expandImage: options.expandImage }),
        ...(options.canUse && { canUse: options.canUse }),
        ...(options.trustedUntilMs !== undefined && { trustedUntilMs: options.trustedUntilMs }),
        ...(options.ticksAtBoot !== undefined && { ticksAtBoot: options.ticksAtBoot }),
      });
    this.#board.onPowerCut = () => {
      this.plannedCuts++;
      this.truth.powerCut();
      this.cutPower();
    };
    this.world = new World({
      board: this.#watched(),
      mac: VIRTUAL_MAC,
      routers: options.routers ?? [homeRouter()],
      services: this.services,
      scheduler: time,
      ...(watchdogPin !== undefined && { watchdogPin }),
      onLed: (colour) => {
        this.led.saw(colour);
        options.onLed?.(colour);
      },
      ...(options.onState && { onState: (state: BoardState) => options.onState?.(state) }),
      onTrace: (line) => {
        this.trace.push(line);
        if (this.trace.length > 2_000) this.trace.splice(0, 1_000);
        this.onTrace(line);
        options.onTrace?.(line);
      },
    });
  }

  /** Another board, which was never on; the board must be off. */
  renew(): void {
    this.storage.erase();
    // Fresh, not erased: in slots that were erased there is no image, not even the factory's.
    for (const chip of [this.flash, ...this.slots, this.otadata, this.credentials]) chip.renew();
  }

  get unixMs(): number {
    return this.#startUnixMs + this.time.now();
  }

  /** What the board runs; undefined: off, or not yet booted. */
  get booted(): Booted | undefined {
    return this.#board.booted;
  }

  /** Errors that images from updates ended with. */
  get crashes(): readonly Error[] {
    return this.#board.crashes;
  }

  /** Its firmware has ended, and it has not been reset yet. */
  get isFailed(): boolean {
    return this.#board.isFailed;
  }

  get sight(): Sight | undefined {
    return this.led.sight;
  }

  /** The firmware ends, or stands still, where it is. */
  failBoard(how: Failure): void {
    this.#board.fail?.(how);
  }

  /** Timers that the running firmware holds. */
  get firmwareTimers(): number {
    return this.#board.timers;
  }

  run(durationMs: number): void {
    this.time.run(durationMs);
  }

  /** Runs until the light shows `sight`; returns how long it took, `undefined` when it did not within the limit. */
  runUntilSight(sight: Sight, limitMs: number): number | undefined {
    const start = this.time.now();
    // The observer needs its look of two seconds; asking at each LED step is enough.
    for (let left = limitMs; left > 0; left -= 100) {
      this.time.run(Math.min(100, left));
      if (this.sight === sight) return this.time.now() - start;
    }
    return undefined;
  }

  /** Port 443 of the cloud's host is there. */
  openWeb(): void {
    const web = standInServer(
      this.updates,
      () => this.faults.webTls ?? this.pki?.server ?? "ok",
      (certificate) => this.pki?.isGood(certificate, this.unixMs) ?? true,
    );
    this.services.tcp.set(`${CLOUD_ADDRESS}:443`, web);
  }

  /** Pulls the plug now. */
  cutPower(): void {
    void this.world.powerOff();
    // The chip is whole again when the power comes back; nobody uses it before.
    this.power.powerOn();
  }

  /** The board as the world has it, with the broker link's observer on its wire. */
  #watched(): PoweredBoard {
    const { link } = this;
    const board = this.#board;
    return {
      get on() {
        return board.on;
      },
      powerOn: (reason) => board.powerOn(reason),
      powerOff: () => {
        link.toDevice("power-off");
        return board.powerOff();
      },
      post: (message) => {
        link.toDevice(message);
        board.post(message);
      },
      get onMessage() {
        return board.onMessage;
      },
      set onMessage(take) {
        board.onMessage = (message) => {
          link.fromDevice(message);
          take(message);
        };
      },
    };
  }

  #deliver(payload: Uint8Array): void {
    for (const reading of decodeTelemetry(payload)) {
      const key = `${reading.epoch}:${reading.seq}`;
      this.delivered.set(key, (this.delivered.get(key) ?? 0) + 1);
      if (this.keepReadings) this.readings.push(reading);
      // Values of twins at their buses are not known beforehand.
      const wrong = this.#isModel ? undefined : this.truth.arrived(reading);
      if (wrong && this.misdated.length < 20) this.misdated.push(wrong);
      this.onReading(reading);
    }
  }
}
