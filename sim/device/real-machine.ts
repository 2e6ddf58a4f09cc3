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
    setTimer: (callback: () => void, delayMs: number) => setTimeout(callback, delayMs),
    clearTimer: (timer: unknown) => clearTimeout(timer as NodeJS.Timeout),
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
