import { readSimImage } from "../../sim/boot/sim-image";
import { Refusal } from "../pki/files";

/** What an image says of itself (modules/update/marker.ts). */
export interface ImageMarker {
  readonly board: string;
  readonly release: number;
  readonly version: string;
}

/** Secure Boot v2 fills an image up to a multiple of this, and its signature takes another page. */
export const SLOT_RESERVE = 64 * 1024;

/** The board of `npm start`. */
export const SIMULATOR = "simulator";

const MARK = Buffer.from("AEROLINK-IMAGE{");
const LONGEST_MARKER = 300;

/** @throws Refusal when there is no marker, or several that differ */
export function readMarker(image: Uint8Array, where: string): ImageMarker {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  const found = new Set<string>();
  for (let at = bytes.indexOf(MARK); at >= 0; at = bytes.indexOf(MARK, at + 1)) {
    const start = at + MARK.length - 1;
    const text = bytes.subarray(start, start + LONGEST_MARKER).toString("latin1");
    const end = text.indexOf("}");
    if (end > 0) found.add(text.slice(0, end + 1));
  }
  if (found.size === 0)
    throw new Refusal(`${where}: no marker of Aerolink in it; it was not built from this firmware`);
  if (found.size > 1) throw new Refusal(`${where}: several markers in it: ${[...found].join(" and ")}`);
  const marker = parseMarker([...found][0]!);
  if (!marker) throw new Refusal(`${where}: its marker cannot be read: ${[...found][0]}`);
  return marker;
}

function parseMarker(text: string): ImageMarker | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { v, board, release, version } = value as Record<string, unknown>;
  if (v !== 1 || typeof board !== "string" || typeof version !== "string") return undefined;
  if (!Number.isInteger(release) || (release as number) < 1) return undefined;
  return { board, release: release as number, version };
}

/** @throws Refusal when the bytes are no image of such a board: before any device has to find out */
export function checkImage(image: Uint8Array, board: string, where: string): void {
  if (board === SIMULATOR) {
    if (!isSimulatorImage(image)) throw new Refusal(`${where}: no image of the simulated board`);
    return;
  }
  // esp_image_header_t begins with ESP_IMAGE_HEADER_MAGIC.
  if (image[0] !== 0xe9)
    throw new Refusal(`${where}: no image of an ESP32 (xs_esp32.bin is one; a merged flash image is none)`);
}

/** What fits a slot in the end. @throws Refusal */
export function checkSize(size: number, slot: number, where: string): void {
  const most = slot - SLOT_RESERVE;
  if (size > most)
    throw new Refusal(
      `${where}: ${size} bytes, ${size - most} too many: the slot has ${slot}, and 64 KiB stay free for Secure Boot`,
    );
}

function isSimulatorImage(image: Uint8Array): boolean {
  const read = (at: number, into: Uint8Array): void => into.set(image.subarray(at, at + into.length));
  return readSimImage({ byteLength: image.length, read }) !== undefined;
}
