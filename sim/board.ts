// The simulated board: what `modules/board` is on the host. Everything real of it is on the machine.
import type { Board } from "../modules/board/board";
import type { Sensor } from "../modules/sensor/sensor";
import type { BoardParts } from "./device/board-parts";
import { requireMachine } from "./sdk/machine";
import { tlsStandIn } from "./virtual/tls-stand-in";

export function openBoard(): Board {
  const parts = requireMachine().board as BoardParts;
  return {
    name: "simulated board",
    resetReason: parts.resetReason,
    openLed: () => ({
      write: ({ r, g, b }) => parts.wire.post({ t: "led", r, g, b }),
      close: () => parts.wire.post({ t: "led", r: 0, g: 0, b: 0 }),
    }),
    readButton: parts.buttonPressed,
    openRadio: () => parts.radio,
    openAccessPoint: () => parts.accessPoint,
    openSensor: () => parts.sensor ?? NO_SENSOR,
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

/** What is there when no sensor is plugged in. */
const NO_SENSOR: Sensor = {
  model: "none",
  fault: "no sensor found",
  sample: () => undefined,
  close: () => {},
};
