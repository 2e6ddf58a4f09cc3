// The SDK's `text/decoder` (modules/data/text/decoder/textdecoder.c). It agrees with Node about what is malformed,
// but not always about how many U+FFFD that makes.
const REPLACEMENT = "\ufffd";

export default class Decoder {
  readonly encoding = "utf-8";
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  #kept: Uint8Array = new Uint8Array(0);

  constructor(_label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }) {
    this.fatal = options?.fatal ?? false;
    this.ignoreBOM = options?.ignoreBOM ?? false;
  }

  decode(input?: Uint8Array | ArrayBufferLike, options?: { stream?: boolean }): string {
    const added = input instanceof Uint8Array ? input : new Uint8Array(input ?? new ArrayBuffer(0));
    const bytes = new Uint8Array(this.#kept.length + added.length);
    bytes.set(this.#kept);
    bytes.set(added, this.#kept.length);
    this.#kept = new Uint8Array(0);
    const whole = strict(bytes);
    if (whole !== undefined) return this.#withoutMark(whole);

    let text = "";
    for (let at = 0; at < bytes.length; ) {
      const first = bytes[at]!;
      const more = first < 0x80 ? 0 : first < 0xc0 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
      if (more > 0 && at + more >= bytes.length && options?.stream) {
        this.#kept = bytes.slice(at);
        break;
      }
      const character =
        more < 0 || at + more >= bytes.length ? undefined : strict(bytes.subarray(at, at + 1 + more));
      if (character !== undefined) {
        text += character;
        at += 1 + more;
        continue;
      }
      if (this.fatal) throw new TypeError("invalid utf-8");
      text += REPLACEMENT;
      at += 1 + (at + more < bytes.length ? swallowed(bytes, at, more) : 0);
    }
    return this.#withoutMark(text);
  }

  #withoutMark(text: string): string {
    return text.startsWith("\ufeff") && !this.ignoreBOM ? text.slice(1) : text;
  }
}

const node = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function strict(bytes: Uint8Array): string | undefined {
  try {
    return node.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Bytes after a malformed character's first that go with it. Its second byte's range holds for the later ones too. */
function swallowed(bytes: Uint8Array, at: number, more: number): number {
  const first = bytes[at]!;
  if (first > 0xf4) return 0;
  const lower =
    first === 0xe0 ? 0xa0 : first === 0xed ? 0x9f : first === 0xf0 ? 0x90 : first === 0xf4 ? 0x8f : 0x80;
  let count = 0;
  while (count < more && bytes[at + 1 + count]! >= lower && bytes[at + 1 + count]! <= 0xbf) count += 1;
  return count;
}
