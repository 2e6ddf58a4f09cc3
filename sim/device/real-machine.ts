import type { Machine } from "../sdk/machine";
import type { DeviceEnd } from "../world/wire";
import type { BoardParts } from "./board-parts";
import { FolderStorage } from "./storage";
import { WiredNetwork } from "./wired-network";

/** A board in real time, its network at the other end of `wire`, its flash in `folder`. */
export function realMachine(options: {
  wire: DeviceEnd;
  folder: string;
  parts(machine: Machine): BoardParts;
}): Machine {
  const { wire } = options;
  const start = performance.now();
  let setAt = start;
  let setTo = 0;
  const network = new WiredNetwork(wire);
  const machine = {
    now: () => performance.now() - start,
    setTimer: (callback: () => void, delayMs: number) => new PunctualTimer(callback, delayMs),
    clearTimer: (timer: unknown) => (timer as PunctualTimer | undefined)?.clear(),
    wallClock: {
      get: () => setTo + performance.now() - setAt,
      set: (unixMs: number) => {
        setAt = performance.now();
        setTo = unixMs;
      },
    },
    trace: (text: string) => wire.post({ t: "trace", text }),
    network,
    storage: new FolderStorage(options.folder),
    board: undefined as unknown,
  };
  const parts = options.parts(machine);
  machine.board = parts;
  wire.onMessage = (message) => {
    if (!network.take(message)) parts.take(message);
  };
  return machine;
}

/** Node's timers come up to a millisecond early; the SDK's never, and sensors that are asked too early do not answer. */
class PunctualTimer {
  #timer: NodeJS.Timeout;

  constructor(callback: () => void, delayMs: number) {
    const due = performance.now() + delayMs;
    const fire = (): void => {
      if (performance.now() >= due) callback();
      else this.#timer = setTimeout(fire, 1);
    };
    this.#timer = setTimeout(fire, delayMs);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
