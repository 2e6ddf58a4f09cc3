// Bare import (an SDK module) → the file of this folder that stands for it on the host. Read by vitest's
// configuration and by the simulator's bundler.
import { fileURLToPath } from "node:url";

const here = (name) => fileURLToPath(new URL(`./${name}`, import.meta.url));

/** @type {Record<string, string>} */
export const SDK_MODULES = {
  timer: here("timer.ts"),
  time: here("time.ts"),
  net: here("net.ts"),
  "text/encoder": here("text-encoder.ts"),
  "text/decoder": here("text-decoder.ts"),
  "mc/config": here("config.ts"),
  "embedded:io/socket/tcp": here("tcp.ts"),
  "embedded:io/socket/udp": here("udp.ts"),
  "embedded:io/socket/listener": here("listener.ts"),
  "embedded:io/digital": here("digital.ts"),
  "embedded:io/i2c": here("i2c.ts"),
  "embedded:io/serial": here("serial.ts"),
  "embedded:io/pwm": here("pwm.ts"),
  neopixel: here("neopixel.ts"),
  "embedded:storage/key-value": here("key-value.ts"),
  "embedded:storage/flash": here("flash.ts"),
};
