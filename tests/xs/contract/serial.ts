import Timer from "timer";
import type { SerialPort, SerialPortOptions } from "../../../modules/sensor/serial/serial-sensor";
import type { Check, Suite } from "../tests";

/** A serial line: its near end as the SDK has it, its far end for the test. */
export interface Line {
  readonly io: new (options: SerialPortOptions) => SerialPort;
  /** The far end says so. */
  say(bytes: Uint8Array): void;
  /** What came to the far end since the last call. */
  heard(): Uint8Array;
  close(): void;
}

const OPTIONS: SerialPortOptions = { receive: 20, transmit: 21, port: 0, baud: 9600, format: "buffer" };

/**
 * `embedded:io/serial`: what ESP32's (modules/io/serial/esp32) and Linux's (modules/io/serial/lin) have in common, and
 * the drivers build on.
 */
export function serialOver(openLine: () => Line): Suite {
  return ({ test, later }) => {
    test("reads nothing where nothing is", (check) => {
      const { port } = open(check);
      check.equal(port.read(), undefined);
    });

    later("tells of what came, and reads all of it at once", (check, done) => {
      let count = 0;
      const { line, port } = open(check, (there) => {
        count = there;
        check.ok(count > 0, "a count");
        const bytes = port.read();
        check.equal(bytes, new Uint8Array([0x42, 0x4d, 0x00, 0xff]));
        check.equal(port.read(), undefined, "afterwards");
        done();
      });
      line.say(new Uint8Array([0x42, 0x4d, 0x00, 0xff]));
    });

    later("what came while nobody listened waits", (check, done) => {
      const { line, port } = open(check);
      line.say(new Uint8Array([1, 2, 3]));
      const timer = Timer.set(() => {
        check.equal(port.read(), new Uint8Array([1, 2, 3]));
        done();
      }, 100);
      check.cleanup(() => Timer.clear(timer));
    });

    later("writes a buffer, in order", (check, done) => {
      const { line, port } = open(check);
      port.write(new Uint8Array([0xfe, 4, 0]).buffer as ArrayBuffer);
      port.write(new Uint8Array([0x0d, 0x0a, 0xff]).buffer as ArrayBuffer);
      const timer = Timer.set(() => {
        check.equal(line.heard(), new Uint8Array([0xfe, 4, 0, 0x0d, 0x0a, 0xff]));
        done();
      }, 100);
      check.cleanup(() => Timer.clear(timer));
    });

    later("closed, tells of nothing", (check, done) => {
      const { line, port } = open(check, () => check.fail("told"));
      port.close();
      line.say(new Uint8Array([1]));
      const timer = Timer.set(done, 100);
      check.cleanup(() => Timer.clear(timer));
    });

    function open(check: Check, onReadable?: (count: number) => void) {
      const line = openLine();
      const port = new line.io({ ...OPTIONS, ...(onReadable && { onReadable }) });
      check.cleanup(() => line.close());
      check.cleanup(() => port.close());
      return { line, port };
    }
  };
}
