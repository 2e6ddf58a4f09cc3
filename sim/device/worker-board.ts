import { Worker } from "node:worker_threads";
import type { FromDevice, ToDevice, WorldEnd } from "../world/wire";
import type { WorkerLife } from "./worker";

/** The board as the world holds it: power, and the wire while there is power. */
export interface PoweredBoard extends WorldEnd {
  /** Runs the firmware from its start. No effect while on. */
  powerOn(resetReason?: string): void;
  /** Stops it at once, wherever it is. */
  powerOff(): Promise<void>;
  readonly on: boolean;
}

/** A board in a worker thread. `workerFile` is the bundled `worker.ts`. */
export function workerBoard(options: {
  workerFile: string;
  life: Omit<WorkerLife, "resetReason">;
  onCrash(error: Error): void;
}): PoweredBoard {
  let worker: Worker | undefined;
  const board: PoweredBoard = {
    get on() {
      return worker !== undefined;
    },
    onMessage: () => {},
    post: (message: ToDevice) => worker?.postMessage(message),
    powerOn(resetReason = "power-on") {
      if (worker) return;
      const life: WorkerLife = { ...options.life, resetReason };
      const started = new Worker(options.workerFile, { workerData: life });
      worker = started;
      started.on("message", (message: FromDevice) => {
        if (worker === started) board.onMessage(message);
      });
      started.on("error", (error: Error) => {
        if (worker !== started) return;
        worker = undefined;
        options.onCrash(error);
      });
    },
    async powerOff() {
      const running = worker;
      worker = undefined;
      await running?.terminate();
    },
  };
  return board;
}
