import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeBase64Url, decodeBase64UrlText } from "../../../modules/signed/base64url";
import { fuzz } from "../../support/volume";

test("What an encoder writes is read as it was", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = Buffer.from(bytes).toString("base64url");
      expect(decodeBase64UrlText(text)).toEqual(bytes);
    }),
    fuzz() as never,
  );
});

test("Of all texts only those are read that an encoder writes", () => {
  const character = fc.constantFrom(..."ABab019-_+/=. \n\0é".split(""));
  fc.assert(
    fc.property(fc.array(character, { maxLength: 9 }), (characters) => {
      const text = characters.join("");
      const decoded = decodeBase64UrlText(text);
      const isCanonical = Buffer.from(text, "base64url").toString("base64url") === text;
      expect(decoded !== undefined).toBe(isCanonical);
    }),
    fuzz() as never,
  );
});

test("Any bytes are taken without a throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      decodeBase64Url(bytes);
    }),
    fuzz() as never,
  );
});
