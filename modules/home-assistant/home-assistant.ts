import { QUANTITY_NAMES, type Quantity } from "../telemetry/quantities";
import type { Reading } from "../telemetry/reading";
import { type DiscoveryDevice, discoveryTopic, formatDiscovery, formatState } from "./discovery";

export interface HomeAssistantOptions {
  device(): DiscoveryDevice;
  isEnabled(): boolean;
  /** Home Assistant calls a value unknown after this long without a new one. */
  expireSeconds(): number;
  /** Latest state of a topic, retained; the device's own by their names. */
  put(topic: string, format: () => string): void;
}

/**
 * Readings as sensors of Home Assistant: each quantity is announced once it was measured, each reading goes to the
 * topic `state` in plain JSON. Beside telemetry, not in its place: what was measured offline does not come here.
 */
export class HomeAssistant {
  #options: HomeAssistantOptions;
  #announced: Quantity[] = [];

  constructor(options: HomeAssistantOptions) {
    this.#options = options;
  }

  /** A new connection, or the setting changed: all is said again, or taken back. */
  renew(): void {
    this.#announced.length = 0;
  }

  /** The setting was switched off: empty retained messages remove the sensors (home-assistant.io, MQTT discovery). */
  withdraw(): void {
    const { deviceId } = this.#options.device();
    for (const quantity of QUANTITY_NAMES) this.#options.put(discoveryTopic(deviceId, quantity), () => "");
    this.#options.put("state", () => "");
    this.#announced.length = 0;
  }

  readingTaken(reading: Reading): void {
    const options = this.#options;
    if (!options.isEnabled()) return;
    const self = options.device();
    for (const quantity of QUANTITY_NAMES) {
      if (reading.values[quantity] === undefined || this.#announced.includes(quantity)) continue;
      this.#announced.push(quantity);
      options.put(discoveryTopic(self.deviceId, quantity), () =>
        formatDiscovery(self, quantity, options.expireSeconds()),
      );
    }
    options.put("state", () => formatState(reading));
  }
}
