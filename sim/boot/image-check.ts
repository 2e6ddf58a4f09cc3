import type { Hash } from "../../modules/signed/crypto";
import type { FlashChip } from "../sdk/machine";

const LONGEST_HEADER = 128;
const WINDOW = 4096;

/**
 * Whether a whole image of the simulated board (sim-image.ts) lies at the start of `chip`: for where there is no Node,
 * and a bundle has no room in memory.
 */
export function isWholeImage(chip: FlashChip, sha256: () => Hash): boolean {
  const start = new Uint8Array(LONGEST_HEADER);
  chip.read(0, start);
  const end = start.indexOf(10);
  if (end < 0) return false;
  const [mark, version, length, digest, ...rest] = String.fromCharCode(...start.subarray(0, end)).split(" ");
  const from = end + 1;
  const to = from + Number(length);
  if (mark !== "//aerolink-sim-image" || version !== "1" || digest === undefined || rest.length > 0)
    return false;
  if (!(to > from && to <= chip.byteLength)) return false;
  const hash = sha256();
  for (let at = from; at < to; at += WINDOW) {
    const window = new Uint8Array(Math.min(WINDOW, to - at));
    chip.read(at, window);
    hash.update(window);
  }
  let hex = "";
  for (const byte of hash.digest()) hex += byte.toString(16).padStart(2, "0");
  return hex === digest;
}
