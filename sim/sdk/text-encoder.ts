// The SDK's `text/encoder` (modules/data/text/encoder): Node's, but a lone surrogate keeps its three bytes
// (ED A0 80 … ED BF BF), which no strict reader takes as UTF-8.
const node = new TextEncoder();

export default class Encoder {
  encode(input: string): Uint8Array<ArrayBuffer> {
    if (input.isWellFormed()) return node.encode(input);
    const bytes: number[] = [];
    for (const character of input) {
      const code = character.codePointAt(0)!;
      if (code < 0xd800 || code > 0xdfff) bytes.push(...node.encode(character));
      else bytes.push(0xed, 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    }
    return new Uint8Array(bytes);
  }

  encodeInto(source: string, destination: Uint8Array): { read: number; written: number } {
    let read = 0;
    let written = 0;
    for (const character of source) {
      const bytes = this.encode(character);
      if (written + bytes.length > destination.length) break;
      destination.set(bytes, written);
      written += bytes.length;
      read += character.length;
    }
    return { read, written };
  }
}
