import { MAX_FOUND } from "../../wifi/air";
import type { AccessPointInfo, RadioConnectOptions, RadioEvent, Security } from "../../wifi/radio";
import type { Router } from "./router";
import type { Scheduler } from "./scheduler";
import type { FromDevice, ToDevice } from "./wire";

/** How long the steps of joining take at a healthy router, ms; of the order that an ESP32 shows. */
const SCAN_MS = 1_600;
const ASSOCIATE_MS = 350;
const DHCP_MS = 250;
const FAIL_MS = 900;
const BEACON_TIMEOUT_MS = 6_000;

/** ESP-IDF wifi_err_reason_t numbers that the room produces (esp_wifi_types_generic.h). */
export const ROOM_REASONS = {
  authLeave: 3,
  assocLeave: 8,
  fourWayHandshakeTimeout: 15,
  beaconTimeout: 200,
  noApFound: 201,
  authFail: 202,
  assocFail: 203,
  noApInAuthmodeThreshold: 211,
  noApWithCompatibleSecurity: 210,
} as const;

type Verdict = { reason: number } | "joins";

/**
 * The air between the board and the routers: answers scans and joins as the routers' settings say, and drops the
 * board when its router goes away. A change of a router takes effect at `reconsider()`.
 */
export class Room {
  readonly routers: Router[];
  /** MAC of the board's station. */
  mac = "";
  /** The board has a new router, or none: its old connections are dead. */
  onPathChanged: () => void = () => {};
  /** The board goes to a router's channel to join it, with all that its radio does. */
  onJoining: (channel: number) => void = () => {};
  /** The board's radio has hung up: it hears no request, and so answers none. */
  radioHangs = false;
  #scheduler: Scheduler;
  #send: (message: ToDevice) => void;
  #joined: { router: Router; password: string | undefined; addressed: boolean } | undefined;
  #step: unknown;
  #scan: unknown;

  constructor(options: { routers: Router[]; scheduler: Scheduler; send(message: ToDevice): void }) {
    this.routers = options.routers;
    this.#scheduler = options.scheduler;
    this.#send = options.send;
  }

  /** The router through which the board has an address now. */
  get router(): Router | undefined {
    return this.#joined?.addressed ? this.#joined.router : undefined;
  }

