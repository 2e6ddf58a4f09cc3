import type { Issuer } from "./issuer";
import { formatAnswer, parseRequest } from "./messages";

export interface DeskOptions {
  readonly issuer: Issuer;
  /** To `identity/renew` of a device, QoS 1, not retained. */
  send(device: string, text: string): void;
  /** A message that is no request. */
  onFault?(device: string): void;
}

/**
 * The issuer over MQTT: what came on `identity/request` of a device goes to the issuer, its answer to `identity/renew`. The
 * broker's rule lets a device publish below its own name alone, and takes that name from the certificate
 * (docs/fleet.md): that is what makes the topic's name the device's.
 */
export class RenewalDesk {
  #options: DeskOptions;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Resolves when it has been answered. */
  async take(device: string, payload: Uint8Array): Promise<void> {
    const request = parseRequest(payload);
    if (!request) return this.#options.onFault?.(device);
    const answer = await this.#options.issuer.renew(device, request.csr, "mqtt");
    this.#options.send(device, formatAnswer(request.id, answer));
  }
}
