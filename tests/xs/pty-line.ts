import type { SerialPortOptions } from "../../modules/sensor/serial/serial-sensor";
import type { Line } from "./contract/serial";
import Serial from "./linux-serial";
import { closePty, openPty, pathOf, readFrom, writeTo } from "./pty";

/** The SDK's Serial on Linux at one end of a pseudo-terminal. */
export default function openPtyLine(): Line {
  const pty = openPty();
  const device = pathOf(pty);
  return {
    io: class extends Serial {
      constructor(options: SerialPortOptions) {
        super({ ...options, device });
      }
    },
    say: (bytes) => writeTo(pty, bytes),
    heard: () => new Uint8Array(readFrom(pty)),
    close: () => closePty(pty),
  };
}
