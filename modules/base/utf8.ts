/**
 * Bytes of `text` in UTF-8, or `undefined` when it has none: an unpaired surrogate, or a NUL, which the C strings
 * underneath NVS and Wi-Fi cannot hold.
 */
export function utf8Length(text: string): number | undefined {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0) return undefined;
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit < 0xd800 || unit > 0xdfff) bytes += 3;
    else {
      const next = text.charCodeAt(++i);
      if (unit > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return undefined;
      bytes += 4;
    }
  }
  return bytes;
}
