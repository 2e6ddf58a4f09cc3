import { NATIVE_SIGNATURES } from "../../modules/signed/native/native-signatures";
import { openFileSlots } from "../../sim/moddable/modules/file-slots";
import type { Tests } from "./tests";

const ascii = (text: string): Uint8Array => {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
};

/** An image of the simulated board (sim/boot/sim-image.ts), padded to 16 bytes. */
function imageOf(text: string): Uint8Array {
  for (let padding = ""; ; padding += " ") {
    const rest = ascii(text + padding);
    const hash = NATIVE_SIGNATURES.sha256();
    hash.update(rest);
    let hex = "";
    for (const byte of hash.digest()) hex += byte.toString(16).padStart(2, "0");
    const image = ascii(`//aerolink-sim-image 1 ${rest.length} ${hex}\n${text}${padding}`);
    if (image.length % 16 === 0) return image;
  }
}

/** An update on XS, in files: everything but the new image's boot. */
export default function slotsTests({ test }: Tests): void {
  test("an image is written, checked and activated, and any byte of it that is wrong is found", (check) => {
    const restarts: string[] = [];
    const slots = openFileSlots(NATIVE_SIGNATURES, () => restarts.push("restart"));
    check.equal([slots.runningState(), slots.otherState()], ["valid", "none"]);
    check.equal(slots.forget(), true);
    const flash = slots.open();
    check.equal([flash.byteLength, flash.sectorLength], [1_664 * 1024, 4_096]);
    check.equal(slots.activate(), "bad-image");

    const image = imageOf(`run(); // ${"x".repeat(5_000)}`);
    const write = (bytes: Uint8Array): void => {
      for (let at = 0; at < bytes.length; at += 4_096) {
        flash.erase(at / 4_096);
        flash.write(at, bytes.subarray(at, at + 4_096));
      }
    };
    for (const at of [0, 23, 30, 100, 4_095, 4_096, image.length - 1]) {
      const wrong = image.slice();
      wrong[at]! ^= 1;
      write(wrong);
      check.equal([at, slots.activate()], [at, "bad-image"]);
    }
    write(image);
    const read = new Uint8Array(64);
    flash.read(4_096, read);
    check.equal([...read], [...image.subarray(4_096, 4_160)]);
    check.throws(() => flash.write(8, image.subarray(0, 8)));
    flash.close();
    check.throws(() => flash.erase(0));
    check.equal(slots.activate(), "ok");
    check.equal([slots.runningState(), slots.otherState(), slots.confirm()], ["valid", "new", false]);
    check.equal(restarts.length, 0);
  });

  test("what was linked starts in the place of the new image, and the boot after it knows", (check) => {
    const passedOver = openFileSlots(NATIVE_SIGNATURES, () => {});
    check.equal([passedOver.runningState(), passedOver.otherState()], ["valid", "pending"]);
    check.equal(passedOver.confirm(), false);
    const after = openFileSlots(NATIVE_SIGNATURES, () => {});
    check.equal([after.runningState(), after.otherState()], ["valid", "aborted"]);
    check.equal([after.forget(), after.otherState(), after.reject()], [true, "none", false]);
  });
}
