import type vm from "node:vm";
import type { TlsIdentity } from "../../modules/network/socket";
import type { Sensor, SensorChoice } from "../../modules/sensor/sensor";
import type { Measurement } from "../../modules/telemetry/reading";
import type { RoomName } from "../air/rooms";
import { type Booted, FirmwareFlash } from "../boot/firmware-flash";
import { type BoardParts, boardParts } from "../device/board-parts";
import { bootFirmware, ScriptCache, sourceOf } from "../device/firmware";
import { nodeCredentials } from "../device/node-credentials";
import { nodeSignatures } from "../device/node-signatures";
import { PowerCut } from "../device/power-line";
import { WiredNetwork } from "../device/wired-network";
import type { PoweredBoard } from "../device/worker-board";
import type { ModelName } from "../models/names";
import { SimulatedModel } from "../models/simulated-model";
import type { Machine, MachineStorage } from "../sdk/machine";
import { trustedUntil } from "../tls/tls-socket";
import type { DeviceEnd, Failure, FromDevice, ToDevice } from "../world/wire";
import type { SeededRandom, VirtualTime } from "./virtual-time";

/** One way over the air and through the stack. */
const WIRE_MS = 2;

/** Many boards of a test boot the same few images. */
const images = new ScriptCache();

/** A life of the board: what it set in motion ends with it. */
class Life {
  readonly timers = new Set<unknown>();
  over = false;
  /** Nothing of it moves any more, and the power is on. */
  failed = false;
  readonly bootedAt: number;
  wallClock = { at: 0, ms: 0 };
  booted: Booted | undefined;

  constructor(bootedAt: number) {
    this.bootedAt = bootedAt;
    this.wallClock.at = bootedAt;
  }
}

export interface VirtualBoard extends PoweredBoard {
  /** Timers that the firmware holds. */
  readonly timers: number;
  /** Its firmware has ended, and it has not been reset yet. */
  readonly isFailed: boolean;
  /** What runs. */
  readonly booted: Booted | undefined;
  /** Errors that images from updates ended with; one of the firmware under test is thrown. */
  readonly crashes: readonly Error[];
  /** Its firmware ends, or stands still, where it is. */
  fail?(how: Failure): void;
  /** The power went in the middle of a turn: whoever holds the plug takes it from there. */
  onPowerCut: () => void;
}

