/** The number that `text` writes from `from` up to `to` in decimal digits, at least one; NaN: something else is there. */
export function digitsOf(text: string, from = 0, to = text.length): number {
  let number = from < to && to <= text.length ? 0 : Number.NaN;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    number = digit >= 0 && digit <= 9 ? number * 10 + digit : Number.NaN;
  }
  return number;
}
