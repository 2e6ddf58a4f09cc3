import { silentLogger } from "../../modules/base/logger";
import { verifyJws } from "../../modules/signed/jws";
import { type Manifest, parseManifest, refusalOf } from "../../modules/update/manifest";
import { TrialWatch } from "../../modules/update/trial/trial-watch";
import type { UpdateMemory } from "../../modules/update/trial/trial-watch-options";
import type { UpdateState } from "../../tools/cloud/protocol";
import { chooseSlot } from "../boot/bootloader";
import { OtaData } from "../boot/ota-data";
import { readSimImage, simImage } from "../boot/sim-image";
import { SimSlots } from "../boot/sim-slots";
import { nodeSignatures } from "../device/node-signatures";
import { NorFlash } from "../device/nor-flash";
import type { SeededRandom, VirtualTime } from "./virtual-time";

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const SECTOR = 64;
const SECTORS = 4;
/** From a boot to a status that the broker has acknowledged. */
const ONLINE_MS = 20 * SECOND_MS;
const JITTER_MS = 600 * SECOND_MS;
/** An outage of a home's network is over after half an hour, on average; a power cut after a minute. */
const OUTAGE_MS = 30 * MINUTE_MS;
const DARK_MS = MINUTE_MS;
const WATCHDOG_MS = 10 * SECOND_MS;

/** What a release does wrong on some devices. */
export const WAYS_TO_FAIL = ["crashes-at-once", "crashes-later", "hangs", "never-online"] as const;
export type WayToFail = (typeof WAYS_TO_FAIL)[number];

export interface FleetDeviceOptions {
  readonly id: string;
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  /** The public key that its firmware trusts. */
  readonly key: string;
  readonly image: (release: number) => Uint8Array;
  /** How a release above 1 fails here; undefined: not at all. */
  readonly fails: WayToFail | undefined;
  /** Chances that the network is away when it boots, and that the power goes in the hour after. */
  readonly outages: number;
  readonly cuts: number;
  onState(state: UpdateState): void;
}

/**
 * One of many devices. Real: the judgement of its offer, its slots and otadata, the bootloader and the trial. A model: the
 * network, the download, and what its firmware does beside.
 */
