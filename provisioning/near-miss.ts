import type { Network } from "../wifi/network";
import type { ListedNetwork } from "./network-list";

/** Fewer characters say too little. */
const LEAST = 4;

/**
 * The name in reach that a person may have meant by one that was not found: the same but for case, spaces and signs,
 * else one of which it is the beginning or the reverse (the 5 GHz name of a router). Only what the same password (or
 * none) and the same consent to a weak security join.
 */
export function nearMiss(typed: Network, listed: readonly ListedNetwork[]): string | undefined {
  const { ssid: wanted, password, allowLegacySecurity: legacy } = typed;
  const a = fold(wanted);
  let near: string | undefined;
  for (const { ssid = "", way } of listed) {
    if (ssid === wanted) return undefined;
    if (password === undefined ? way !== "open" : way !== "wpa2" && !(legacy && way.startsWith("w")))
      continue;
    const b = fold(ssid);
    if (a === b) return ssid;
    if (a.length >= LEAST && b.length >= LEAST && (a.startsWith(b) || b.startsWith(a))) near ??= ssid;
  }
  return near;
}

/** Letters and digits alone: keyboards of phones change case, spaces, quotes and dashes by themselves. */
function fold(name: string): string {
  let folded = "";
  for (const each of name.toLowerCase()) {
    const code = each.codePointAt(0)!;
    const plain = (each >= "a" && each <= "z") || (each >= "0" && each <= "9");
    // Beyond ASCII all counts but Latin-1's signs, and the spaces, quotes and dashes of U+2000 to U+207F.
    if (plain || (code >= 0xc0 && code >> 7 !== 0x40)) folded += each;
  }
  return folded;
}
