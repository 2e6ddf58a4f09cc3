import type { Chip, RivalFirmware } from "./rival-board";
import { RivalNames, RivalSession } from "./rival-stack";

/**
 * How an ESPHome device comes back: its Wi-Fi and MQTT components on an ESP32, with the defaults of its options. Read in
 *
 * - esphome/components/wifi/wifi_component.cpp, esphome 00435ba2 (2026): the phases of its retries;
 * - esphome/components/wifi/__init__.py, esphome 01f0307c (2026): the defaults;
 * - esphome/components/mqtt/mqtt_client.cpp and mqtt_backend_esp32.*, esphome 33fdbbe3 (2024.11): who reconnects;
 * - mqtt_client.c and mqtt_config.h, esp-mqtt 1.1.0 (5a9ba05).
 *
 * Left out, in its favour: that the component's own five-second loop may break off a connection of esp-mqtt's; that a
 * connection is lost later than the network. Left out because nothing here touches it: several networks, hidden ones,
 * roaming, priorities of access points, the native API.
 */

/** WIFI_COOLDOWN_DURATION_MS */
const COOLDOWN_MS = 500;
/** WIFI_COOLDOWN_WITH_AP_ACTIVE_MS */
const COOLDOWN_WITH_PORTAL_MS = 30_000;
/** WIFI_CONNECT_TIMEOUT_MS */
const CONNECT_MS = 46_000;
/** WIFI_SCAN_TIMEOUT_MS */
const SCAN_MS = 31_000;
/** WIFI_RETRY_COUNT_PER_BSSID */
const TRIES_PER_ACCESS_POINT = 2;
/** ap_timeout, DEFAULT_AP_TIMEOUT */
const PORTAL_AFTER_MS = 90_000;
/** reboot_timeout, of wifi and of mqtt */
const REBOOT_MS = 900_000;
/** mqtt_client.cpp, MQTT_CLIENT_DISCONNECTED: the next look at the name, until esp-mqtt has been started. */
const LOOKUP_MS = 5_000;
/** esp-mqtt, MQTT_RECON_DEFAULT_MS */
const RECONNECT_MS = 10_000;
/** esp-mqtt, MQTT_NETWORK_TIMEOUT_MS */
const NETWORK_MS = 10_000;
/** mqtt's keepalive; esp-mqtt asks after half of it, and gives up after the whole (process_keepalive). */
const KEEP_ALIVE_SECONDS = 15;

const ASSOC_LEAVE = 8;

type Phase = "scan-connecting" | "retry-hidden" | "restarting-adapter";

export class EspHome implements RivalFirmware {
  readonly #chip: Chip;
  readonly #hasPortal: boolean;
  readonly #names: RivalNames;
  readonly #session: RivalSession;
  #phase: Phase = "scan-connecting";
  #tries = 0;
  #target: { bssid: string; channel: number } | undefined;
  #cancelStep: () => void = () => {};
  #nameServer: string | undefined;
  #isPortalOpen = false;
  #scannedForPortal = false;
  #offlineSince: number;
  /** The MQTT component was set up, and has started esp-mqtt. */
  #mqtt: "not-set-up" | "looking-up" | "started" = "not-set-up";
  #cancelMqtt: () => void = () => {};
  #unconnectedSince: number;

