// The simulated board: what `modules/board` is on the host. Everything real of it is on the machine.
import type { Board } from "../../modules/board/board";
import { plugIn } from "../models/plugged";
import { type MachinePins, requireMachine } from "../sdk/machine";
import { tlsStandIn } from "../virtual/tls-stand-in";
import type { DeviceEnd } from "../world/wire";
import type { BoardParts } from "./board-parts";
import { BoardWatch } from "./board-watch";

export function openBoard(firmware: object): Board {
  const machine = requireMachine();
  const parts = machine.board as BoardParts;
  if (parts.watched) new BoardWatch(firmware, (state) => parts.wire.post({ t: "state", state }));
  const { model } = parts;
  const plugged = model && plugIn(model.name, machine, { air: model.air, now: () => machine.now() });
  if (plugged) {
    machine.pins = new WiredPins(parts.wire);
    model.onPlugged(plugged.twins);
  }
  const own = plugged?.board;
  return {
    name: own ? `simulated ${own.name}` : "simulated board",
    resetReason: parts.resetReason,
    openLed: () =>
      own?.openLed() ?? {
        write: ({ r, g, b }) => parts.wire.post({ t: "led", r, g, b }),
        close: () => parts.wire.post({ t: "led", r: 0, g: 0, b: 0 }),
      },
    readButton: parts.buttonPressed,
    openRadio: () => parts.radio,
    openAccessPoint: () => parts.accessPoint,
    openSensors: (log, settings) => own?.openSensors(log, settings) ?? parts.sensors,
    ...((own?.wins ?? parts.wins) && { wins: own?.wins ?? parts.wins! }),
    watchdog: own?.openWatchdog?.(),
    openTlsSocket: parts.openTlsSocket ?? tlsStandIn,
    canUse: parts.canUse,
    trustedUntil: parts.trustedUntil,
    randomBytes: parts.randomBytes,
    readIdentity: () => parts.identity?.slice().buffer as ArrayBuffer | undefined,
    signatures: parts.signatures,
    credentials: parts.credentials,
    openSlots: () => parts.slots,
    lastCrash: () => parts.lastCrash(),
    restart: (reason) => parts.wire.post({ t: "restart", reason }),
  };
}

/** What the board's outputs do is seen in the room. */
class WiredPins implements MachinePins {
  #wire: DeviceEnd;

  constructor(wire: DeviceEnd) {
    this.#wire = wire;
  }

  digital(pin: number, level: 0 | 1): void {
    this.#wire.post({ t: "pin", pin, level });
  }

  /** @throws Error when the lamps of a bar differ: a light has one meaning */
  pixels(_pin: number, bytes: readonly number[]): void {
    const [g = 0, r = 0, b = 0] = bytes;
    if (bytes.some((byte, i) => byte !== bytes[i % 3])) throw new Error(`lamps that differ: ${bytes}`);
    this.#wire.post({ t: "led", r, g, b });
  }

  duty(_pin: number, share: number): void {
    const level = Math.round(255 * share);
    this.#wire.post({ t: "led", r: level, g: level, b: level });
  }
}
