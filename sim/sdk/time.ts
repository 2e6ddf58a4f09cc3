// The SDK's `time` (modules/base/time). Ticks are a signed 32-bit count of milliseconds that wraps, as on ESP32.
import { machine } from "./machine";

const now = (): number => machine()?.now() ?? performance.now();

const Time = {
  get ticks(): number {
    return Math.floor(now()) | 0;
  },
  /** Milliseconds from `start` to `end` (default now) across a wrap. */
  delta(start: number, end: number = Math.floor(now()) | 0): number {
    return (end - start) >>> 0;
  },
  /** Sets the wall clock, Unix seconds. */
  set(seconds: number): void {
    machine()?.wallClock.set(seconds * 1000);
  },
  timezone: 0,
  dst: 0,
};

export default Time;
