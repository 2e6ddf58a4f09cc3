// The portal's servers on the simulator's sockets: the tests that they pass on the SDK's own (npm run test:xs).
import { afterAll, beforeAll } from "vitest";
import { WiredNetwork } from "../../sim/device/wired-network";
import { installMachine, type Machine } from "../../sim/sdk/machine";
import { runSuite } from "../support/contract";
import { LoopbackWire } from "../support/loopback-wire";
import portalServer from "../xs/portal-server";

beforeAll(() => {
  const now = () => performance.now();
  const setTimer = (callback: () => void, delayMs: number) => setTimeout(callback, delayMs);
  const clearTimer = (timer: unknown) => clearTimeout(timer as NodeJS.Timeout);
  const wire = new LoopbackWire();
  const network = new WiredNetwork(wire);
  wire.onMessage = (message) => network.take(message);
  installMachine({ network, now, setTimer, clearTimer } as unknown as Machine);
});
afterAll(() => installMachine(undefined));

runSuite("the portal's servers", portalServer);
