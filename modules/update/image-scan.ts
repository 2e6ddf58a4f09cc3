import { parseJsonObject } from "../base/json";

/** What an image's marker says (marker.ts). */
export interface FoundMarker {
  readonly board: unknown;
  readonly release: unknown;
}

const PREFIX = "AEROLINK-IMAGE";
/** Of a marker with its prefix; a board's name has at most 40. */
const LONGEST = 256;
const A = 0x41;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const LIMITS = Object.freeze({ mostBytes: LONGEST, mostDepth: 1, mostParts: 16 } as const, true);

/** Looks for the marker of an image, window by window. An image also has the text that is looked for, without a marker. */
export class MarkerScan {
  #found: FoundMarker | undefined;

  get found(): FoundMarker | undefined {
    return this.#found;
  }

  /** `reread` fills bytes from there on in the image, as far as it goes; for what stands at a window's end. */
  take(window: Uint8Array, windowAt: number, reread: (at: number, into: Uint8Array) => void): void {
    for (let at = window.indexOf(A); at >= 0 && !this.#found; at = window.indexOf(A, at + 1)) {
      if (!mayBegin(window, at)) continue;
      const bytes = new Uint8Array(LONGEST);
      reread(windowAt + at, bytes);
      this.#found = markerAt(bytes);
    }
  }
}

/** True also where the window ends too early to tell. */
function mayBegin(window: Uint8Array, at: number): boolean {
  for (let i = 1; i < PREFIX.length && at + i < window.length; i++)
    if (window[at + i] !== PREFIX.charCodeAt(i)) return false;
  return true;
}

function markerAt(bytes: Uint8Array): FoundMarker | undefined {
  if (!mayBegin(bytes, 0) || bytes[PREFIX.length] !== OPEN) return undefined;
  const end = bytes.indexOf(CLOSE);
  if (end < 0) return undefined;
  const json = parseJsonObject(bytes.subarray(PREFIX.length, end + 1), LIMITS);
  if (typeof json === "string" || json.v !== 1) return undefined;
  return { board: json.board, release: json.release };
}
