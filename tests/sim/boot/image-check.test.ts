import fc from "fast-check";
import { expect, it } from "vitest";
import { isWholeImage } from "../../../sim/boot/image-check";
import { readSimImage, simImage } from "../../../sim/boot/sim-image";
import { nodeSignatures } from "../../../sim/device/node-signatures";
import { NorFlash } from "../../../sim/device/nor-flash";
import { fuzz } from "../../support/volume";

it("The check without Node says of any image what the one with it says", () => {
  const image = simImage(`run(); // ${"x".repeat(5_000)}`);
  const change = fc.record({ at: fc.nat(image.length + 100), byte: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 3 }), fc.boolean(), (changes, inHeader) => {
      const chip = new NorFlash({ byteLength: 8_192 });
      chip.load(0, image);
      for (const { at, byte } of changes) chip.load(inHeader ? at % 100 : at, Uint8Array.of(byte));
      expect(isWholeImage(chip, nodeSignatures.sha256)).toBe(readSimImage(chip) !== undefined);
    }),
    fuzz(500),
  );
});