  /**
   * Where what the board sends comes to a line: its router, or the one that its repeater repeats; `"nowhere"`: such a
   * repeater has lost it. Undefined: the board has no address.
   */
  get wayOut(): Router | "nowhere" | undefined {
    const { router } = this;
    return router && (this.#served(router) ?? "nowhere");
  }

  take(message: FromDevice): boolean {
    switch (message.t) {
      case "scan":
        if (this.radioHangs) return true;
        this.#scan = this.#scheduler.set(() => this.#answerScan(message), SCAN_MS);
        return true;
      case "join":
        if (this.radioHangs) return true;
        this.#join(message.options);
        return true;
      case "leave":
        this.#scheduler.clear(this.#step);
        if (this.#joined) this.#drop(ROOM_REASONS.assocLeave);
        return true;
      default:
        return false;
    }
  }

  /** The board lost power: nothing of it is on the air. */
  boardOff(): void {
    this.#scheduler.clear(this.#step);
    this.#scheduler.clear(this.#scan);
    this.#joined = undefined;
    this.onPathChanged();
  }

  /** Throws the board out of its network, as a signal that is too weak does. */
  disassociate(reason: number = ROOM_REASONS.beaconTimeout): void {
    this.#scheduler.clear(this.#step);
    this.#drop(reason);
  }

  /** The lease ran out and was not renewed: still associated, without an address. */
  loseAddress(): void {
    const joined = this.#joined;
    if (!joined?.addressed) return;
    joined.addressed = false;
    this.onPathChanged();
    this.#event({ type: "address-lost" });
  }

  /** A router was changed: does the board stay where it is? */
  reconsider(): void {
    const joined = this.#joined;
    if (!joined) return;
    const { router } = joined;
    this.#send({ t: "signal", rssi: router.rssi });
    if (!this.#isOnAir(router)) {
      this.#scheduler.clear(this.#step);
      this.#step = this.#scheduler.set(() => this.#drop(ROOM_REASONS.beaconTimeout), BEACON_TIMEOUT_MS);
    } else if (!this.#admits(router, this.mac)) {
      this.#drop(ROOM_REASONS.authLeave);
    } else if (router.password !== joined.password) {
      this.#drop(ROOM_REASONS.fourWayHandshakeTimeout);
    } else if (!joined.addressed) this.#address(router);
  }

  #answerScan(request: Extract<FromDevice, { t: "scan" }>): void {
    const found: AccessPointInfo[] = [];
    for (const router of this.routers) {
      if (!router.on || router.channel === undefined) continue;
      if (request.channel !== undefined && request.channel !== router.channel) continue;
      if (request.ssid !== undefined && request.ssid !== router.ssid) continue;
      const shown = !router.hidden || request.ssid === router.ssid;
      found.push({
        ssid: shown ? router.ssid : "",
        ssidBytes: shown ? new TextEncoder().encode(router.ssid) : new Uint8Array(0),
        bssid: router.bssid,
        channel: router.channel,
        rssi: router.rssi,
        security: router.security,
      });
    }
    // As the driver has it: strongest first, and no more than it can keep.
    found.sort((a, b) => b.rssi - a.rssi);
    this.#send({ t: "scan-result", id: request.id, found: found.slice(0, MAX_FOUND) });
  }

  #join(options: RadioConnectOptions): void {
    this.#scheduler.clear(this.#step);
    if (this.#joined) this.#drop(ROOM_REASONS.assocLeave);
    const candidates = this.routers.filter(
      (router) =>
        this.#isOnAir(router) &&
        router.ssid === options.ssid &&
        (!options.bssid || options.bssid === router.bssid),
    );
    // The driver looks on the channel that it was told first.
    const hinted = candidates.filter(({ channel }) => channel === options.channel);
    const router = (hinted.length > 0 ? hinted : candidates).sort((a, b) => b.rssi - a.rssi)[0];
    if (router?.channel !== undefined) this.onJoining(router.channel);
    const fail = ({ reason }: Exclude<Verdict, "joins">): void =>
      this.#event({ type: "disconnected", reason, ...(router && { rssi: router.rssi }) });
    const verdict = this.#judge(router, options);
    if (verdict !== "joins") {
      this.#step = this.#scheduler.set(() => fail(verdict), router ? FAIL_MS : SCAN_MS);
      return;
    }
    this.#step = this.#scheduler.set(() => {
      // The router may have changed meanwhile.
      const verdictNow = this.#judge(router, options);
      if (verdictNow !== "joins") return fail(verdictNow);
      this.#joined = { router: router!, password: router!.password, addressed: false };
      this.#send({ t: "signal", rssi: router!.rssi });
      this.#event({ type: "associated", bssid: router!.bssid, channel: router!.channel! });
      this.#address(router!);
    }, ASSOCIATE_MS);
  }

  #isOnAir(router: Router): boolean {
    return router.on && router.channel !== undefined && this.routers.includes(router);
  }

  #judge(router: Router | undefined, options: RadioConnectOptions): Verdict {
    if (!router || !this.#isOnAir(router)) return { reason: ROOM_REASONS.noApFound };
    const refusal = SECURITY_REFUSAL[router.security](options);
    if (refusal !== undefined) return { reason: refusal };
    if (!this.#admits(router, this.mac)) return { reason: ROOM_REASONS.assocFail };
    if (router.security !== "open" && router.security !== "owe" && router.password !== options.password)
      return { reason: ROOM_REASONS.fourWayHandshakeTimeout };
    return "joins";
  }

  #admits(router: Router, mac: string): boolean {
    return !router.macFilter || router.macFilter.includes(mac);
  }

  /** The router itself, or the one that it repeats. */
  #served(router: Router): Router | undefined {
    if (!router.repeats) return router;
    if (!router.internet) return undefined;
    const { ssid, password } = router;
    const repeated = this.routers.filter(
      (each) => !each.repeats && each.ssid === ssid && each.password === password && this.#isOnAir(each),
    );
    return repeated.sort((a, b) => b.rssi - a.rssi)[0];
  }

  #address(router: Router): void {
    const server = this.#served(router);
    if (!server?.dhcp) return;
    this.#step = this.#scheduler.set(() => {
      const joined = this.#joined;
      if (!joined) return;
      joined.addressed = true;
      this.onPathChanged();
      this.#event({
        type: "address",
        address: "192.168.50.23",
        gateway: ROUTER_ADDRESS,
        dns: [ROUTER_ADDRESS],
      });
    }, server.dhcpMs ?? DHCP_MS);
  }

  #drop(reason: number): void {
    const joined = this.#joined;
    this.#joined = undefined;
    if (!joined) return;
    this.onPathChanged();
    this.#event({ type: "disconnected", reason, rssi: joined.router.rssi });
  }

  #event(event: RadioEvent): void {
    this.#send({ t: "radio", event });
  }
}

/** Where every simulated router answers DNS. */
export const ROUTER_ADDRESS = "192.168.50.1";

/** What ESP-IDF reports when the board's settings do not fit a network's security; undefined: they fit. */
const atLeast =
  (own: number) =>
  ({ password, least = 3 }: RadioConnectOptions): number | undefined =>
    password === undefined || least > own ? ROOM_REASONS.noApInAuthmodeThreshold : undefined;
const needPassword = (own: number) => (options: RadioConnectOptions) =>
  options.password === undefined ? ROOM_REASONS.noApWithCompatibleSecurity : atLeast(own)(options);
const refuseAlways = (): number => ROOM_REASONS.noApWithCompatibleSecurity;

const SECURITY_REFUSAL: Record<Security, (options: RadioConnectOptions) => number | undefined> = {
  open: (options) => (options.password === undefined ? undefined : ROOM_REASONS.noApInAuthmodeThreshold),
  owe: refuseAlways,
  wep: atLeast(1),
  wpa: atLeast(2),
  wpa2: needPassword(3),
  "wpa-wpa2": needPassword(3),
  wpa3: needPassword(4),
  "wpa2-wpa3": needPassword(4),
  enterprise: refuseAlways,
  unknown: refuseAlways,
};
