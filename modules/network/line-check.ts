import Timer from "timer";
import type { Resolution, ResolveOptions } from "../names/dns-client";
import { isIpv4 } from "../names/ipv4";
import { formatRequest } from "../time/sntp-message";
import type { BrokerFailure } from "./link-diagnosis";
import type { UdpClass, UdpSocket } from "./udp";

/** Where the cause of a failed attempt lies: surely in the device's own line, or possibly with the cloud. */
export type Cause =
  /** Nobody but this device is waiting for it: it may try again soon. */
  | "line"
  /** Thousands may be waiting for it: exponential backoff with full jitter. */
  | "cloud";

/** Ends of an attempt that leave it open that the line is down. An answer, however bad, does not. */
const SILENCE: readonly BrokerFailure[] = Object.freeze([
  "connect-timeout",
  "handshake-timeout",
  "no-server",
  "no-answer",
  "server-failure", // a router's name server without its line
  "malformed",
  "truncated",
]);

export function mayBeLine(reason: BrokerFailure): boolean {
  return SILENCE.includes(reason);
}

/**
 * Pure. Nobody answered whom the device asked anew: `names`, a name server was asked for a name that is not the cloud's;
 * `time`, a time server was asked. Silence of one alone may be a firewall, behind which a broker can be down; but without
 * names nobody gets as far as a broker that has one.
 */
export function causeOfSilence(names: boolean, time: boolean, brokerIsAddress: boolean): Cause {
  return names && (time || !brokerIsAddress) ? "line" : "cloud";
}

export interface LineCheckOptions {
  /** The broker's host: a name or an IPv4 literal. */
  readonly host: string;
  /** Time servers: host names or IPv4 literals. */
  readonly timeServers: readonly string[];
  readonly resolve: (query: Pick<ResolveOptions, "host" | "anew" | "onResolved" | "onFailure">) => Resolution;
  /** Addresses of a name as they were last known, without asking anybody. */
  lastKnown(host: string): readonly string[] | undefined;
  /** The time server has answered; the name server's client tells of its own. */
  onHeard(): void;
  /** The SDK's UDP class. */
  readonly UDP: UdpClass;
  /** 32 random bits that nobody can foresee. */
  randomUint32(): number;
}

const SNTP_PORT = 123;
/** Three questions to one name server, two seconds apart; a round trip over a mobile network is shorter. */
export const LINE_MS = 6_000;

/**
 * Whether anything at all comes back over the line: a name server is asked for a time server's name, and a time server
 * whose address is known for the time, both at once, both anew. The first answer ends it.
 */
export class LineCheck {
  #options: LineCheckOptions;
  #timer: Timer | undefined;
  #resolution: Resolution | undefined;
  #socket: UdpSocket | undefined;
  /** The time server that was asked. */
  #asked: string | undefined;
  #onCause: ((cause: Cause) => void) | undefined;

  constructor(options: LineCheckOptions) {
    this.#options = options;
  }

  /** `namesSilent`: a name server has just failed to answer, and is not asked again. `onCause`: once, later. */
  run(namesSilent: boolean, onCause: (cause: Cause) => void): void {
    this.cancel();
    this.#onCause = onCause;
    const { timeServers, host } = this.#options;
    let name = isIpv4(host) ? undefined : host;
    for (const each of timeServers) {
      const isAddress = isIpv4(each);
      if (!isAddress) name = each;
      this.#asked ??= isAddress ? each : this.#options.lastKnown(each)?.[0];
    }
    if (name !== undefined) this.askForTime();
    const waits = name !== undefined && (this.#asked !== undefined || !namesSilent);
    this.#timer = Timer.set(() => this.silent(name !== undefined), waits ? LINE_MS : 0);
    if (name === undefined || namesSilent) return;
    this.#resolution = this.#options.resolve({
      host: name,
      anew: true,
      onResolved: () => this.finish("cloud"),
      onFailure: (reason) => {
        this.#resolution = undefined;
        if (reason === "no-such-name" || reason === "no-address") this.finish("cloud");
        else if (this.#asked === undefined) this.silent(true);
      },
    });
  }

  /** Gives up silently. */
  cancel(): void {
    Timer.clear(this.#timer);
    this.#resolution?.cancel();
    this.#socket?.close();
    this.#timer = this.#resolution = this.#socket = this.#asked = this.#onCause = undefined;
  }

  private askForTime(): void {
    if (this.#asked === undefined) return;
    try {
      this.#socket = new this.#options.UDP({ onReadable: () => this.receive() });
      const nonce = [this.#options.randomUint32(), this.#options.randomUint32()] as const;
      this.#socket.write(formatRequest(nonce), this.#asked, SNTP_PORT);
    } catch {
      // No route: silence.
    }
  }

  private receive(): void {
    for (;;) {
      const datagram = this.#socket?.read();
      if (!datagram) return;
      if (datagram.address !== this.#asked || datagram.port !== SNTP_PORT) continue;
      this.#options.onHeard();
      return this.finish("cloud");
    }
  }

  private silent(names: boolean): void {
    this.finish(causeOfSilence(names, this.#asked !== undefined, isIpv4(this.#options.host)));
  }

  private finish(cause: Cause): void {
    const onCause = this.#onCause;
    this.cancel();
    onCause?.(cause);
  }
}
