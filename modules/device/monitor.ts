import type { Logger } from "../base/logger";
import { nextStatus, type Status, type StatusEvent } from "./status";

/** What the monitor asks of the Wi-Fi station. */
export interface MonitorStation {
  start(): void;
  stop(): void;
  /** The joined network is of no use (a sign-in page): on with the next one. */
  reject(reason: "captive-portal"): void;
}

/** What it asks of the cloud link: to reach the broker and stay there, from `start` to `stop`. */
export interface MonitorLink {
  start(): void;
  stop(): void;
}

/** Setup mode, from `start` to `stop`. */
export interface MonitorSetup {
  /** `from`: the status before; `undefined` at boot. */
  start(from: Status | undefined): void;
  stop(): void;
}

export interface MonitorOptions {
  readonly station: MonitorStation;
  readonly link: MonitorLink;
  readonly setup: MonitorSetup;
  /** Is there a network to join? Without one the device starts in setup mode. */
  hasNetworks(): boolean;
  /** How far station and link have come by themselves: an attempt in setup mode leaves them where they are. */
  reached(): "nothing" | "address" | "cloud";
  /** Called with each new status, also the first. */
  onStatus(status: Status, previous: Status | undefined): void;
  readonly log: Logger;
}

/**
 * The device as a whole: one status, changed only by {@link nextStatus}, and what starts and stops with it.
 *
 * - The station runs outside setup mode; the cloud link runs while there is an address. In setup mode both are
 *   setup mode's, and the status stays what it is.
 * - The rooms tell what happened through the methods below, in any order and at any time: what means nothing in
 *   the present status changes nothing.
 */
export class Monitor {
  #options: MonitorOptions;
  #log: Logger;
  #status: Status | undefined;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#log = options.log;
  }

  /** `undefined` before `start`. */
  get status(): Status | undefined {
    return this.#status;
  }

  start(): void {
    if (this.#status !== undefined) return;
    this.enter(this.#options.hasNetworks() ? "joining" : "setup");
  }

  setupRequested(): void {
    this.take("setup-started");
  }

  /** Setup mode is over. Without a saved network there is nowhere to go: it stays. */
  setupEnded(): void {
    if (this.#status !== "setup" || !this.#options.hasNetworks()) return;
    this.take("setup-ended");
    const reached = this.#options.reached();
    if (reached !== "nothing") this.take("address");
    if (reached === "cloud") this.take("cloud-up");
  }

  addressGot(): void {
    this.take("address");
  }

  networkLost(): void {
    this.take("network-lost");
  }

  roundFailed(): void {
    this.take("round-failed");
  }

  cloudUp(): void {
    this.take("cloud-up");
  }

  cloudDown(): void {
    this.take("cloud-down");
  }

  /** The network behind the address wants a sign-in: the join has failed after all. */
  captivePortal(): void {
    if (this.#status !== "connecting" && this.#status !== "online") return;
    this.take("network-lost");
    this.#options.station.reject("captive-portal");
  }

  private take(event: StatusEvent): void {
    const status = this.#status;
    if (status === undefined) return;
    const next = nextStatus(status, event);
    if (next !== status) this.enter(next);
  }

  private enter(next: Status): void {
    const previous = this.#status;
    this.#status = next;
    this.#log.info(next);
    this.#options.onStatus(next, previous);
    const { station, link, setup } = this.#options;
    const before = previous === undefined ? NOTHING : RUNNING[previous];
    const after = RUNNING[next];
    if (before.link && !after.link) link.stop();
    if (before.station && !after.station) station.stop();
    if (before.setup && !after.setup) setup.stop();
    if (!before.setup && after.setup) setup.start(previous);
    if (!before.station && after.station) station.start();
    if (!before.link && after.link) link.start();
  }
}

interface Running {
  readonly station: boolean;
  readonly link: boolean;
  readonly setup: boolean;
}

const NOTHING: Running = Object.freeze({ station: false, link: false, setup: false });

/** What runs in each status. */
const RUNNING = Object.freeze(
  {
    setup: { station: false, link: false, setup: true },
    joining: { station: true, link: false, setup: false },
    connecting: { station: true, link: true, setup: false },
    online: { station: true, link: true, setup: false },
    offline: { station: true, link: false, setup: false },
  } as const satisfies Record<Status, Running>,
  true,
);
