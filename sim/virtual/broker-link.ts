import type { FromDevice, ToDevice } from "../world/wire";

const BROKER_PORT = 8883;
/** First byte of a CONNACK, whose fourth is the return code. */
const CONNACK = 0x20;

/**
 * Watches a board's wire for what the firmware can know of its way to the broker, without asking the firmware: the
 * ground truth that its light is held to.
 */
export class BrokerLink {
  /** When the power last went. */
  powerOffAt = 0;
  /** Since when it has an address; undefined: it has none. */
  addressSince: number | undefined;
  /** When it last lost its address. */
  addressLostAt = Number.NEGATIVE_INFINITY;
  /** Since when the broker's acceptance stands on a connection that neither side has ended. */
  acceptedSince: number | undefined;
  acceptedUntil = Number.NEGATIVE_INFINITY;
  /** When the last bytes from the broker's port came. */
  heardAt = Number.NEGATIVE_INFINITY;
  #now: () => number;
  #connection: number | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  fromDevice(message: FromDevice): void {
    if (message.t === "tcp-open" && message.port === BROKER_PORT) {
      this.#ended();
      this.#connection = message.id;
    } else if (message.t === "tcp-close" && message.id === this.#connection) this.#ended();
  }

  toDevice(message: ToDevice | "power-off"): void {
    if (message === "power-off") {
      this.powerOffAt = this.#now();
      this.#ended();
      this.#address(false);
    } else if (message.t === "radio") {
      const { type } = message.event;
      if (type === "address") this.#address(true);
      else if (type === "disconnected" || type === "address-lost") this.#address(false);
    } else if (message.t === "tcp-end" && message.id === this.#connection) this.#ended();
    else if (message.t === "tcp-data" && message.id === this.#connection) {
      this.heardAt = this.#now();
      if (message.bytes[0] === CONNACK && message.bytes[3] === 0) this.acceptedSince ??= this.#now();
    }
  }

  #address(got: boolean): void {
    if (got) {
      this.addressSince ??= this.#now();
      return;
    }
    if (this.addressSince !== undefined) this.addressLostAt = this.#now();
    this.addressSince = undefined;
    this.#ended();
  }

  #ended(): void {
    if (this.acceptedSince !== undefined) this.acceptedUntil = this.#now();
    this.acceptedSince = undefined;
    this.#connection = undefined;
  }
}
