import type { Authority } from "../../tools/pki/certificates";
import type { OfferKey } from "./offer";
import { VirtualPki, type VirtualPkiOptions } from "./virtual-pki";
import { VirtualWorld, type VirtualWorldOptions } from "./virtual-world";

const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;
/** What signing takes is real time: the world stands still for it this often. */
const SLICE_MS = 5 * MINUTE_MS;
/** The broker has a new certificate of its own each quarter, valid for twice as long. */
const SERVER_DAYS = 90;

export interface YearsOptions extends Omit<VirtualWorldOptions, "pki"> {
  readonly devices: Authority;
  /** The broker's authority, DER. */
  readonly broker: Uint8Array;
  /** The certificate with which the device left its factory. */
  readonly leaf: Uint8Array;
  /** Whose lists the firmware takes. */
  readonly listKey: OfferKey;
  readonly lifetimeMs: number;
  readonly policy?: VirtualPkiOptions["policy"];
}

/** A virtual world with certificates, over years: a broker that renews its own, a service that renews the device's. */
export class Years {
  readonly world: VirtualWorld;
  readonly pki: VirtualPki;
  /** What the device said of its certificate, newest last. */
  readonly states: { readonly state: string; readonly [member: string]: unknown }[] = [];
  /** Days on which the light was not solid blue at noon. */
  readonly dark: number[] = [];
  #options: YearsOptions;
  #shown: Uint8Array;
  #server = 0;

  constructor(options: YearsOptions) {
    this.#options = options;
    this.#shown = options.broker;
    const { devices, lifetimeMs, policy } = options;
    this.pki = new VirtualPki({
      ...{ devices, lifetimeMs, server: { authority: options.broker, fromMs: 0, untilMs: 0 } },
      ...(policy && { policy }),
      now: () => this.world.unixMs,
    });
    this.world = new VirtualWorld({
      ...options,
      pki: this.pki,
      onMessage: (topic, payload) => {
        options.onMessage?.(topic, payload);
        if (topic.endsWith("/identity/state"))
          this.states.push(JSON.parse(new TextDecoder().decode(payload)) as Years["states"][number]);
      },
    });
    this.#renewServer();
  }

  get state(): Years["states"][number] | undefined {
    return this.states.at(-1);
  }

  get day(): number {
    return this.world.time.now() / DAY_MS;
  }

  async begin(): Promise<void> {
    await this.pki.know(this.world.deviceId, this.#options.leaf, this.world.unixMs);
    this.world.world.powerOn();
  }

  /** Runs until the given day. */
  async until(day: number): Promise<void> {
    const end = day * DAY_MS;
    while (this.world.time.now() < end) {
      const noon = Math.floor(this.day + 0.5);
      this.world.run(Math.min(SLICE_MS, end - this.world.time.now()));
      // A board that restarts does so in promises.
      await new Promise((resolve) => setImmediate(resolve));
      if (this.pki.isBusy) await this.pki.settle();
      if (Math.floor(this.day + 0.5) === noon) continue;
      if (this.world.sight !== "solid blue") this.dark.push(noon);
      if (noon - this.#server >= SERVER_DAYS) this.#renewServer();
    }
  }

  /** Runs until the light is solid blue; the minutes that it took, `undefined`: not within the limit. */
  async untilBlue(limitMinutes: number): Promise<number | undefined> {
    for (let minute = 0; minute <= limitMinutes; minute++) {
      if (this.world.sight === "solid blue") return minute;
      this.world.run(MINUTE_MS);
      await new Promise((resolve) => setImmediate(resolve));
      if (this.pki.isBusy) await this.pki.settle();
    }
    return undefined;
  }

  internet(on: boolean): void {
    this.world.world.change(({ gateway }) => {
      gateway.internet = on;
    });
  }

  /** A signed list, retained. */
  announce(list: number, authorities: readonly Uint8Array[]): void {
    const jws = this.#options.listKey.sign(
      {
        v: 1,
        list,
        authorities: authorities.map((der) => Buffer.from(der).toString("base64url")),
        iat: Math.floor(this.world.unixMs / 1000),
      },
      { typ: "aerolink-trust+jwt" },
    );
    const topic = `aerolink/v1/${this.world.deviceId}/identity/trust`;
    this.world.broker.publish(topic, new Uint8Array(Buffer.from(jws)), { retain: true });
  }

  /** The broker shows a certificate of this authority from now on, and starts anew. */
  show(authority: Uint8Array): void {
    this.#shown = authority;
    this.#renewServer();
    this.world.broker.crash();
  }

  #renewServer(): void {
    const now = this.world.unixMs;
    this.#server = this.day;
    this.pki.server = {
      authority: this.#shown,
      fromMs: now - DAY_MS,
      untilMs: now + 2 * SERVER_DAYS * DAY_MS,
    };
  }
}
