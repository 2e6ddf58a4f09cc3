import { readFileSync } from "node:fs";

export interface Pixel {
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

/**
 * The picture on a display of Xvfb that was started with `-fbdir folder -screen 0 …x24`: a file in XWD format
 * (X11's XWDFile.h): 25 numbers of 32 bits, big-endian, the colour map, then a row of 32-bit pixels each.
 */
export function framebuffer(folder: string): {
  readonly width: number;
  readonly height: number;
  at(x: number, y: number): Pixel;
} {
  const bytes = readFileSync(`${folder}/Xvfb_screen0`);
  const field = (index: number): number => bytes.readUInt32BE(index * 4);
  const [headerBytes, width, height, isBigEndian, rowBytes, colours] = [0, 4, 5, 7, 12, 19].map(
    field,
  ) as number[];
  const start = headerBytes! + colours! * 12;
  return {
    width: width!,
    height: height!,
    at: (x, y) => {
      const offset = start + y * rowBytes! + x * 4;
      const value = isBigEndian ? bytes.readUInt32BE(offset) : bytes.readUInt32LE(offset);
      return { r: (value >> 16) & 0xff, g: (value >> 8) & 0xff, b: value & 0xff };
    },
  };
}
