import type vm from "node:vm";
import type { TlsIdentity } from "../../modules/network/socket";
import type { Sensor } from "../../modules/sensor/sensor";
import { boardParts } from "../device/board-parts";
import { nodeSignatures } from "../device/node-signatures";
import { WiredNetwork } from "../device/wired-network";
import type { PoweredBoard } from "../device/worker-board";
import { bootFirmware } from "../firmware";
import { PowerCut } from "../nor-flash";
import type { Machine, MachineStorage } from "../sdk/machine";
import { trustedUntil } from "../tls-socket";
import type { DeviceEnd, FromDevice, ToDevice } from "../world/wire";
import type { SeededRandom, VirtualTime } from "./virtual-time";

/** One way over the air and through the stack. */
const WIRE_MS = 2;

/** A life of the board: what it set in motion ends with it. */
class Life {
  readonly timers = new Set<unknown>();
  over = false;
  readonly bootedAt: number;
  wallClock = { at: 0, ms: 0 };

  constructor(bootedAt: number) {
    this.bootedAt = bootedAt;
    this.wallClock.at = bootedAt;
  }
}

export interface VirtualBoard extends PoweredBoard {
  /** Timers that the firmware holds. */
  readonly timers: number;
  /** The power went in the middle of a turn: whoever holds the plug takes it from there. */
  onPowerCut: () => void;
}

/** A board on virtual time, in this thread. Its flash is `storage`, which outlives its power cuts. */
export function virtualBoard(options: {
  firmware: vm.Script;
  time: VirtualTime;
  random: SeededRandom;
  storage: MachineStorage;
  mac: string;
  identity: Uint8Array | undefined;
  sensor: Sensor | undefined;
  button?: boolean;
  canUse?: (identity: TlsIdentity) => boolean;
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
  let life: Life | undefined;
  let wire: DeviceEnd | undefined;

  /** One turn of the firmware. */
  const turn = (action: () => void): void => {
    try {
      action();
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
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
    const parts = boardParts({
      wire: end,
      mac: options.mac,
      sensor: options.sensor,
      identity: options.identity,
      resetReason,
      button: options.button ?? false,
      ...(options.canUse && { canUse: options.canUse }),
      trustedUntil: (identity) => options.trustedUntilMs ?? trustedUntil(identity),
      randomBytes: (count) => random.bytes(count),
      signatures: nodeSignatures,
    });
    const machine: Machine = {
      now: () => time.now() - current.bootedAt + (options.ticksAtBoot ?? 0),
      setTimer: (callback, delayMs) => {
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
      board: parts,
    };
    end.onMessage = (message) => {
      turn(() => {
        if (!network.take(message)) parts.take(message);
      });
    };
    time.set(() => {
      if (!current.over) turn(() => bootFirmware(options.firmware, machine));
    }, 0);
  };

  const board: VirtualBoard = {
    get on() {
      return life !== undefined;
    },
    get timers() {
      return life?.timers.size ?? 0;
    },
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
