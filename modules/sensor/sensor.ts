import type { Measurement } from "../telemetry/reading";

/**
 * An air-quality sensor in the style of ECMA-419's sensor classes: construct with options, `sample()` for the
 * latest values, `close()`. Samples are pulled; the sensor keeps its own fan and warm-up schedule.
 */
export interface Sensor {
  /** Model as shown in `status`, e.g. "SEN55". */
  readonly model: string;
  /** The latest values, or `undefined` when there are none (absent, warming up, failed): never invented. */
  sample(): Measurement | undefined;
  /** Why `sample` has nothing, or what is wrong with what it has. `undefined`: all well. */
  readonly fault: string | undefined;
  close(): void;
}
