import TextDecoder from "text/decoder";
import TextEncoder from "text/encoder";
import type { Tests } from "../tests";

/** Malformed UTF-8 and what the SDK makes of it; how many U+FFFD is not always as WHATWG's Encoding says. */
const MALFORMED: readonly (readonly [bytes: readonly number[], text: string])[] = [
  [[0x80], "\ufffd"],
  [[0x41, 0xff, 0x42], "A\ufffdB"],
  [[0xc0, 0xaf, 0x42, 0x42], "\ufffdBB"],
  [[0xc3, 0x28], "\ufffd("],
  [[0xed, 0xa0, 0x80, 0x41], "\ufffd\ufffdA"],
  [[0xf4, 0x90, 0x80, 0x80], "\ufffd\ufffd\ufffd"],
  [[0xf8, 0x88, 0x80, 0x80, 0x80], "\ufffd\ufffd\ufffd\ufffd\ufffd"],
  [[0xe2, 0x82, 0x41, 0x41], "\ufffdAA"],
];

/** `text/encoder`, `text/decoder`: modules/data/text. */
export default function text({ test }: Tests): void {
  test("encode gives UTF-8, one to four bytes a character", (check) => {
    check.equal(
      new TextEncoder().encode("Aé€🌬"),
      bytes(0x41, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x8c, 0xac),
    );
    check.equal(new TextEncoder().encode(""), bytes());
  });

  test("encode gives a NUL as one zero byte", (check) => {
    check.equal(new TextEncoder().encode("a\0b"), bytes(0x61, 0, 0x62));
  });

  test("encode leaves a lone surrogate as three bytes that are not UTF-8", (check) => {
    check.equal(new TextEncoder().encode("a\ud800b"), bytes(0x61, 0xed, 0xa0, 0x80, 0x62));
  });

  test("encodeInto stops before a character that does not fit", (check) => {
    const into = new Uint8Array(4);
    const { read, written } = new TextEncoder().encodeInto("aé€", into);
    check.equal([read, written], [2, 3]);
    check.equal(into, bytes(0x61, 0xc3, 0xa9, 0));
  });

  test("decode undoes encode", (check) => {
    const sample = "Küche 2,4 GHz € 🌬 a\0b";
    check.equal(new TextDecoder().decode(new TextEncoder().encode(sample)), sample);
  });

  test("decode takes a part of a buffer, and a buffer", (check) => {
    const all = bytes(0x61, 0x62, 0x63, 0x64);
    check.equal(new TextDecoder().decode(all.subarray(1, 3)), "bc");
    check.equal(new TextDecoder().decode(all.buffer), "abcd");
    check.equal(new TextDecoder().decode(new Uint8Array(0)), "");
  });

  test("decode leaves a byte order mark out", (check) => {
    check.equal(new TextDecoder().decode(bytes(0xef, 0xbb, 0xbf, 0x41)), "A");
  });

  for (const [input, expected] of MALFORMED) {
    const name = input.map((byte) => byte.toString(16)).join(" ");
    test(`decode replaces what is malformed in ${name}`, (check) => {
      check.equal(new TextDecoder().decode(new Uint8Array(input)), expected);
    });
    test(`decode refuses ${name} when fatal`, (check) => {
      check.throws(() => new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(input)));
    });
  }

  test("decode refuses a character cut off at the end when fatal", (check) => {
    check.throws(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes(0x41, 0xe2, 0x82)));
  });

  test("decode replaces each byte of a character cut off at the end", (check) => {
    check.equal(new TextDecoder().decode(bytes(0x41, 0xe2, 0x82)), "A\ufffd\ufffd");
  });
}

function bytes(...values: number[]): Uint8Array {
  return new Uint8Array(values);
}
