import Digital from "embedded:io/digital";
import I2C from "embedded:io/i2c";
import TCP from "embedded:io/socket/tcp";
import FlashStorage from "embedded:storage/flash";
import type { LedDriver } from "../../led/led";
import RadioDriver from "../../wifi/esp32/driver";
import type { Esp32AccessPoint } from "../../wifi/esp32/esp32-access-point";
import { openEsp32Radio } from "../../wifi/esp32/open-radio";
import { type IdentityPartition, readIdentityImage } from "../identity/identity";
import { Sen5x } from "../sensor/sen5x";
import TlsEngine from "../tls/engine";
import { createOpenTlsSocket } from "../tls/tls-socket";
import type { Board } from "./board";
import { freeHeap, lowestHeap, randomBytes, resetReason } from "./esp32/chip";

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

/**
 * A board with an ESP32, of what differs between them: pins. Opens the button's pin: call it from a module that is
 * not preloaded.
 */
export function esp32Board({ name, openLed, button, sensor }: Esp32Pins): Board {
  const pin = new Digital({
    pin: button.pin,
    mode: button.externalPullUp ? Digital.Input : Digital.InputPullUp,
  });
  const reason = resetReason();
  let accessPoint: Esp32AccessPoint | undefined;
  return {
    name,
    openLed,
    readButton: () => pin.read() === 0,
    resetReason: RESET_REASONS[reason] ?? `unknown (${reason})`,
    openRadio: () => {
      const opened = openEsp32Radio(RadioDriver);
      accessPoint = opened.accessPoint;
      return opened.radio;
    },
    openAccessPoint: () => {
      if (!accessPoint) throw new Error("openRadio comes first");
      return accessPoint;
    },
    openSensor: () => new Sen5x({ sensor: { io: I2C as never, ...sensor } }),
    openTlsSocket: createOpenTlsSocket({ TCP: TCP as never, Engine: TlsEngine }),
    randomBytes: (count) => new Uint8Array(randomBytes(count)),
    readIdentity: () => {
      const partition = openIdentity();
      return partition && readIdentityImage(partition);
    },
    heap: () => ({ free: freeHeap(), lowest: lowestHeap() }),
    restart: (why) => {
      trace(`restart: ${why}\n`);
      System.restart();
    },
  };
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
