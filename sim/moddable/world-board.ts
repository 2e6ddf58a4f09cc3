import FlashStorage from "embedded:storage/flash";
import type { Board } from "../../modules/board/board";
import { readIdentityImage } from "../../modules/identity/identity";
import { SimulatedSensor } from "../../sim/air/simulated-sensor";
import { boardParts } from "../../sim/device/board-parts";
import { BoardWatch } from "../../sim/device/board-watch";
import { WiredNetwork } from "../../sim/device/wired-network";
import { openFileSlots } from "../../sim/moddable/modules/file-slots";
import { readText, requireMachine } from "../../sim/moddable/modules/machine";
import { randomBytes } from "../../sim/moddable/modules/random";
import { openCrypto } from "../../sim/moddable/world/crypto";
import { Link } from "../../sim/moddable/world/link";
import type { ToDevice } from "../../sim/world/wire";

/** The simulator's screen, through which a panel is met; in the headless host too. */
declare const screen: { postMessage(message: string): void; onMessage?: (message: string) => void };

/** What the world wrote down for this life of the board (sim/linked/linked-board.ts). */
interface Life {
  readonly port: number;
  readonly life: number;
  readonly mac: string;
  readonly resetReason: string;
  readonly sensorSeed: number;
}

/** The Moddable simulator in the world of `npm start`: its air, its network and its phone are Node's, its flash is in files. */
export function openBoard(firmware: object): Board {
  const { port, life, mac, resetReason, sensorSeed } = JSON.parse(readText("life.json")) as Life;
  const link = new Link(port, life);
  const crypto = openCrypto(link, life);
  const network = new WiredNetwork(link);
  requireMachine().network = network;

  const sensors = [new SimulatedSensor({ seed: sensorSeed, now: () => Date.now() })];
  const parts = boardParts({
    wire: link,
    mac,
    sensors,
    identity: undefined,
    resetReason,
    randomBytes,
    signatures: crypto.signatures,
    credentials: crypto.credentials,
  });
  new BoardWatch(firmware, (state) => link.post({ t: "state", state }));
  link.onMessage = (message) => {
    if (crypto.take(message)) return;
    const ofWorld = message as ToDevice;
    if (!network.take(ofWorld)) parts.take(ofWorld);
  };
  screen.onMessage = (text) => {
    const { button } = JSON.parse(text) as { button?: boolean };
    if (button !== undefined) parts.take({ t: "button", pressed: button });
  };

  // XS's own trace is silent in a release build.
  Object.assign(globalThis, {
    trace: (...texts: unknown[]) => link.post({ t: "trace", text: texts.join("") }),
  });

  const shine = (r: number, g: number, b: number): void => {
    screen.postMessage(JSON.stringify({ led: [r, g, b] }));
    link.post({ t: "led", r, g, b });
  };

  return {
    name: "Moddable simulator",
    resetReason,
    openLed: () => ({ write: ({ r, g, b }) => shine(r, g, b), close: () => shine(0, 0, 0) }),
    readButton: parts.buttonPressed,
    openRadio: () => parts.radio,
    openAccessPoint: () => parts.accessPoint,
    openSensors: () => sensors,
    openTlsSocket: crypto.openTlsSocket,
    canUse: (identity) => crypto.canUse(identity),
    trustedUntil: (identity) => crypto.trustedUntil(identity),
    randomBytes,
    readIdentity: () => readIdentityImage(FlashStorage.open({ path: "identity", mode: "r" })),
    signatures: crypto.signatures,
    credentials: crypto.credentials,
    openSlots: () =>
      openFileSlots(crypto.signatures, () => link.post({ t: "restart", reason: "the image is given up" })),
    restart: (reason) => link.post({ t: "restart", reason }),
  };
}
