import type { ProtocolVersion } from "./encode";
import type { SessionFailure } from "./failure";

/** One broker that restarts is no reason to change the version. */
const UNANSWERED_LIMIT = 2;

/**
 * The MQTT version for the next connection. A broker that takes no MQTT 5 is spoken to in 3.1.1. Some say so, some close
 * or answer nonsense: where neither version is answered they are tried in turn.
 */
export class VersionChoice {
  #wanted: ProtocolVersion;
  #version: ProtocolVersion;
  /** Attempts in a row that ended while the broker had CONNECT, without a reason. */
  #unanswered = 0;

  constructor(wanted: ProtocolVersion) {
    this.#wanted = this.#version = wanted;
  }

  get version(): ProtocolVersion {
    return this.#version;
  }

  /** Another broker: what the last one took says nothing of it. */
  begin(wanted: ProtocolVersion): void {
    this.#wanted = this.#version = wanted;
    this.#unanswered = 0;
  }

  answered(): void {
    this.#unanswered = 0;
  }

  /** An attempt failed before CONNACK. True: the next one is in another version. */
  failed(reason: SessionFailure): boolean {
    if (this.#wanted === 4) return false;
    const isMute = reason === "closed-on-connect" || reason === "protocol-error";
    this.#unanswered = isMute ? this.#unanswered + 1 : 0;
    if (reason !== "refused-protocol-version" && this.#unanswered < UNANSWERED_LIMIT) return false;
    this.#unanswered = 0;
    this.#version = this.#version === 5 ? 4 : 5;
    return true;
  }
}