  /** `hasPortal`: with a fallback access point and captive portal, as its wizard writes a configuration. */
  constructor(chip: Chip, hasPortal: boolean) {
    this.#chip = chip;
    this.#hasPortal = hasPortal;
    this.#names = new RivalNames(chip);
    this.#session = new RivalSession(chip, {
      connectMs: NETWORK_MS,
      acceptMs: NETWORK_MS,
      keepAliveSeconds: KEEP_ALIVE_SECONDS,
      pingAfterMs: KEEP_ALIVE_SECONDS * 500,
      answerMs: KEEP_ALIVE_SECONDS * 500,
    });
    this.#offlineSince = this.#unconnectedSince = chip.now();
    this.#tick();
    this.#scan();
  }

  disconnected(reason: number): void {
    if (reason === ASSOC_LEAVE) return;
    if (this.#nameServer === undefined) return this.#failed();
    this.#nameServer = undefined;
    this.#offlineSince = this.#chip.now();
    this.#names.cancel();
    if (this.#mqtt === "started") this.#mqttEnded();
    else if (this.#mqtt === "looking-up") this.#lookUpAfter(LOOKUP_MS);
    this.#scan();
  }

  addressed(nameServer: string): void {
    this.#cancelStep();
    this.#nameServer = nameServer;
    this.#isPortalOpen = false;
    if (this.#mqtt === "not-set-up") this.#setUpMqtt();
  }

  #scan(): void {
    this.#phase = "scan-connecting";
    this.#tries = 0;
    this.#target = undefined;
    this.#step(SCAN_MS, () => this.#connectHidden());
    this.#chip.scan((found) => {
      if (this.#phase !== "scan-connecting" || this.#target || this.#nameServer !== undefined) return;
      this.#scannedForPortal = this.#isPortalOpen;
      const best = found.filter(({ ssid }) => ssid === "Home").sort((a, b) => b.rssi - a.rssi)[0];
      if (!best) return this.#connectHidden();
      this.#target = best;
      this.#connect();
    });
  }

  /** Its network was not in the scan: it may be hidden. */
  #connectHidden(): void {
    this.#phase = "retry-hidden";
    this.#target = undefined;
    this.#connect();
  }

  #connect(): void {
    const { bssid, channel } = this.#target ?? {};
    this.#chip.join({
      ssid: "Home",
      password: "correct horse",
      ...(bssid && { bssid }),
      ...(channel && { channel }),
    });
    this.#step(CONNECT_MS, () => {
      this.#chip.leave();
      this.#failed();
    });
  }

  /** determine_next_phase_ */
  #failed(): void {
    if (this.#phase === "restarting-adapter") return;
    if (this.#phase === "scan-connecting" && !this.#target) return;
    this.#tries++;
    if (this.#phase === "scan-connecting" && this.#tries < TRIES_PER_ACCESS_POINT) return this.#connect();
    this.#phase = "restarting-adapter";
    this.#step(this.#isPortalOpen ? COOLDOWN_WITH_PORTAL_MS : COOLDOWN_MS, () =>
      this.#isPortalOpen && this.#scannedForPortal ? this.#connectHidden() : this.#scan(),
    );
  }

  #step(limitMs: number, action: () => void): void {
    this.#cancelStep();
    this.#cancelStep = this.#chip.after(limitMs, action);
  }

  #setUpMqtt(): void {
    this.#mqtt = "looking-up";
    this.#unconnectedSince = this.#chip.now();
    this.#lookUp();
  }

  #lookUp(): void {
    const begun = this.#chip.now();
    this.#names.resolve(this.#nameServer, (address) => {
      if (address !== undefined && this.#nameServer !== undefined) {
        this.#mqtt = "started";
        return this.#attempt();
      }
      this.#lookUpAfter(Math.max(0, begun + LOOKUP_MS - this.#chip.now()));
    });
  }

  #lookUpAfter(ms: number): void {
    this.#cancelMqtt();
    this.#cancelMqtt = this.#chip.after(ms, () => this.#lookUp());
  }

  /** esp-mqtt's own. */
  #attempt(): void {
    this.#names.resolve(this.#nameServer, (address) => {
      if (address === undefined) return this.#mqttEnded();
      this.#session.open(
        address,
        () => {},
        () => this.#mqttEnded(),
      );
    });
  }

  #mqttEnded(): void {
    if (this.#session.isUp) this.#unconnectedSince = this.#chip.now();
    this.#session.close();
    this.#cancelMqtt();
    this.#cancelMqtt = this.#chip.after(RECONNECT_MS, () => this.#attempt());
  }

  /** What its loop looks at all the time. */
  #tick(): void {
    const chip = this.#chip;
    const now = chip.now();
    if (this.#session.isUp) this.#unconnectedSince = now;
    const offlineMs = this.#nameServer === undefined ? now - this.#offlineSince : 0;
    if (this.#hasPortal && offlineMs > PORTAL_AFTER_MS && !this.#isPortalOpen) {
      this.#isPortalOpen = true;
      this.#scannedForPortal = false;
      // The rest of the components need not wait for a network any more.
      if (this.#mqtt === "not-set-up") this.#setUpMqtt();
    }
    const isStuck = !this.#hasPortal && offlineMs > REBOOT_MS;
    if (isStuck || (this.#mqtt !== "not-set-up" && now - this.#unconnectedSince > REBOOT_MS))
      return chip.restart();
    chip.after(1_000, () => this.#tick());
  }
}
