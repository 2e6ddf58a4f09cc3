import type { Measurement } from "../../telemetry/reading";
import { put, unsigned } from "../sensirion/words";

/** Five numbers of particles from `at` on, `scale` times a cm³. */
export function putNumbers(values: Measurement, data: Uint8Array, at: number, scale: number): void {
  put(values, "nc0_5", unsigned(data, at), scale, 0xfffe);
  put(values, "nc1", unsigned(data, at + 2), scale, 0xfffe);
  put(values, "nc2_5", unsigned(data, at + 4), scale, 0xfffe);
  put(values, "nc4", unsigned(data, at + 6), scale, 0xfffe);
  put(values, "nc10", unsigned(data, at + 8), scale, 0xfffe);
}
