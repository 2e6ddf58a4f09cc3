import { createHash } from "node:crypto";
import type { FlashChip } from "../sdk/machine";

/**
 * An image of the simulated board: the firmware's bundle as text, after a comment that has its length and hash, as the
 * IDF's images have them. Padded with spaces to 16 bytes, which flash encryption asks for.
 */
const HEADER = /^\/\/aerolink-sim-image 1 (\d+) ([0-9a-f]{64})\n/;
const LONGEST_HEADER = 128;
const ALIGNMENT = 16;

export function simImage(text: string): Uint8Array {
  const code = Buffer.from(text);
  // The header's length hangs on that of the number in it; the padding settles both.
  for (let padding = 0; ; padding++) {
    const rest = Buffer.concat([code, Buffer.alloc(padding, " ")]);
    const header = `//aerolink-sim-image 1 ${rest.length} ${sha256(rest)}\n`;
    if ((header.length + rest.length) % ALIGNMENT === 0)
      return new Uint8Array(Buffer.concat([Buffer.from(header), rest]));
  }
}

/** The image that lies at the start of `chip`; undefined: none that is whole. */
export function readSimImage(
  chip: Pick<FlashChip, "byteLength" | "read">,
): { readonly text: string; readonly hash: string } | undefined {
  const start = Buffer.alloc(Math.min(LONGEST_HEADER, chip.byteLength));
  chip.read(0, start);
  const header = HEADER.exec(start.toString("latin1"));
  if (!header) return undefined;
  const length = Number(header[1]);
  if (header[0].length + length > chip.byteLength) return undefined;
  const rest = Buffer.alloc(length);
  chip.read(header[0].length, rest);
  const hash = header[2]!;
  return sha256(rest) === hash ? { text: rest.toString(), hash } : undefined;
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
