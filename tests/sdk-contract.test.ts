// What sim/sdk owes the firmware: the tests that the SDK itself passes on XS (npm run test:xs).
import { afterAll, beforeAll } from "vitest";
import { NorFlash } from "../sim/device/nor-flash";
import { WiredNetwork } from "../sim/device/wired-network";
import { installMachine, type Machine, type StoredValue } from "../sim/sdk/machine";
import Serial from "../sim/sdk/serial";
import { runSuite } from "./support/contract";
import { LoopbackWire } from "./support/loopback-wire";
import flash from "./xs/contract/flash";
import keyValue from "./xs/contract/key-value";
import { type Line, serialOver } from "./xs/contract/serial";
import tcp from "./xs/contract/tcp";
import text from "./xs/contract/text";
import timers from "./xs/contract/timers";
import udp from "./xs/contract/udp";
import namesAndTime from "./xs/names-and-time";

const spaces = new Map<string, Map<string, StoredValue>>();
const journal = new NorFlash({ byteLength: 576 * 1024 });
const storage: Machine["storage"] = {
  keyValue(path) {
    const space = spaces.get(path) ?? new Map<string, StoredValue>();
    spaces.set(path, space);
    return space;
  },
  flash: (path) => (path === "journal" ? journal : undefined),
};

beforeAll(() => {
  const now = () => performance.now();
  const setTimer = (callback: () => void, delayMs: number) => setTimeout(callback, delayMs);
  const clearTimer = (timer: unknown) => clearTimeout(timer as NodeJS.Timeout);
  const wire = new LoopbackWire();
  const network = new WiredNetwork(wire);
  wire.onMessage = (message) => network.take(message);
  installMachine({ network, now, setTimer, clearTimer, storage } as unknown as Machine);
});
afterAll(() => installMachine(undefined));

runSuite("timer and time", timers);
runSuite("text encoding", text);
runSuite("key-value storage", keyValue);
runSuite("flash", flash);
runSuite("TCP and listener", tcp);
runSuite("UDP", udp);
runSuite("serial", serialOver(openSimLine));
runSuite("resolver and time", namesAndTime);

/** The far end of a line of sim/sdk/serial.ts. */
function openSimLine(): Line {
  let send: ((bytes: Uint8Array) => void) | undefined;
  const heard: number[] = [];
  Serial.plugged.set(0, {
    attach(to) {
      send = to;
    },
    take: (bytes) => heard.push(...bytes),
    detach() {},
  });
  return {
    io: Serial as unknown as Line["io"],
    say: (bytes) => send!(bytes),
    heard: () => Uint8Array.from(heard.splice(0)),
    close: () => Serial.plugged.delete(0),
  };
}
