import Timer from "timer";
import type { Logger } from "../base/logger";
import type { Resolution, ResolveOptions } from "../names/dns-client";
import {
  type BrokerFailure,
  diagnoseLink,
  moreTelling,
  needsProbe,
  type ProbeResult,
} from "./link-diagnosis";
import type { LinkFailure } from "./link-failure";
import type { OpenTlsSocket, Socket, SocketFailure } from "./socket";

/** Where a TLS opening tells a sign-in page from a firewall: HTTPS. */
export const CHECK_PORT = 443;

export interface InternetCheckOptions {
  /** The cloud's host on port 443: a name or an IPv4 literal. */
  readonly host: string;
  /** Default 443. */
  readonly port?: number;
  /** Our CA, DER. No client certificate is shown: who answers may be anybody. */
  readonly certificateAuthorities: readonly Uint8Array[];
  readonly resolve: (
    query: Pick<ResolveOptions, "host" | "allowStale" | "anew" | "onResolved" | "onFailure">,
  ) => Resolution;
  /** A name or time server has just answered. */
  isHeard(): boolean;
  readonly openTls: OpenTlsSocket;
  readonly logger: Logger;
}

type State =
  | "idle"
  /** The verdict stands without 443 and is told in the next turn. */
  | "telling"
  /** The cloud's name is being resolved. */
  | "resolving"
  /** TLS to port 443 is being opened. */
  | "opening";

/**
 * Finds out why the broker cannot be reached: a TLS opening to the cloud's port 443 with our CA, at one address of its
 * host after the other until one is up, and closed then. Nothing is sent over it, and no other port is used.
 *
 * - A new `run` replaces the one under way, whose `onVerdict` is never called.
 * - `onVerdict` never runs inside `run`. It comes at the latest when the resolver's and the socket's limits are over.
 * - The name server is asked anew, since that it answers tells too. An answer that has run out serves when no other
 *   comes: with DNS blocked, 443 still tells.
 */
export class InternetCheck {
  #options: InternetCheckOptions;
  #port: number;
  #logger: Logger;
  #state: State = "idle";
  #timer: Timer | undefined;
  #resolution: Resolution | undefined;
  #socket: Socket | undefined;

  constructor(options: InternetCheckOptions) {
    const { port = CHECK_PORT } = options;
    if (!Number.isInteger(port) || port < 1 || port > 0xffff) throw new RangeError("port");
    if (options.certificateAuthorities.length === 0) throw new RangeError("certificateAuthorities");
    this.#options = options;
    this.#port = port;
    this.#logger = options.logger;
  }

  get isRunning(): boolean {
    return this.#state !== "idle";
  }

  /** `broker`: how reaching the broker failed. The verdict is `undefined` when it cannot be told. */
  run(broker: BrokerFailure, onVerdict: (verdict: LinkFailure | undefined) => void): void {
    if (!needsProbe(broker)) {
      this.enter("telling");
      this.#timer = Timer.set(() => {
        this.#timer = undefined;
        this.enter("idle");
        onVerdict(diagnoseLink(broker, "verified", true));
      }, 0);
      return;
    }
    let isHeard = false;
    const finish = (probe: ProbeResult): void => {
      this.enter("idle");
      const verdict = diagnoseLink(broker, probe, isHeard);
      this.#logger.info(`broker ${broker}, port ${this.#port} ${probe}: ${verdict ?? "cannot tell"}`);
      onVerdict(verdict);
    };
    this.enter("resolving");
    this.#resolution = this.#options.resolve({
      host: this.#options.host,
      allowStale: true,
      anew: true,
      onResolved: (addresses) => {
        isHeard = this.#options.isHeard();
        this.openOneOf(addresses, 0, undefined, finish);
      },
      onFailure: finish,
    });
  }

  /** Gives up silently. */
  cancel(): void {
    this.enter("idle");
  }

  close(): void {
    this.cancel();
  }

  private openOneOf(
    addresses: readonly string[],
    at: number,
    before: SocketFailure | undefined,
    finish: (probe: ProbeResult) => void,
  ): void {
    this.open(addresses[at]!, (probe) => {
      if (probe === "verified") return finish(probe);
      const failure = before === undefined ? probe : moreTelling(before, probe);
      if (at + 1 < addresses.length) this.openOneOf(addresses, at + 1, failure, finish);
      else finish(failure);
    });
  }

  private open(address: string, finish: (probe: "verified" | SocketFailure) => void): void {
    this.enter("opening");
    const { host, certificateAuthorities } = this.#options;
    this.#socket = this.#options.openTls({
      address,
      port: this.#port,
      host,
      identity: { certificateAuthorities, certificateChain: [] },
      purpose: "check",
      onReadable() {},
      onWritable: () => finish("verified"),
      onError: finish,
    });
  }

  private enter(state: State): void {
    Timer.clear(this.#timer);
    this.#timer = undefined;
    this.#resolution?.cancel();
    this.#resolution = undefined;
    this.#socket?.close();
    this.#socket = undefined;
    this.#state = state;
  }
}