export class FleetDevice {
  readonly id: string;
  trials = 0;
  #options: FleetDeviceOptions;
  #otadata = new NorFlash({ byteLength: 2 * SECTOR, sectorLength: SECTOR });
  #chips = [0, 1].map(
    () => new NorFlash({ byteLength: SECTORS * SECTOR, sectorLength: SECTOR }),
  ) as unknown as readonly [NorFlash, NorFlash];
  #slot = 0;
  #nvs = new Map<string, string | number>();
  #trial: TrialWatch | undefined;
  #offer: Manifest | undefined;
  #bootedAt = 0;
  /** When its network is there again. */
  #networkAt = 0;
  #timers = new Set<unknown>();

  constructor(options: FleetDeviceOptions) {
    this.#options = options;
    this.id = options.id;
    this.#chips[0].load(0, options.image(1));
    this.boot("power-on");
  }

  /** The release that runs; undefined: the device is lost. */
  get release(): number | undefined {
    const text = readSimImage(this.#chips[this.#slot]!)?.text;
    return text === undefined ? undefined : Number(text);
  }

  /** "": withdrawn. */
  offer(jws: string): void {
    this.#offer = undefined;
    if (jws === "") return;
    const { key, time } = this.#options;
    const signed = verifyJws(Buffer.from(jws), {
      typ: "aerolink-manifest+jwt",
      keys: [key],
      signatures: nodeSignatures,
    });
    const manifest = "payload" in signed ? parseManifest(signed.payload) : signed;
    if ("fault" in manifest) throw new Error(manifest.fault);
    const refusal = refusalOf(manifest, {
      boardId: "simulator",
      release: this.release ?? 0,
      confirmed: Number(this.#nvs.get("confirmedRelease") ?? 0),
      floor: Number(this.#nvs.get("releaseFloor") ?? 0),
      slotBytes: SECTORS * SECTOR,
      formats: manifest.formats,
      unixMs: time.now(),
    });
    if (refusal) return;
    this.#offer = manifest;
    this.say("waiting");
    this.later(this.#options.random.below(JITTER_MS), () => this.download());
  }

  private boot(resetReason: string): void {
    const { time, random, outages, cuts } = this.#options;
    this.#trial?.close();
    for (const timer of this.#timers) time.clear(timer);
    this.#timers.clear();
    const slot = chooseSlot(
      new OtaData(this.#otadata),
      (each) => readSimImage(this.#chips[each]!) !== undefined,
    );
    if (slot === undefined) throw new Error(`${this.id} has no image that boots`);
    this.#slot = slot;
    this.#bootedAt = time.now();
    if (random.next() < cuts) this.later(random.below(60 * MINUTE_MS), () => this.lose(DARK_MS, "power-on"));
    const isBad = this.release !== 1 && this.#options.fails !== undefined;
    if (isBad) this.trials++;
    if (isBad && this.#options.fails === "crashes-at-once") return this.lose(0, "panic");
    this.#trial = new TrialWatch({
      log: silentLogger,
      slots: this.slots(),
      memory: this.memory(),
      release: this.release!,
      resetReason,
      uptimeMs: () => time.now() - this.#bootedAt,
      inSetup: () => false,
      onTrial: () => this.tell(),
    });
    if (this.#offer && this.release === 1) this.later(MINUTE_MS, () => this.download());
    if (isBad && this.#options.fails === "crashes-later")
      return this.later(MINUTE_MS, () => this.lose(0, "panic"));
    if (isBad && this.#options.fails === "hangs")
      return this.later(MINUTE_MS, () => this.lose(WATCHDOG_MS, "task watchdog"));
    if (isBad) return;
    // An outage that lasts does not end because the device restarts.
    if (time.now() >= this.#networkAt && random.next() < outages)
      this.#networkAt = time.now() - OUTAGE_MS * Math.log(1 - random.next());
    this.later(Math.max(0, this.#networkAt - time.now()) + ONLINE_MS, () => {
      this.#trial!.sessionUp();
      this.#trial!.statusTold();
      this.tell();
    });
  }

  /** The way to the image, or to its next trial. */
  private download(): void {
    const manifest = this.#offer;
    if (!manifest || this.#trial!.isOnTrial || this.#trial!.record?.state === "rolled-back") return;
    const wait = this.#trial!.waitFor(manifest.sha256);
    if (wait) return this.later(MINUTE_MS, () => this.download());
    this.say("downloading");
    // 1.3 MB over lines from 20 to 120 KB/s.
    this.later(SECOND_MS * (11 + this.#options.random.below(54)), () => this.start(manifest));
  }

  private start({ release, sha256, floor }: Manifest): void {
    if (this.#offer?.sha256 !== sha256) return;
    const slots = this.slots();
    const image = this.#options.image(release);
    slots.forget();
    const flash = slots.open();
    for (let at = 0; at < image.length; at += SECTOR) {
      flash.erase(at / SECTOR);
      flash.write(at, image.subarray(at, at + SECTOR));
    }
    flash.close();
    if (!this.#trial!.begin({ release, image: sha256, floor })) return;
    this.say("trial");
    if (slots.activate() === "ok") this.lose(0, "restart");
  }

  /** Off, and on again. */
  private lose(darkMs: number, resetReason: string): void {
    const { time } = this.#options;
    this.#trial?.close();
    for (const timer of this.#timers) time.clear(timer);
    this.#timers.clear();
    this.later(darkMs + SECOND_MS, () => this.boot(resetReason));
  }

  /** What the trial has come to, as far as the cloud is there to hear it. */
  private tell(): void {
    const record = this.#trial?.record;
    if (record?.state === "rolled-back") this.say("rolled-back", record.reason);
    else if (record?.state === "confirmed") this.say("confirmed");
  }

  private say(state: UpdateState["state"], reason?: string): void {
    const running = this.release!;
    this.#options.onState({
      v: 1,
      state,
      release: this.#offer?.release ?? this.#trial?.record?.release ?? null,
      running,
      version: `0.${running}.0`,
      progress: 0,
      ...(reason !== undefined && { reason }),
    } as UpdateState);
  }

  private slots(): SimSlots {
    return new SimSlots({
      running: () => this.#slot,
      otadata: this.#otadata,
      chips: this.#chips,
      restart: () => this.lose(0, "restart"),
    });
  }

  private memory(): UpdateMemory {
    return {
      get: ((key: string) =>
        this.#nvs.get(key) ?? (key.startsWith("update") ? "" : 0)) as UpdateMemory["get"],
      set: (key, value) => {
        this.#nvs.set(key, value);
        return { ok: true };
      },
    };
  }

  private later(ms: number, action: () => void): void {
    const timer = this.#options.time.set(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
  }
}

/** Images of a fleet: nothing but the number of their release. */
export const fleetImage = (release: number): Uint8Array => simImage(String(release));
