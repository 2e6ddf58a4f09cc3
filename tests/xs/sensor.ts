import Timer from "timer";
import { Sen5x } from "../../modules/sensor/sen5x/sen5x";
import { formatCommand } from "../../modules/sensor/sensirion/words";
import type { Tests } from "./tests";

/** Answers of a SEN54, as words. */
const ANSWERS: Record<number, readonly number[]> = {
  514: [1],
  964: [101, 120, 130, 140, 4500, 4500, 1000, 0x7fff],
  53268: [0x5345, 0x4e35, 0x3400, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  53299: [0x3132, 0x3334, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  53504: [0x0200, 4, 1, 0],
  53776: [0, 0],
};

class Bus {
  command = 0;
  write(bytes: Uint8Array): void {
    this.command = bytes[0]! * 256 + bytes[1]!;
  }
  read(bytes: Uint8Array): void {
    bytes.set(formatCommand(0, ANSWERS[this.command]!).subarray(2, 2 + bytes.length));
  }
}

export default function sensor({ later }: Tests): void {
  later(
    "a SEN5x is identified, started and read",
    (check, done) => {
      const sen5x = new Sen5x({
        sensor: { io: Bus, data: 1, clock: 2 },
        log: {
          error: (line) => check.fail(line),
          warn: (line) => check.fail(line),
          info: (line) => check.equal(line, "SEN54 1234, firmware 2.0"),
          debug: (line) => check.fail(line),
        },
      });
      check.cleanup(() => sen5x.close());
      check.equal(sen5x.fault, "starting");
      const timer = Timer.repeat(() => {
        const values = sen5x.sample();
        if (!values) return;
        check.equal(values, { humidity: 45, temperature: 22.5, voc: 100 });
        check.equal(sen5x.fault, "warming up");
        done();
      }, 100);
      check.cleanup(() => Timer.clear(timer));
    },
    8_000,
  );
}
