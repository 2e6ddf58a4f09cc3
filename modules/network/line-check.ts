import Timer from "timer";
import type { Resolution, ResolveOptions } from "../names/dns-client";
import { isIpv4 } from "../names/ipv4";
import { formatRequest } from "../time/sntp-message";
import { type Cause, causeOf } from "./line-cause";
import type { UdpClass, UdpSocket } from "./udp";

export interface LineCheckOptions {
  /** The broker's host: a name or an IPv4 literal. */
  readonly host: string;
  /** Time servers: host names or IPv4 literals. */
  readonly timeServers: readonly string[];
  readonly resolve: (
    query: Pick<ResolveOptions, "host" | "fresh" | "onResolved" | "onFailure">,
  ) => Resolution;
  /** Addresses of a name as they were last known, without asking anybody. */
  lastKnown(host: string): readonly string[] | undefined;
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
  /** A time server was. */
  #asked = false;
  #onCause: ((cause: Cause) => void) | undefined;

  constructor(options: LineCheckOptions) {
    this.#options = options;
  }

  /** `namesSilent`: a name server has just failed to answer, and is not asked again. `onCause`: once, later. */
  run(namesSilent: boolean, onCause: (cause: Cause) => void): void {
    this.cancel();
    this.#onCause = onCause;
    const { timeServers, host } = this.#options;
    const name = [...timeServers, host].find((each) => !isIpv4(each));
    if (name === undefined) {
      this.#timer = Timer.set(() => this.finish(this.cause("unasked")), 0);
      return;
    }
    this.askForTime();
    this.#timer = Timer.set(() => this.finish(this.cause("none")), namesSilent && !this.#asked ? 0 : LINE_MS);
    if (namesSilent) return;
    this.#resolution = this.#options.resolve({
      host: name,
      fresh: true,
      onResolved: () => this.finish("cloud"),
      onFailure: (reason) => {
        this.#resolution = undefined;
        if (reason === "no-such-name" || reason === "no-address") this.finish("cloud");
        else if (!this.#asked) this.finish(this.cause("none"));
      },
    });
  }

  /** Gives up silently. */
  cancel(): void {
    Timer.clear(this.#timer);
    this.#timer = undefined;
    this.#resolution?.cancel();
    this.#resolution = undefined;
    this.#socket?.close();
    this.#socket = this.#onCause = undefined;
    this.#asked = false;
  }

  private askForTime(): void {
    const { timeServers, UDP } = this.#options;
    for (const each of timeServers) {
      const address = isIpv4(each) ? each : this.#options.lastKnown(each)?.[0];
      if (address === undefined) continue;
      this.#asked = true;
      try {
        this.#socket = new UDP({ onReadable: () => this.receive(address) });
        this.#socket.write(
          formatRequest([this.#options.randomUint32(), this.#options.randomUint32()]),
          address,
          SNTP_PORT,
        );
      } catch {
        // No route: silence.
      }
      return;
    }
  }

  private receive(address: string): void {
    for (;;) {
      const datagram = this.#socket?.read();
      if (!datagram) return;
      if (datagram.address === address && datagram.port === SNTP_PORT) return this.finish("cloud");
    }
  }

  private cause(names: "none" | "unasked"): Cause {
    const time = this.#asked ? "none" : "unasked";
    return causeOf({ names, time, byAddress: isIpv4(this.#options.host) });
  }

  private finish(cause: Cause): void {
    const onCause = this.#onCause;
    this.cancel();
    onCause?.(cause);
  }
}
