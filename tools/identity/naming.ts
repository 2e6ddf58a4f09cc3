import { randomInt } from "node:crypto";

/**
 * The MAC address in `text` as "aa:bb:cc:dd:ee:ff"; `undefined` when it is none. Colons, dashes or nothing between
 * the bytes, as esptool and lists of a factory write it.
 */
export function parseMac(text: string): string | undefined {
  if (!/^[0-9a-f]{2}([:-]?)([0-9a-f]{2}\1){4}[0-9a-f]{2}$/i.test(text)) return undefined;
  const digits = text.toLowerCase().replace(/[:-]/g, "");
  if (Number.parseInt(digits.slice(0, 2), 16) & 1) return undefined; // a group address is nobody's own
  return digits.match(/../g)!.join(":");
}

/** Device id of the board with this MAC. 21 characters: every MQTT 3.1.1 broker takes 23 [MQTT-3.1.3-5]. */
export function deviceIdOf(mac: string): string {
  return `aerolink-${mac.replaceAll(":", "")}`;
}

/** Name of the setup access point of the board with this MAC. */
export function setupSsidOf(mac: string): string {
  return `Aerolink-${mac.replaceAll(":", "").slice(-6).toUpperCase()}`;
}

// No character that a printed label makes look like another (0 O, 1 I L, 2 Z, 5 S, 8 B, g q), and no shift key.
const ALPHABET = "acdefhjkmnprtuvwxy34679";
const PASSWORD_LENGTH = 12;

/**
 * A new setup password, 54 bits. Never hexadecimal digits only: readers of Wi-Fi QR codes may take those for a raw
 * key.
 */
export function createSetupPassword(): string {
  const password = Array.from({ length: PASSWORD_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join(
    "",
  );
  return /^[0-9a-f]+$/.test(password) ? createSetupPassword() : password;
}
