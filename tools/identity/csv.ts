import { Refusal } from "../pki/files";
import { deviceIdOf, parseMac } from "./naming";

export interface DeviceName {
  readonly deviceId: string;
  readonly mac: string;
}

/**
 * The devices of a factory's list: one a line, `mac` or `mac,id`; a first line that starts with "mac", empty lines
 * and lines from "#" on are passed over.
 * @throws Refusal naming the line that is wrong, or where a device stands twice
 */
export function parseDeviceList(text: string, path: string): DeviceName[] {
  const seen = new Map<string, number>();
  const devices: DeviceName[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    const [first = "", second = "", ...rest] = line.replace(/#.*/, "").split(/[,;]/).map(unquote);
    if (first === "" && second === "") continue;
    if (devices.length === 0 && /^mac\b/i.test(first)) continue;
    const where = `${path}, line ${index + 1}`;
    const mac = parseMac(first);
    if (!mac) throw new Refusal(`${where}: "${first}" is not a MAC address`);
    if (rest.some((cell) => cell !== "")) throw new Refusal(`${where}: more than "mac,id"`);
    const deviceId = checkDeviceId(second || deviceIdOf(mac), where);
    for (const name of [mac, deviceId]) {
      const other = seen.get(name);
      if (other !== undefined) throw new Refusal(`${where}: ${name} stands in line ${other} already`);
      seen.set(name, index + 1);
    }
    devices.push({ deviceId, mac });
  }
  if (devices.length === 0) throw new Refusal(`${path}: no device in it`);
  return devices;
}

/** `text` as a device id that can be a topic level, a common name and a folder. @throws Refusal otherwise */
export function checkDeviceId(text: string, where: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)) return text;
  throw new Refusal(
    `${where}: "${text}" is not a device id (1 to 64 of A–Z a–z 0–9 - . _, not beginning with - . _)`,
  );
}

function unquote(cell: string): string {
  return cell.trim().replace(/^"(.*)"$/, "$1");
}
