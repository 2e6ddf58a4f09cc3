import { renameSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { Answers } from "../carried/answers";
import type { ToCarried } from "../carried/messages";
import type { PoweredBoard } from "../device/worker-board";
import type { FromDevice, ToDevice } from "../world/wire";
import { formatLine, Lines, parseLine } from "../world/wire-line";
import { CarriedTls } from "./carried-tls";

/** Characters of a message that has no end yet. */
const LONGEST_LINE = 1 << 20;

/** What runs the firmware outside this process: begins a life of the board, and ends it wherever it is. */
export interface Supply {
  on(life: number): void;
  off(): Promise<void>;
}

/**
 * A board in another process, which reaches this world over loopback (sim/moddable/world/). It reads port and life from
 * `life.json` in `folder`, where its flash is too; a connection of an earlier life is refused.
 */
export async function linkedBoard(options: {
  readonly folder: string;
  readonly mac: string;
  readonly sensorSeed: number;
  readonly supply: Supply;
  /** The simulator has no cryptography of its own: this process does it for the board. */
  readonly carried?: boolean;
  /** The process ended, or let go of the wire, with the power on. */
  onLost(): void;
}): Promise<PoweredBoard> {
  const { folder, mac, sensorSeed, supply, carried = false } = options;
  let life = 0;
  let on = false;
  let current: Socket | undefined;

  const server = createServer((socket) => {
    const lines = new Lines();
    let known = false;
    let over = false;
    socket.setEncoding("utf8");
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => {
      if (current !== socket) return;
      current = undefined;
      if (on) options.onLost();
    });
    socket.on("data", (text: string) => {
      for (const line of lines.take(text)) {
        if (over) break;
        if (known) {
          if (current === socket) over = !hear(line);
        } else if (on && line === String(life)) {
          known = true;
          current?.destroy();
          current = socket;
        } else over = true;
      }
      // Whoever begins otherwise is no board: a web page can send requests here, with any lines after the first.
      if (over || lines.waiting > LONGEST_LINE) socket.destroy();
    });
  });
  /** False: no message. */
  const hear = (line: string): boolean => {
    let message: FromDevice;
    try {
      message = parseLine<FromDevice>(line, fromBase64);
    } catch {
      return false;
    }
    if (!tls?.take(message)) board.onMessage(message);
    return true;
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // With the power off nobody waits for a board.
  server.unref();
  const { port } = server.address() as { port: number };

  const send = (message: ToDevice | ToCarried): void => {
    current?.write(`${formatLine(message, toBase64)}\n`);
  };
  let tls: CarriedTls | undefined;
  let answers: Answers | undefined;
  const board: PoweredBoard = {
    get on() {
      return on;
    },
    onMessage: () => {},
    post: (message: ToDevice) => {
      if (!tls?.takeFromWorld(message)) send(message);
    },
    powerOn(resetReason = "power-on") {
      if (on) return;
      on = true;
      life += 1;
      if (carried) {
        tls = new CarriedTls({ toBoard: send, toWorld: (message) => board.onMessage(message) });
        answers = new Answers(folder);
      }
      replaceFile(join(folder, "life.json"), JSON.stringify({ port, life, mac, resetReason, sensorSeed }));
      supply.on(life);
    },
    async powerOff() {
      on = false;
      const last = current;
      current = undefined;
      last?.destroy();
      tls?.close();
      answers?.close();
      await supply.off();
    },
  };
  return board;
}

/** A file that its reader finds whole, as it was or as it is now. */
export function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));
