import { busSteps, type I2cClass } from "../../selftest/bus-steps";
import { buttonStep, flashStep, memoryStep } from "../../selftest/hardware-steps";
import { scanStep } from "../../selftest/network-steps";
import { SelfTest, type Step } from "../../selftest/self-test";
import type { Check, Tests } from "./tests";

/** NOR flash in RAM: writes clear bits, erasing sets them. */
class Flash {
  readonly bytes: Uint8Array;
  /** A bit that stays set whatever is written. */
  worn: number | undefined;

  constructor(blank: readonly boolean[]) {
    this.bytes = new Uint8Array(blank.length * 256).fill(0xff);
    blank.forEach((is, block) => {
      if (!is) this.bytes[block * 256 + 7] = 0;
    });
  }
  status() {
    return { size: this.bytes.length, blockLength: 256 };
  }
  read(into: Uint8Array, at: number) {
    into.set(this.bytes.subarray(at, at + into.length));
  }
  write(bytes: Uint8Array, at: number) {
    for (let i = 0; i < bytes.length; i++) this.bytes[at + i] = this.bytes[at + i]! & bytes[i]!;
    if (this.worn !== undefined) this.bytes[this.worn] = 0xff;
  }
  eraseBlock(block: number) {
    this.bytes.fill(0xff, block * 256, (block + 1) * 256);
  }
  close() {}
}

/** Somebody at two addresses; nobody elsewhere, as the SDK tells it. */
class Bus {
  #address: number;

  constructor({ address }: { readonly address: number }) {
    this.#address = address;
  }
  write(): number | undefined {
    return this.#address === 0x44 || this.#address === 0x59 ? undefined : 1;
  }
  close() {}
}

const run = (steps: readonly Step[], onEnd: (report: readonly string[], printed: string[]) => void): void => {
  const printed: string[] = [];
  const print = (line: string) => {
    printed.push(line);
  };
  new SelfTest({ title: "title", steps, print, onEnd: (report) => onEnd(report, printed) }).start();
};
const withoutTime = (line: string | undefined): string => line?.replace(/ \(\d+ ms\)$/, "") ?? "";

export default function selfTest({ later }: Tests): void {
  later("a report has one line a step, whether it ends, throws, or does not", (check: Check, done) => {
    const steps: Step[] = [
      { name: "good", limitMs: 1_000, run: (end) => void end("ok", "as it should be") as undefined },
      {
        name: "throws",
        limitMs: 1_000,
        run: () => {
          throw new Error("no bus");
        },
      },
      { name: "hangs", limitMs: 20, run: () => undefined },
      { name: "after", limitMs: 1_000, run: (end) => void end("skipped", "no reason") as undefined },
    ];
    run(steps, (report, printed) => {
      check.equal(report.map(withoutTime), [
        "title",
        "good      ok       as it should be",
        "throws    failed   Error: no bus",
        "hangs     failed   nothing within 20 ms",
        "after     skipped  no reason",
      ]);
      check.equal(printed.slice(-1 - report.length, -1), [...report]);
      done();
    });
  });

  later("the bus is asked address by address, and says who answered", (check, done) => {
    run(busSteps({ i2c: { io: Bus as unknown as I2cClass, data: 7, clock: 6 } }), (report) => {
      check.equal(withoutTime(report[1]), "i2c       ok       SDA 7, SCL 6: 0x44 0x59");
      done();
    });
  });

  later("flash is tried where nothing lies, and left as it was", (check, done) => {
    const flash = new Flash([false, true, false]);
    const before = flash.bytes.slice();
    run([flashStep(() => flash)], (report) => {
      check.ok(/^flash {5}ok {7}256 bytes at 256: /.test(report[1]!), report[1]!);
      check.equal(flash.bytes, before);
      done();
    });
  });

  later("flash that reads back wrong fails, and flash that is full is left alone", (check, done) => {
    const worn = new Flash([true]);
    worn.worn = 3;
    const full = new Flash([false, false]);
    const before = full.bytes.slice();
    run([flashStep(() => worn), flashStep(() => full)], (report) => {
      check.ok(report[1]!.includes("failed") && report[1]!.includes("1 read back wrong"), report[1]!);
      check.ok(report[2]!.includes("skipped"), report[2]!);
      check.equal(full.bytes, before);
      done();
    });
  });

  later("button, memory and radio say what they found, and no network's name", (check, done) => {
    let looks = 0;
    const radio = {
      scan: (_: object, onComplete: (found: object[]) => void) =>
        onComplete([
          { ssid: "Secret", rssi: -70, channel: 1 },
          { ssid: "Nearer", rssi: -48, channel: 6 },
        ]),
    };
    const steps = [
      buttonStep(() => ++looks > 2 && looks < 5),
      memoryStep({ heap: () => ({ free: 100, lowest: 50 }), stackLeft: () => 3_000 }),
      memoryStep({ heap: () => undefined, stackLeft: () => undefined }),
      scanStep(radio as never),
    ];
    run(steps, (report) => {
      check.ok(/^button {4}ok {7}held for \d+ ms/.test(report[1]!), report[1]!);
      check.equal(
        withoutTime(report[2]),
        "memory    ok       heap 100 bytes free, 50 at the least; stack 3000 bytes never used",
      );
      check.ok(report[3]!.includes("skipped"), report[3]!);
      check.equal(
        withoutTime(report[4]),
        "radio     ok       2 access points, the strongest -48 dBm on channel 6",
      );
      done();
    });
  });
}
