import Digital from "embedded:io/digital";
import TCP from "embedded:io/socket/tcp";
import FlashStorage from "embedded:storage/flash";
import type { LedDriver } from "../../led/led";
import type { AccessPoint } from "../../wifi/access-point";
import RadioDriver from "../../wifi/esp32/driver";
import type { Esp32AccessPoint } from "../../wifi/esp32/esp32-access-point";
import { openEsp32Radio } from "../../wifi/esp32/open-radio";
import type { Radio } from "../../wifi/radio";
import type { Logger } from "../base/logger";
import { NATIVE_CREDENTIALS } from "../credentials/native/native-credentials";
import type { ExternalWatchdog } from "../device/watchdog-feeder";
import { type IdentityPartition, readIdentityImage } from "../identity/identity";
import type { TlsIdentity } from "../network/socket";
import type { Sensor, SensorChoice, SensorSettings } from "../sensor/sensor";
import { NATIVE_SIGNATURES } from "../signed/native/native-signatures";
import TlsEngine from "../tls/engine";
import { createOpenTlsSocket, isSoundIdentity, trustedUntil } from "../tls/tls-socket";
import { openEsp32Slots } from "../update/esp32/esp32-slots";
import type { Slots } from "../update/slots";
import type { Board } from "./board";
import type { BoardParts } from "./board-parts";
import { freeHeap, lastCrash, lowestHeap, randomBytes, resetReason } from "./esp32/chip";

/** esp_reset_reason_t (esp_system.h, ESP-IDF 6), in its order. */
const RESET_REASONS: readonly string[] = Object.freeze([
  "unknown",
  "power-on",
  "reset pin",
  "restart",
  "panic",
  "interrupt watchdog",
  "task watchdog",
  "other watchdog",
  "deep sleep",
  "brownout",
  "SDIO",
  "USB",
  "JTAG",
  "eFuse error",
  "power glitch",
  "CPU lock-up",
]);

const NONE: SensorChoice = Object.freeze({});

/** A board with an ESP32, of what differs between them: parts and pins. */
export class Esp32Board implements Board {
  readonly openTlsSocket = createOpenTlsSocket({ TCP: TCP as never, Engine: TlsEngine });
  readonly signatures = NATIVE_SIGNATURES;
  readonly credentials = NATIVE_CREDENTIALS;
  readonly watchdog: ExternalWatchdog | undefined;
  #parts: BoardParts;
  #button: Digital;
  #accessPoint: Esp32AccessPoint | undefined;

  constructor(parts: BoardParts) {
    const { pin, externalPullUp } = parts.button;
    this.#parts = parts;
    this.watchdog = parts.openWatchdog?.();
    this.#button = new Digital({ pin, mode: externalPullUp ? Digital.Input : Digital.InputPullUp });
  }

  get name(): string {
    return this.#parts.name;
  }

  get wins(): SensorChoice {
    return this.#parts.wins ?? NONE;
  }

  get resetReason(): string {
    const reason = resetReason();
    return RESET_REASONS[reason] ?? `unknown (${reason})`;
  }

  openLed(): LedDriver {
    return this.#parts.openLed();
  }

  readButton(): boolean {
    return this.#button.read() === 0;
  }

  openRadio(log: Logger): Radio {
    const { radio, accessPoint } = openEsp32Radio(RadioDriver, log);
    this.#accessPoint = accessPoint;
    return radio;
  }

  openAccessPoint(): AccessPoint {
    if (!this.#accessPoint) throw new Error("openRadio comes first");
    return this.#accessPoint;
  }

  openSensors(log: Logger, settings: SensorSettings): readonly Sensor[] {
    return this.#parts.openSensors(log, settings);
  }

  canUse(identity: TlsIdentity): boolean {
    return isSoundIdentity(TlsEngine, identity);
  }

  trustedUntil(identity: TlsIdentity): number {
    return trustedUntil(TlsEngine, identity);
  }

  randomBytes(count: number): Uint8Array {
    return new Uint8Array(randomBytes(count));
  }

  readIdentity(): ArrayBuffer | undefined {
    const partition = openIdentity();
    return partition && readIdentityImage(partition);
  }

  heap(): { readonly free: number; readonly lowest: number } {
    return { free: freeHeap(), lowest: lowestHeap() };
  }

  openSlots(): Slots | undefined {
    return openEsp32Slots();
  }

  lastCrash(): string | undefined {
    return lastCrash();
  }

  restart(why: string): void {
    trace(`restart: ${why}\n`);
    System.restart();
  }
}

/** `undefined`: the partition table has none. */
function openIdentity(): IdentityPartition | undefined {
  try {
    return FlashStorage.open({ path: "identity", mode: "r" });
  } catch (error) {
    trace(`identity partition: ${String(error)}\n`);
    return undefined;
  }
}
