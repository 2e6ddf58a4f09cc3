import Timer from "timer";
import { Sen5x } from "../../modules/sensor/sen5x/sen5x";
import { SenseairS8 } from "../../modules/sensor/senseair-s8/senseair-s8";
import { formatCommand } from "../../modules/sensor/sensirion/words";
import openPtyLine from "./pty-line";
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

  later(
    "a Senseair S8 on it is identified and read",
    (check, done) => {
      const line = openPtyLine();
      const sensor = new SenseairS8({
        sensor: { io: line.io, receive: 20, transmit: 21, port: 0 },
        log: {
          error: (text) => check.fail(text),
          warn: (text) => check.fail(text),
          info: (text) => check.equal(text, "S8 06042B1D, firmware 1.3"),
          debug: (text) => check.fail(text),
        },
        settings: { co2SelfCalibration: true },
      });
      check.cleanup(() => line.close());
      check.cleanup(() => sensor.close());
      const timer = Timer.repeat(() => {
        const request = line.heard();
        const answer = request.length > 0 ? S8_ANSWERS[request[3]!] : undefined;
        if (answer) line.say(new Uint8Array(answer));
        const values = sensor.sample();
        if (!values) return;
        check.equal(values, { co2: 400 });
        check.equal(sensor.fault, undefined);
        done();
      }, 20);
      check.cleanup(() => Timer.clear(timer));
    },
    8_000,
  );
}

/** By the register that is asked for; status and CO₂, identity, period. */
const S8_ANSWERS: Record<number, readonly number[]> = {
  0: [0xfe, 0x04, 0x08, 0, 0, 0, 0, 0, 0, 0x01, 0x90, 0x16, 0xe6],
  28: [0xfe, 0x04, 0x06, 0x01, 0x03, 0x06, 0x04, 0x2b, 0x1d, 0xff, 0x06],
  31: [0xfe, 0x03, 0x02, 0, 0xb4, 0xac, 0x27],
};
