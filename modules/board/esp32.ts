import Digital from "embedded:io/digital";
import I2C from "embedded:io/i2c";
import TCP from "embedded:io/socket/tcp";
import FlashStorage from "embedded:storage/flash";
import type { LedDriver } from "../../led/led";
import type { AccessPoint } from "../../wifi/access-point";
import RadioDriver from "../../wifi/esp32/driver";
import type { Esp32AccessPoint } from "../../wifi/esp32/esp32-access-point";
import { openEsp32Radio } from "../../wifi/esp32/open-radio";
import type { Radio } from "../../wifi/radio";
import { NATIVE_CREDENTIALS } from "../credentials/native/native-credentials";
import { type IdentityPartition, readIdentityImage } from "../identity/identity";
import type { TlsIdentity } from "../network/socket";
import { Sen5x } from "../sensor/sen5x";
import type { Sensor } from "../sensor/sensor";
import { NATIVE_SIGNATURES } from "../signed/native/native-signatures";
import TlsEngine from "../tls/engine";
import { createOpenTlsSocket, isSoundIdentity, trustedUntil } from "../tls/tls-socket";
import { openEsp32Slots } from "../update/esp32/esp32-slots";
import type { Slots } from "../update/slots";
import type { Board } from "./board";
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

export interface Esp32Pins {
  readonly name: string;
  readonly openLed: () => LedDriver;
  /** A button to ground. */
  readonly button: ButtonPin;
  /** I²C of the sensor: GPIO of SDA and SCL. */
  readonly sensor: { readonly data: number; readonly clock: number };
}

export interface ButtonPin {
  readonly pin: number;
  /** The board has a resistor, or the pin has none inside (ESP32: GPIO 34 to 39). Default: pulled up inside. */
  readonly externalPullUp?: boolean;
}

/** A board with an ESP32, of what differs between them: pins. */
export class Esp32Board implements Board {
  readonly openTlsSocket = createOpenTlsSocket({ TCP: TCP as never, Engine: TlsEngine });
  readonly signatures = NATIVE_SIGNATURES;
  readonly credentials = NATIVE_CREDENTIALS;
  #pins: Esp32Pins;
  #button: Digital;
  #accessPoint: Esp32AccessPoint | undefined;

  constructor(pins: Esp32Pins) {
    const { pin, externalPullUp } = pins.button;
    this.#pins = pins;
    this.#button = new Digital({ pin, mode: externalPullUp ? Digital.Input : Digital.InputPullUp });
  }

  get name(): string {
    return this.#pins.name;
  }

  get resetReason(): string {
    const reason = resetReason();
    return RESET_REASONS[reason] ?? `unknown (${reason})`;
  }

  openLed(): LedDriver {
    return this.#pins.openLed();
  }

  readButton(): boolean {
    return this.#button.read() === 0;
  }

  openRadio(): Radio {
    const { radio, accessPoint } = openEsp32Radio(RadioDriver);
    this.#accessPoint = accessPoint;
    return radio;
  }

  openAccessPoint(): AccessPoint {
    if (!this.#accessPoint) throw new Error("openRadio comes first");
    return this.#accessPoint;
  }

  openSensor(): Sensor {
    return new Sen5x({ sensor: { io: I2C as never, ...this.#pins.sensor } });
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
