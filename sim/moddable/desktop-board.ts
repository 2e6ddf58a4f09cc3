import TCP from "embedded:io/socket/tcp";
import FlashStorage from "embedded:storage/flash";
import config from "mc/config";
import Timer from "timer";
import type { LedDriver } from "../../led/led";
import type { Board } from "../../modules/board/board";
import { NATIVE_CREDENTIALS } from "../../modules/credentials/native/native-credentials";
import { readIdentityImage } from "../../modules/identity/identity";
import { NATIVE_SIGNATURES } from "../../modules/signed/native/native-signatures";
import TlsEngine from "../../modules/tls/engine";
import { createOpenTlsSocket, isSoundIdentity, trustedUntil } from "../../modules/tls/tls-socket";
import { SimulatedSensor } from "../../sim/air/simulated-sensor";
import { openFileSlots } from "../../sim/moddable/modules/file-slots";
import { randomBytes } from "../../sim/moddable/modules/random";
import type { AccessPoint } from "../../wifi/access-point";
import type { AccessPointInfo, Radio, RadioEvent } from "../../wifi/radio";

/** The Moddable simulator's window; absent where there is none. */
declare const screen:
  | { postMessage(message: string): void; onMessage?: (message: string) => void }
  | undefined;

const tell = (message: object): void => {
  if (typeof screen === "object") screen.postMessage(JSON.stringify(message));
};

/** The light, shown by the simulator's panel. */
const led: LedDriver = {
  write: ({ r, g, b }) => tell({ led: [r, g, b] }),
  close: () => tell({ led: [0, 0, 0] }),
};

const ASSOCIATE_MS = 300;
const HERE: AccessPointInfo = {
  ssid: "Home",
  ssidBytes: Uint8Array.of(0x48, 0x6f, 0x6d, 0x65),
  bssid: "02:00:5e:00:00:01",
  channel: 6,
  rssi: -50,
  security: "wpa2",
};

/** The computer's own network as a router named "Home": every join succeeds, name servers are `config.nameServers`. */
class DesktopRadio implements Radio {
  readonly mac = "02:00:5e:10:20:30";
  onEvent: (event: RadioEvent) => void = () => {};
  #timer: Timer | undefined;

  scan(_options: { ssid?: string; channel?: number }, onComplete: (found: AccessPointInfo[]) => void): void {
    Timer.set(() => onComplete([HERE]), ASSOCIATE_MS);
  }

  connect(): void {
    this.disconnect();
    this.#timer = Timer.set(() => {
      const { nameServers } = config as unknown as { nameServers: readonly string[] };
      this.onEvent({ type: "associated", bssid: HERE.bssid, channel: HERE.channel });
      this.onEvent({ type: "address", address: "127.0.0.1", gateway: "127.0.0.1", dns: nameServers });
    }, ASSOCIATE_MS);
  }

  disconnect(): void {
    Timer.clear(this.#timer);
    this.#timer = undefined;
  }

  close(): void {
    this.disconnect();
    this.onEvent = () => {};
  }
}

/** The computer itself as the phone, on loopback alone; ports that need no privileges. */
const desktopAccessPoint: AccessPoint = {
  address: "127.0.0.1",
  ports: { dns: 8053, http: 8080 },
  interface: undefined,
  clients: 0,
  onClients: () => {},
  start: () => {},
  stop: () => {},
};

function restart(reason: string): void {
  trace(`restart: ${reason}\n`);
  tell({ restart: reason });
}

/** The Moddable simulator: the computer's network, a simulated sensor, flash in files (modules/). */
export function openBoard(): Board {
  let pressed = false;
  // Whoever measures the firmware without a window has taken this place already (tools/bench/xs/).
  if (typeof screen === "object")
    screen.onMessage ??= (text) => {
      const { button } = JSON.parse(text) as { button?: boolean };
      if (button !== undefined) pressed = button;
    };
  return {
    name: "Moddable simulator",
    resetReason: "power-on",
    openLed: () => led,
    readButton: () => pressed,
    openRadio: () => new DesktopRadio(),
    openAccessPoint: () => desktopAccessPoint,
    openSensors: () => [new SimulatedSensor({ seed: 1, now: () => Date.now() })],
    openTlsSocket: createOpenTlsSocket({ TCP: TCP as never, Engine: TlsEngine }),
    canUse: (identity) => isSoundIdentity(TlsEngine, identity),
    trustedUntil: (identity) => trustedUntil(TlsEngine, identity),
    randomBytes,
    readIdentity: () => readIdentityImage(FlashStorage.open({ path: "identity", mode: "r" })),
    signatures: NATIVE_SIGNATURES,
    credentials: NATIVE_CREDENTIALS,
    openSlots: () => openFileSlots(NATIVE_SIGNATURES, () => restart("the image is given up")),
    restart,
  };
}
