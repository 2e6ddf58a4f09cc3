import { NATIVE_SIGNATURES } from "../../modules/signed/native/native-signatures";
import { SIGNATURE_CASES } from "./signature-cases";
import type { Tests } from "./tests";

const fromHex = (hex: string): Uint8Array => {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
};
const toHex = (bytes: Uint8Array): string => {
  let hex = "";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return hex;
};
const ascii = (text: string): Uint8Array => {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
};

/** The board's cryptography (modules/signed) on this engine. */
export default function signed({ test }: Tests): void {
  test("ES256 is judged as the standards have it, keys and signatures that are none included", (check) => {
    for (const { name, key, message, signature, good } of SIGNATURE_CASES)
      check.equal(
        [name, NATIVE_SIGNATURES.verifyEs256(fromHex(key), ascii(message), fromHex(signature))],
        [name, good],
      );
  });

  test("SHA-256 takes its bytes in any parts, views into the middle of a buffer too", (check) => {
    const whole = NATIVE_SIGNATURES.sha256();
    whole.update(ascii("abc"));
    // FIPS 180-4, as NIST's examples have it.
    const wanted = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    check.equal(toHex(whole.digest()), wanted);

    const parts = NATIVE_SIGNATURES.sha256();
    const around = ascii("--abc--");
    parts.update(around.subarray(2, 3));
    parts.update(new Uint8Array(0));
    parts.update(around.subarray(3, 5));
    check.equal(toHex(parts.digest()), wanted);
  });

  test("a hash that has given its digest throws, and several go on side by side", (check) => {
    const first = NATIVE_SIGNATURES.sha256();
    const second = NATIVE_SIGNATURES.sha256();
    first.update(ascii("a"));
    second.update(ascii("a"));
    check.equal(first.digest().length, 32);
    check.throws(() => first.update(ascii("b")));
    check.throws(() => first.digest());
    second.update(ascii("bc"));
    check.equal(toHex(second.digest()), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });
}