/** A board on virtual time, in this thread. Its flash is `storage`, which outlives its power cuts. */
export function virtualBoard(options: {
  /** Flashed by cable. */
  firmware: vm.Script;
  time: VirtualTime;
  random: SeededRandom;
  storage: MachineStorage;
  mac: string;
  identity: Uint8Array | undefined;
  sensors: readonly Sensor[];
  /** A board with its own file and drivers, in place of `sensors`. */
  model?: { readonly name: ModelName; air(room: RoomName): Measurement };
  wins?: SensorChoice;
  button?: boolean;
  /** What the firmware knows is told. Default: no. */
  readonly watched?: boolean;
  canUse?: (identity: TlsIdentity) => boolean;
  /** What an image really runs; default: its text. */
  expandImage?: (text: string) => string;
  /** In place of what the identity's authorities say. */
  trustedUntilMs?: number;
  /** Asked after every turn of the firmware: true when the power went in the middle of it (nor-flash.ts). */
  powerWent?(): boolean;
  /** Told what the firmware writes to its console as it writes it: on its way, a power cut swallows it. */
  onWrite?(text: string): void;
  /** Milliseconds that `Time.ticks` starts at: near a wrap, say. */
  ticksAtBoot?: number;
}): VirtualBoard {
  const { time, random } = options;
  const flash = new FirmwareFlash(options.storage, sourceOf(options.firmware));
  const crashes: Error[] = [];
  const expand = options.expandImage ?? ((text) => text);
  let life: Life | undefined;
  let wire: DeviceEnd | undefined;
  let parts: BoardParts | undefined;

  /** What is new may be bad; in what was flashed by cable an error is the test's. */
  const crashed = (error: Error): void => {
    if (life?.booted?.hash === undefined) throw error;
    crashes.push(error);
    parts?.fail("abort");
  };

  /** One turn of the firmware. */
  const turn = (action: () => void): void => {
    try {
      action();
    } catch (error) {
      if (!(error instanceof PowerCut)) crashed(error as Error);
    }
    if (options.powerWent?.()) board.onPowerCut();
  };

  const start = (resetReason: string): void => {
    const current = new Life(time.now());
    life = current;
    const end: DeviceEnd = {
      post: (message: FromDevice) => {
        time.set(() => {
          if (!current.over) board.onMessage(message);
        }, WIRE_MS);
      },
      onMessage: () => {},
    };
    wire = end;
    const network = new WiredNetwork(end);
    const stop = (): void => {
      for (const timer of current.timers) time.clear(timer);
      current.timers.clear();
      end.onMessage = () => {};
      current.failed = true;
    };
    const own = boardParts({
      wire: end,
      mac: options.mac,
      sensors: options.sensors,
      wins: options.wins,
      identity: options.identity,
      resetReason,
      button: options.button ?? false,
      watched: options.watched ?? false,
      ...(options.model && { model: new SimulatedModel(options.model.name, options.model.air) }),
      ...(options.canUse && { canUse: options.canUse }),
      trustedUntil: (identity) => options.trustedUntilMs ?? trustedUntil(identity),
      randomBytes: (count) => random.bytes(count),
      signatures: nodeSignatures,
      credentials: nodeCredentials(() => machine.wallClock.get()),
      coreDump: options.storage.keyValue("coredump"),
      onFail: stop,
      slots: flash.slots(
        () => current.booted!.slot,
        () => end.post({ t: "restart", reason: "rollback" }),
      ),
    });
    parts = own;
    const machine: Machine = {
      now: () => time.now() - current.bootedAt + (options.ticksAtBoot ?? 0),
      setTimer: (callback, delayMs) => {
        if (current.failed) return undefined;
        const timer = time.set(
          () => {
            current.timers.delete(timer);
            turn(callback);
          },
          Math.max(delayMs, 1),
        );
        current.timers.add(timer);
        return timer;
      },
      clearTimer: (timer) => {
        current.timers.delete(timer);
        time.clear(timer);
      },
      wallClock: {
        get: () => current.wallClock.ms + time.now() - current.wallClock.at,
        set: (ms) => {
          current.wallClock = { at: time.now(), ms };
        },
      },
      trace: (text) => {
        options.onWrite?.(text);
        end.post({ t: "trace", text });
      },
      network,
      storage: options.storage,
      board: own,
    };
    end.onMessage = (message) => {
      turn(() => {
        if (!network.take(message)) own.take(message);
      });
    };
    time.set(() => {
      if (current.over) return;
      turn(() => {
        const booted = flash.boot();
        current.booted = booted;
        if (!booted) throw new Error("no slot has an image that is whole");
        const { hash, text } = booted;
        bootFirmware(hash === undefined ? options.firmware : images.compile(hash, expand(text)), machine);
      });
    }, 0);
  };

  const board: VirtualBoard = {
    get on() {
      return life !== undefined;
    },
    get timers() {
      return life?.timers.size ?? 0;
    },
    get isFailed() {
      return life?.failed ?? false;
    },
    get booted() {
      return life?.booted;
    },
    crashes,
    fail: (how) => parts?.fail(how),
    onMessage: () => {},
    onPowerCut: () => {},
    post: (message: ToDevice) => {
      const to = wire;
      const current = life;
      time.set(() => {
        if (current && !current.over && to) to.onMessage(message);
      }, WIRE_MS);
    },
    powerOn(resetReason = "power-on") {
      if (!life) start(resetReason);
    },
    powerOff() {
      if (life) {
        life.over = true;
        for (const timer of life.timers) time.clear(timer);
      }
      life = undefined;
      wire = undefined;
      return Promise.resolve();
    },
  };
  return board;
}
