// One life of a simulated board in real time: a worker thread from power-on to power cut.
import { randomBytes } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { HouseAir } from "../air/house-air";
import { SimulatedSensor } from "../air/simulated-sensor";
import { type Booted, FirmwareFlash } from "../boot/firmware-flash";
import type { ModelName } from "../models/names";
import { SimulatedModel } from "../models/simulated-model";
import { installMachine } from "../sdk/machine";
import { canUse, openTlsSocket, trustedUntil } from "../tls/tls-socket";
import type { DeviceEnd, FromDevice, ToDevice } from "../world/wire";
import { type BoardParts, boardParts } from "./board-parts";
import { bootFirmware, compileFirmware } from "./firmware";
import { nodeCredentials } from "./node-credentials";
import { nodeSignatures } from "./node-signatures";
import { realMachine } from "./real-machine";

export interface WorkerLife {
  readonly firmware: string;
  readonly folder: string;
  readonly mac: string;
  readonly identity: Uint8Array;
  readonly resetReason: string;
  readonly sensorSeed: number;
  readonly model?: ModelName;
}

const life = workerData as WorkerLife;
const port = parentPort!;
const wire: DeviceEnd = {
  post: (message: FromDevice) => port.postMessage(message),
  onMessage: () => {},
};
port.on("message", (message: ToDevice) => wire.onMessage(message));

const house = new HouseAir({ seed: life.sensorSeed, unixMs: () => Date.now() });
let flash: FirmwareFlash;
let booted: Booted;
const machine = realMachine({
  wire,
  folder: life.folder,
  parts: ({ storage }) => {
    flash = new FirmwareFlash(storage, life.firmware);
    return boardParts({
      wire,
      mac: life.mac,
      watched: true,
      sensors: [new SimulatedSensor({ seed: life.sensorSeed, now: () => Date.now() })],
      ...(life.model && { model: new SimulatedModel(life.model, (room) => house.in(room)) }),
      identity: life.identity,
      resetReason: life.resetReason,
      openTlsSocket,
      canUse,
      trustedUntil,
      randomBytes: (count) => new Uint8Array(randomBytes(count)),
      signatures: nodeSignatures,
      credentials: nodeCredentials(() => machine.wallClock.get()),
      coreDump: storage.keyValue("coredump"),
      slots: flash.slots(
        () => booted.slot,
        () => wire.post({ t: "restart", reason: "rollback" }),
      ),
      onFail: standStill,
    });
  },
});

booted = bootedFrom(flash!);
if (booted.hash !== undefined) process.on("uncaughtException", failed);
bootFirmware(compileFirmware(booted.text), machine);
// The TLS socket is the worker's own module, not the firmware's.
installMachine(machine);

/** @throws Error when the board would reset for ever */
function bootedFrom(slots: FirmwareFlash): Booted {
  const found = slots.boot();
  if (!found) throw new Error("no slot has an image that is whole");
  return found;
}

/** What came by an update may be bad: the board starts anew, as an abort of XS does. Of what is flashed by cable it is told. */
function failed(error: Error): void {
  machine.trace(`${error.message}\n`);
  (machine.board as BoardParts).fail("abort");
}

/** Until the power goes. */
function standStill(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
