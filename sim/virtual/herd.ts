import { Backoff } from "../../modules/base/backoff";
import { silentLogger } from "../../modules/base/logger";
import type { Socket } from "../../modules/network/socket";
import { CloudLink } from "../../mqtt/cloud-link";
import type { SessionFailure } from "../../mqtt/failure";
import { MqttSession } from "../../mqtt/session";
import { installMachine, type Machine } from "../sdk/machine";
import { SeededRandom, VirtualTime } from "./virtual-time";

const SECOND_MS = 1_000;
/** TCP, TLS and CONNACK of a broker that is well. */
const CONNECT_MS = 300;
/** A broker's host that is up refuses a closed port within a round trip. */
const REFUSE_MS = 40;
const CONNACK = Uint8Array.of(0x20, 2, 1, 0);
const PINGRESP = Uint8Array.of(0xd0, 0);
const PINGREQ = 0xc0;

export interface HerdOptions {
  readonly devices: number;
  /** How a device waits before its next attempt: ours, or so many seconds every time. */
  readonly retry: "backoff" | number;
  readonly outageMs: number;
  /** From the loss of the broker. */
  readonly watchMs: number;
  readonly seed: number;
  /** Connections that the broker can open in a second; more are refused. Default: any number. */
  readonly capacity?: number;
}

export interface HerdOutcome {
  /** Connection attempts in each second from the loss of the broker on. */
  readonly attempts: readonly number[];
  /** Devices that were connected at the end of each second. */
  readonly connected: readonly number[];
}

/** Many devices' own link and session (no firmware around them) that lose one broker at the same moment. */
export function runHerd(options: HerdOptions): HerdOutcome {
  const time = new VirtualTime();
  installMachine(timersOn(time));
  try {
    return watch(new Herd(time, options), time, options);
  } finally {
    installMachine(undefined);
  }
}

function watch(herd: Herd, time: VirtualTime, { outageMs, watchMs }: HerdOptions): HerdOutcome {
  // Everybody is online and stable.
  time.run(120 * SECOND_MS);
  herd.lose();
  time.set(() => herd.mend(), outageMs);
  const attempts: number[] = [];
  const connected: number[] = [];
  for (let second = 0; second < watchMs / SECOND_MS; second++) {
    const before = herd.attempts;
    time.run(SECOND_MS);
    attempts.push(herd.attempts - before);
    connected.push(herd.connected);
  }
  return { attempts, connected };
}

class Herd {
  attempts = 0;
  readonly #time: VirtualTime;
  readonly #sockets = new Set<HerdSocket>();
  readonly #capacity: number;
  #isUp = true;
  #second = -1;
  #opened = 0;

  constructor(time: VirtualTime, { devices, retry, seed, capacity = Number.POSITIVE_INFINITY }: HerdOptions) {
    this.#time = time;
    this.#capacity = capacity;
    const random = new SeededRandom(seed);
    for (let device = 0; device < devices; device++) this.#add(device, retry, random);
  }

  get connected(): number {
    let count = 0;
    for (const socket of this.#sockets) if (socket.isUp) count++;
    return count;
  }

  lose(): void {
    this.#isUp = false;
    for (const socket of [...this.#sockets]) socket.end();
  }

  mend(): void {
    this.#isUp = true;
  }

  #add(device: number, retry: HerdOptions["retry"], random: SeededRandom): void {
    const backoff = new Backoff();
    const session = new MqttSession({
      logger: silentLogger,
      clientId: `herd-${device}`,
      protocolVersion: 4,
      keepAliveSeconds: 60,
      onUp: () => link.sessionUp(),
      onDown: (reason) => link.sessionDown(reason),
    });
    const later = (action: () => void) => {
      const timer = this.#time.set(action, 1);
      return { cancel: () => this.#time.clear(timer) };
    };
    const link = new CloudLink<SessionFailure, SessionFailure>({
      log: silentLogger,
      host: () => "broker",
      port: () => 8883,
      identity: { certificateAuthorities: [], certificateChain: [] },
      session,
      openTlsSocket: (callbacks) => this.#open(callbacks),
      onVerified() {},
      resolve: (_host, done) => later(() => done({ addresses: ["192.0.2.1"] })),
      isOfAddress: () => false,
      moreTelling: (_first, second) => second,
      isTimeKnown: () => true,
      diagnose: ({ reason }, done) => later(() => done(reason, "cloud")),
      nextDelayMs: () => (retry === "backoff" ? backoff.nextDelayMs(random.next()) : retry * SECOND_MS),
      onStable: () => backoff.reset(),
      onFailure() {},
    });
    // Spread over the minute before.
    this.#time.set(() => link.start(), random.below(50 * SECOND_MS));
  }

  #open(callbacks: HerdCallbacks): Socket {
    this.attempts++;
    const second = Math.floor(this.#time.now() / SECOND_MS);
    if (second !== this.#second) this.#opened = 0;
    this.#second = second;
    const takes = this.#isUp && ++this.#opened <= this.#capacity;
    const socket = new HerdSocket(this.#time, callbacks, takes, () => this.#sockets.delete(socket));
    this.#sockets.add(socket);
    return socket;
  }
}

interface HerdCallbacks {
  onReadable(bytes: number): void;
  onWritable(bytes: number): void;
  onError(reason: "connect-refused" | "closed"): void;
}

/** The broker's end of a connection, as far as a device that only keeps alive sees it. */
class HerdSocket implements Socket {
  isUp = false;
  readonly #time: VirtualTime;
  readonly #callbacks: HerdCallbacks;
  readonly #onClosed: () => void;
  readonly #timer: unknown;
  #inbox: Uint8Array | undefined;
  #closed = false;

  constructor(time: VirtualTime, callbacks: HerdCallbacks, takes: boolean, onClosed: () => void) {
    this.#time = time;
    this.#callbacks = callbacks;
    this.#onClosed = onClosed;
    this.#timer = takes
      ? time.set(() => callbacks.onWritable(4_096), CONNECT_MS)
      : time.set(() => this.#fail("connect-refused"), REFUSE_MS);
  }

  end(): void {
    this.#fail("closed");
  }

  read(): ArrayBuffer | undefined {
    const bytes = this.#inbox;
    this.#inbox = undefined;
    return bytes?.slice().buffer;
  }

  write(bytes: Uint8Array): void {
    this.#time.set(() => {
      if (this.#closed) return;
      this.isUp = true;
      this.#inbox = bytes[0] === PINGREQ ? PINGRESP : CONNACK;
      this.#callbacks.onReadable(this.#inbox.length);
    }, REFUSE_MS);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.isUp = false;
    this.#time.clear(this.#timer);
    this.#onClosed();
  }

  #fail(reason: "connect-refused" | "closed"): void {
    if (this.#closed) return;
    this.close();
    this.#callbacks.onError(reason);
  }
}

/** A machine that is nothing but a clock. */
function timersOn(time: VirtualTime): Machine {
  return {
    now: () => time.now(),
    setTimer: (callback: () => void, delayMs: number) => time.set(callback, Math.max(delayMs, 1)),
    clearTimer: (timer: unknown) => time.clear(timer),
  } as Machine;
}
