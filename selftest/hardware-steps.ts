import Time from "time";
import Timer from "timer";
import type { LedDriver, Rgb } from "../led/led";
import type { Flash } from "../modules/journal/sector-ring";
import type { Step } from "./self-test";

const COLOURS: readonly (readonly [string, Rgb])[] = Object.freeze(
  [
    ["red", { r: 255, g: 0, b: 0 }],
    ["green", { r: 0, g: 255, b: 0 }],
    ["blue", { r: 0, g: 0, b: 255 }],
    ["white", { r: 255, g: 176, b: 240 }],
    ["dark", { r: 0, g: 0, b: 0 }],
  ],
  true,
);
const COLOUR_MS = 1_000;

/** Every colour for a second; whether the lamps show it, and in this order, a person sees. */
export function ledStep(led: LedDriver): Step {
  const names = COLOURS.map(([name]) => name).join(", ");
  return {
    name: "led",
    limitMs: (COLOURS.length + 1) * COLOUR_MS,
    ask: `look at the light: ${names}, a second each`,
    run(end) {
      let at = 0;
      let timer: Timer | undefined;
      const show = (): void => {
        const colour = COLOURS[at++];
        if (!colour) return end("look", `${names}: seen in this order, on every lamp?`);
        led.write(colour[1]);
        timer = Timer.set(show, COLOUR_MS);
      };
      show();
      return () => Timer.clear(timer);
    },
  };
}

/** Nobody has to press it: 15 s without is a line of the report, and no failure. */
const PRESS_MS = 15_000;
const SAMPLE_MS = 20;

export function buttonStep(read: (() => boolean) | undefined): Step {
  return {
    name: "button",
    limitMs: PRESS_MS + 15_000,
    ask: "press the button and let it go",
    run(end) {
      if (!read) {
        end("skipped", "this board has none");
        return undefined;
      }
      const start = Time.ticks;
      let pressedAt: number | undefined;
      const timer = Timer.repeat(() => {
        if (read()) pressedAt ??= Time.ticks;
        else if (pressedAt !== undefined) end("ok", `held for ${Time.delta(pressedAt)} ms`);
        else if (Time.delta(start) > PRESS_MS) end("look", "not pressed: try again if it was");
      }, SAMPLE_MS);
      return () => Timer.clear(timer);
    },
  };
}

/** Writes into a sector that holds nothing, and leaves it as it was: no reading is lost. */
export function flashStep(open: () => Flash): Step {
  return {
    name: "flash",
    limitMs: 10_000,
    run(end) {
      const flash = open();
      try {
        const { size, blockLength } = flash.status();
        const block = lastBlank(flash, size / blockLength, blockLength);
        if (block === undefined) {
          end("skipped", "no blank sector: the readings in it are worth more");
          return undefined;
        }
        const at = block * blockLength;
        const pattern = Uint8Array.from({ length: blockLength }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
        let start = Time.ticks;
        flash.write(pattern, at);
        const written = Time.delta(start);
        const differ = countOf(bytesOf(flash, at, blockLength), (byte, i) => byte !== pattern[i]);
        start = Time.ticks;
        flash.eraseBlock(block);
        const erased = Time.delta(start);
        const left = countOf(bytesOf(flash, at, blockLength), (byte) => byte !== 0xff);
        const text = `${blockLength} bytes at ${at}: written in ${written} ms, erased in ${erased} ms`;
        if (differ + left > 0)
          end("failed", `${text}; ${differ} read back wrong, ${left} left after erasing`);
        else end("ok", text);
      } finally {
        flash.close();
      }
      return undefined;
    },
  };
}

function lastBlank(flash: Flash, blocks: number, length: number): number | undefined {
  for (let block = blocks - 1; block >= 0; block--)
    if (countOf(bytesOf(flash, block * length, length), (byte) => byte !== 0xff) === 0) return block;
  return undefined;
}

function countOf(bytes: Uint8Array, counts: (byte: number, at: number) => boolean): number {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) if (counts(bytes[i]!, i)) count++;
  return count;
}

/** Of the chip, with all that the steps before have used. */
export interface Memory {
  heap(): { readonly free: number; readonly lowest: number } | undefined;
  /** Bytes of the machine's stack that were never used; `undefined`: the platform does not tell. */
  stackLeft(): number | undefined;
}

export function memoryStep({ heap, stackLeft }: Memory): Step {
  return {
    name: "memory",
    limitMs: 1_000,
    run(end) {
      const bytes = heap();
      const left = stackLeft();
      if (!bytes) end("skipped", "this platform does not tell");
      else
        end(
          "ok",
          `heap ${bytes.free} bytes free, ${bytes.lowest} at the least; stack ${left ?? "?"} bytes never used`,
        );
      return undefined;
    },
  };
}

function bytesOf(flash: Flash, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  flash.read(bytes, at);
  return bytes;
}
