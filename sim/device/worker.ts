// One life of a simulated board in real time: a worker thread from power-on to power cut.
import { randomBytes } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { bootFirmware, compileFirmware } from "../firmware";
import { installMachine } from "../sdk/machine";
import { SimulatedSensor } from "../simulated-sensor";
import { canUse, openTlsSocket, trustedUntil } from "../tls-socket";
import type { DeviceEnd, FromDevice, ToDevice } from "../world/wire";
import { boardParts } from "./board-parts";
import { nodeSignatures } from "./node-signatures";
import { realMachine } from "./real-machine";

export interface WorkerLife {
  readonly firmware: string;
  readonly folder: string;
  readonly mac: string;
  readonly identity: Uint8Array;
  readonly resetReason: string;
  readonly sensorSeed: number;
}

const life = workerData as WorkerLife;
const port = parentPort!;
const wire: DeviceEnd = {
  post: (message: FromDevice) => port.postMessage(message),
  onMessage: () => {},
};
port.on("message", (message: ToDevice) => wire.onMessage(message));

const machine = realMachine({
  wire,
  folder: life.folder,
  parts: () =>
    boardParts({
      wire,
      mac: life.mac,
      sensor: new SimulatedSensor({ seed: life.sensorSeed, now: () => Date.now() }),
      identity: life.identity,
      resetReason: life.resetReason,
      openTlsSocket,
      canUse,
      trustedUntil,
      randomBytes: (count) => new Uint8Array(randomBytes(count)),
      signatures: nodeSignatures,
    }),
});

bootFirmware(compileFirmware(life.firmware), machine);
// The TLS socket is the worker's own module, not the firmware's.
installMachine(machine);
