import type { AccessPointInfo, RadioConnectOptions } from "../../../wifi/radio";
import type { FromDevice, ToDevice } from "../../world/wire";
import type { VirtualBoard } from "../virtual-board";
import type { SeededRandom, VirtualTime } from "../virtual-time";

/** One way over the air and through the stack, as a board of ours has it (virtual-board.ts). */
const WIRE_MS = 2;

/** What a model of somebody else's firmware hears of its radio. */
export interface RivalFirmware {
  disconnected(reason: number): void;
  /** It has an address, and this name server. */
  addressed(nameServer: string): void;
}

/** The chip under such a firmware, from a boot to a restart: radio, sockets and timers, all over with it. */
export interface Chip {
  readonly random: SeededRandom;
  now(): number;
  /** Returns what takes it back. */
  after(ms: number, action: () => void): () => void;
  scan(onFound: (found: readonly AccessPointInfo[]) => void): void;
  join(options: RadioConnectOptions): void;
  leave(): void;
  restart(): void;
  /** Opens a UDP port for answers; returns what closes it. */
  openUdp(onData: (bytes: Uint8Array) => void): {
    send(bytes: Uint8Array, address: string, port: number): void;
    close(): void;
  };
  openTcp(
    address: string,
    port: number,
    callbacks: { onOpen(): void; onData(bytes: Uint8Array): void; onEnd(): void },
  ): { send(bytes: Uint8Array): void; close(): void };
  /** Lights up blue while it is connected, as ours does: who looks at the light sees no difference. */
  show(online: boolean): void;
}

/** A board with a model of somebody else's firmware on it, in place of one of ours. */
export function rivalBoard(
  time: VirtualTime,
  random: SeededRandom,
  boot: (chip: Chip) => RivalFirmware,
): VirtualBoard {
  let life: Life | undefined;
  const board: VirtualBoard = {
    get on() {
      return life !== undefined;
    },
    timers: 0,
    isFailed: false,
    booted: undefined,
    crashes: [],
    onMessage: () => {},
    onPowerCut: () => {},
    post: (message) => {
      const to = life;
      time.set(() => to?.take(message), WIRE_MS);
    },
    powerOn: () => {
      const begun = new Life(time, random, (message) => board.onMessage(message));
      life = begun;
      time.set(() => {
        if (!begun.over) begun.firmware = boot(begun);
      }, 0);
    },
    powerOff: () => {
      if (life) life.over = true;
      life = undefined;
      return Promise.resolve();
    },
  };
  return board;
}

class Life implements Chip {
  over = false;
  firmware: RivalFirmware | undefined;
  readonly random: SeededRandom;
  readonly #time: VirtualTime;
  readonly #send: (message: FromDevice) => void;
  readonly #udp = new Map<number, (bytes: Uint8Array) => void>();
  readonly #tcp = new Map<number, Parameters<Chip["openTcp"]>[2]>();
  #onFound: ((found: readonly AccessPointInfo[]) => void) | undefined;
  #lastId = 0;

  constructor(time: VirtualTime, random: SeededRandom, onMessage: (message: FromDevice) => void) {
    this.#time = time;
    this.random = random;
    this.#send = (message) => {
      time.set(() => {
        if (!this.over) onMessage(message);
      }, WIRE_MS);
    };
  }

  take(message: ToDevice): void {
    if (this.over) return;
    if (message.t === "scan-result") this.#onFound?.(message.found);
    else if (message.t === "udp-data") this.#udp.get(message.port)?.(message.bytes);
    else if (message.t === "tcp-opened") this.#tcp.get(message.id)?.onOpen();
    else if (message.t === "tcp-data") this.#tcp.get(message.id)?.onData(message.bytes);
    else if (message.t === "tcp-end") {
      const ended = this.#tcp.get(message.id);
      this.#tcp.delete(message.id);
      ended?.onEnd();
    } else if (message.t === "radio") {
      const { event } = message;
      if (event.type === "disconnected") this.firmware?.disconnected(event.reason);
      else if (event.type === "address") this.firmware?.addressed(event.dns[0]!);
    }
  }

  now(): number {
    return this.#time.now();
  }

  after(ms: number, action: () => void): () => void {
    const timer = this.#time.set(() => {
      if (!this.over) action();
    }, ms);
    return () => this.#time.clear(timer);
  }

  scan(onFound: (found: readonly AccessPointInfo[]) => void): void {
    this.#onFound = onFound;
    this.#send({ t: "scan", id: ++this.#lastId });
  }

  join(options: RadioConnectOptions): void {
    this.#send({ t: "join", options });
  }

  leave(): void {
    this.#send({ t: "leave" });
  }

  restart(): void {
    this.#send({ t: "restart", reason: "rival" });
  }

  openUdp(onData: (bytes: Uint8Array) => void): ReturnType<Chip["openUdp"]> {
    const id = ++this.#lastId;
    const port = 40_000 + (id % 20_000);
    this.#udp.set(port, onData);
    this.#send({ t: "udp-open", id, port });
    return {
      send: (bytes, address, to) => this.#send({ t: "udp-send", id, bytes, address, port: to }),
      close: () => {
        this.#udp.delete(port);
        this.#send({ t: "udp-close", id });
      },
    };
  }

  openTcp(
    address: string,
    port: number,
    callbacks: Parameters<Chip["openTcp"]>[2],
  ): ReturnType<Chip["openTcp"]> {
    const id = ++this.#lastId;
    this.#tcp.set(id, callbacks);
    this.#send({ t: "tcp-open", id, address, port });
    return {
      send: (bytes) => this.#send({ t: "tcp-data", id, bytes }),
      close: () => {
        this.#tcp.delete(id);
        this.#send({ t: "tcp-close", id });
      },
    };
  }

  show(online: boolean): void {
    this.#send({ t: "led", r: 0, g: 0, b: online ? 255 : 0 });
  }
}
