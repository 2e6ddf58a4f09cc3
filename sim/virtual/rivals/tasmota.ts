import type { Chip, RivalFirmware } from "./rival-board";
import { RivalNames, RivalSession } from "./rival-stack";

/**
 * How a Tasmota device comes back: an ESP32 with one network, `WifiConfig 4` (retry) and the other defaults, over TLS.
 * Read in
 *
 * - tasmota/tasmota_support/support_wifi.ino, Tasmota 8663a1b6 (13.x): WifiCheck, WifiCheckIp, WifiBegin;
 * - tasmota/tasmota_xdrv_driver/xdrv_02_9_mqtt.ino, Tasmota a9acc4c4 (13.x): MqttCheck, MqttReconnect, MqttDisconnected;
 * - tasmota/my_user_config.h, Tasmota 00470132 (13.x), and MQTT_RETRY_SECS of tasmota.h: the defaults;
 * - the Arduino core's own reconnect (WiFiGeneric.cpp, _isReconnectableReason).
 *
 * Left out, in its favour: that a connection is lost later than the network; the delays inside WifiBegin. Left out
 * because nothing here touches it: a second network, the scan each 44 minutes, the setup modes.
 */

/** WIFI_CHECK_SEC: between two looks at a network that is there. */
const CHECK_SECONDS = 20;
/** WIFI_RETRY_SECONDS; the chip's id adds up to 15, so that devices do not come back together. */
const RETRY_SECONDS = 20;
/** WifiCheckIp: a restart after so many rounds. */
const MOST_RETRIES = 100;
/** MqttRetry, and the bound up to which each failure adds as much again. */
const MQTT_RETRY_SECONDS = 10;
const LONGEST_MQTT_RETRY_SECONDS = 120;
/** DnsTimeout */
const DNS_MS = 1_000;
/** MqttWifiTimeout */
const CONNECT_MS = 200;
/** MqttTimeout */
const ACCEPT_MS = 4_000;
/** MqttKeepAlive; PubSubClient asks after it, and gives up after as much again. */
const KEEP_ALIVE_SECONDS = 30;

const BEACON_TIMEOUT = 200;
const NO_AP_FOUND = 201;
const AUTH_FAIL = 202;
const ASSOC_LEAVE = 8;

type Status = "idle" | "connected" | "no-ssid" | "failed" | "lost";

export class Tasmota implements RivalFirmware {
  readonly #chip: Chip;
  readonly #names: RivalNames;
  readonly #session: RivalSession;
  readonly #retryFrom: number;
  /** Of Wifi: seconds until the next look, tries left in this round, rounds. */
  #counter = 1;
  #retry: number;
  #rounds = 0;
  #status: Status = "idle";
  #nameServer: string | undefined;
  /** Of Mqtt: seconds until the next try, and how many times MqttRetry that is. */
  #mqttCounter = 0;
  #mqttDelay = 1;
  /** It waits for an answer, and the second does not tick. */
  #isBlocked = false;

  constructor(chip: Chip) {
    this.#chip = chip;
    this.#names = new RivalNames(chip, DNS_MS);
    this.#session = new RivalSession(chip, {
      connectMs: CONNECT_MS,
      acceptMs: ACCEPT_MS,
      keepAliveSeconds: KEEP_ALIVE_SECONDS,
      pingAfterMs: KEEP_ALIVE_SECONDS * 1_000,
      answerMs: KEEP_ALIVE_SECONDS * 1_000,
    });
    this.#retryFrom = RETRY_SECONDS + chip.random.below(16);
    this.#retry = this.#retryFrom;
    chip.after(1_000, () => this.#second());
  }

  disconnected(reason: number): void {
    this.#nameServer = undefined;
    this.#names.cancel();
    this.#session.close();
    if (this.#isBlocked) this.#mqttFailed();
    if (reason === NO_AP_FOUND) this.#status = "no-ssid";
    else if (reason === AUTH_FAIL) this.#status = "failed";
    else if (reason === BEACON_TIMEOUT) this.#status = "lost";
    else this.#status = "idle";
    // The core begins again by itself, unless it was told to leave.
    if (reason !== ASSOC_LEAVE) this.#join();
  }

  addressed(nameServer: string): void {
    this.#nameServer = nameServer;
    this.#status = "connected";
  }

  #second(): void {
    this.#chip.after(1_000, () => this.#second());
    if (this.#isBlocked) return;
    if (--this.#counter <= 0) {
      this.#counter = CHECK_SECONDS;
      this.#checkAddress();
    }
    if (this.#nameServer !== undefined && !this.#session.isUp) this.#checkMqtt();
  }

  /** WifiCheckIp */
  #checkAddress(): void {
    if (this.#nameServer !== undefined) {
      this.#retry = this.#retryFrom;
      this.#rounds = 0;
      return;
    }
    const half = Math.floor(this.#retryFrom / 2);
    // Every second time it takes no notice of what the core says.
    const status = this.#retry & 1 ? this.#status : "idle";
    if (status === "no-ssid" || status === "failed") this.#retry = this.#retry > half ? half : 0;
    else if ((this.#retry === 0 || this.#retry === half) && ++this.#rounds === MOST_RETRIES)
      return this.#chip.restart();
    if (this.#retry > 0) {
      if (this.#retry === this.#retryFrom || this.#retry === half) this.#join();
      this.#retry--;
    } else this.#retry = this.#retryFrom;
    this.#counter = 1;
  }

  #join(): void {
    this.#chip.join({ ssid: "Home", password: "correct horse" });
  }

  /** MqttCheck */
  #checkMqtt(): void {
    if (this.#mqttCounter > 0) {
      this.#mqttCounter--;
      return;
    }
    this.#isBlocked = true;
    this.#names.resolve(this.#nameServer, (address) => {
      if (address === undefined) return this.#mqttFailed();
      this.#session.open(
        address,
        () => {
          this.#isBlocked = false;
          this.#mqttDelay = 1;
        },
        () => {
          // One that was up is tried again at once.
          if (this.#isBlocked) this.#mqttFailed();
        },
      );
    });
  }

  /** MqttDisconnected */
  #mqttFailed(): void {
    this.#isBlocked = false;
    this.#mqttCounter = MQTT_RETRY_SECONDS * this.#mqttDelay;
    if (this.#mqttCounter < LONGEST_MQTT_RETRY_SECONDS) this.#mqttDelay++;
  }
}
