import Timer from "timer";
import type { Logger } from "../base/logger";
import type { Resolution, ResolveOptions } from "../names/dns-client";
import { isIpv4 } from "../names/ipv4";
import type { UdpClass, UdpSocket } from "../network/udp";
import type { Clock } from "./clock";
import { ShunnedServers } from "./shunned-servers";
import { formatRequest, parseReply, type SntpFault, type SntpNonce } from "./sntp-message";

export interface TimeRequestOptions {
  readonly resolve: (query: Pick<ResolveOptions, "host" | "onResolved" | "onFailure">) => Resolution;
  /** The SDK's UDP class. */
  readonly UDP: UdpClass;
  readonly clock: Pick<Clock, "uptimeMs" | "earliestUnixMs" | "isPlausible">;
  /** 32 random bits that nobody can foresee: the hardware's generator. */
  readonly randomUint32: () => number;
  /** A server has answered, whatever. */
  onHeard(): void;
}

/** Why a server gave no time. */
export type TimeRequestFailure =
  /** No name server answers: no other name will be resolved either. */
  | "dns-silent"
  | "dns-failed"
  | "no-answer"
  /** It wants not to be asked: kiss-o'-death, now or before. */
  | "refused"
  /** It does not know the time. */
  | "unusable"
  /** It gave one that cannot be. */
  | "outside";

const SNTP_PORT = 123;
/** A server's silence for this long means the next one; longer than a mobile network's round trip. */
const ANSWER_MS = 4_000;
/** A server that asked us to slow down is left alone for several resyncs. */
const RATE_LIMITED_MS = 4 * 3_600_000;

/**
 * One request to one server: SNTP version 4 (RFC 4330, RFC 5905 14).
 *
 * - A reply counts when it came from the server that was asked, from its port, and brings back 64 random bits; its time
 *   is the server's plus half the round trip.
 * - A server that denies us is never asked again, one that limits us not for four hours; where it is needed, 45 minutes
 *   (shunned-servers.ts).
 * - `run` replaces what is under way; `cancel` is idempotent and silences.
 */
export class TimeRequest {
  #options: TimeRequestOptions;
  #port: number;
  #logger: Logger;
  #shunned = new ShunnedServers();
  #timer: Timer | undefined;
  #resolution: Resolution | undefined;
  #socket: UdpSocket | undefined;
  #onEnd: ((answer: number | TimeRequestFailure) => void) | undefined;

  constructor(options: TimeRequestOptions, port: number | undefined, logger: Logger) {
    this.#options = options;
    this.#port = port ?? SNTP_PORT;
    this.#logger = logger;
  }

  /**
   * `isNeeded`: without this server there is no time. `onEnd`, once: the server's time as Unix milliseconds at uptime
   * zero, or why there is none.
   */
  run(host: string, isNeeded: boolean, onEnd: (answer: number | TimeRequestFailure) => void): void {
    this.cancel();
    this.#onEnd = onEnd;
    if (isIpv4(host)) return this.ask([host], isNeeded);
    this.#resolution = this.#options.resolve({
      host,
      onResolved: (addresses) => this.ask(addresses, isNeeded),
      onFailure: (reason) =>
        this.end(reason === "no-answer" || reason === "no-server" ? "dns-silent" : "dns-failed"),
    });
  }

  cancel(): void {
    Timer.clear(this.#timer);
    this.#resolution?.cancel();
    this.#socket?.close();
    this.#timer = this.#resolution = this.#socket = this.#onEnd = undefined;
  }

  private ask(addresses: readonly string[], isNeeded: boolean): void {
    this.#resolution = undefined;
    const { UDP, clock } = this.#options;
    const sentMs = clock.uptimeMs;
    const address = addresses.find((each) => !this.#shunned.has(each, sentMs, isNeeded));
    if (address === undefined) return this.end("refused");
    this.#timer = Timer.set(() => {
      this.#timer = undefined;
      this.end("no-answer");
    }, ANSWER_MS);
    // Never zero, which servers put there for a request without a timestamp.
    const nonce: SntpNonce = [this.#options.randomUint32() >>> 0, (this.#options.randomUint32() | 1) >>> 0];
    try {
      this.#socket = new UDP({ onReadable: () => this.receive(address, nonce, sentMs) });
      this.#socket.write(formatRequest(nonce), address, this.#port);
    } catch (error) {
      this.#logger.debug(`request to ${address} not sent: ${error}`);
    }
  }

  private receive(address: string, nonce: SntpNonce, sentMs: number): void {
    const { clock } = this.#options;
    const receivedMs = clock.uptimeMs;
    const socket = this.#socket;
    for (;;) {
      const datagram = socket?.read();
      if (!datagram) return;
      if (datagram.address !== address || datagram.port !== this.#port) continue;
      const reply = parseReply(new Uint8Array(datagram), nonce, clock.earliestUnixMs);
      if (reply === "malformed" || reply === "not-ours") continue;
      this.#options.onHeard();
      if (typeof reply === "string") return this.end(this.refuse(address, reply));
      const roundTripMs = Math.max(0, receivedMs - sentMs - reply.heldMs);
      const unixMs = Math.round(reply.transmitUnixMs + roundTripMs / 2);
      return this.end(clock.isPlausible(unixMs) ? unixMs - clock.uptimeMs : "outside");
    }
  }

  private refuse(address: string, fault: SntpFault): TimeRequestFailure {
    if (fault === "unsynchronised") return "unusable";
    const { uptimeMs } = this.#options.clock;
    const untilMs = fault === "denied" ? Number.POSITIVE_INFINITY : uptimeMs + RATE_LIMITED_MS;
    this.#shunned.add(address, uptimeMs, untilMs);
    return "refused";
  }

  private end(answer: number | TimeRequestFailure): void {
    const onEnd = this.#onEnd;
    this.cancel();
    onEnd?.(answer);
  }
}
