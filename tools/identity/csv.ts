import { Refusal } from "../pki/files";
import { checkDeviceId, likenessOf } from "./device-id";
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
  const seen = new Map<string, { name: string; line: number }>();
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
      const other = seen.get(likenessOf(name));
      if (other) {
        const how = other.name === name ? "" : ` as ${other.name}, which is all but the same,`;
        throw new Refusal(`${where}: ${name} stands${how} in line ${other.line} already`);
      }
      seen.set(likenessOf(name), { name, line: index + 1 });
    }
    devices.push({ deviceId, mac });
  }
  if (devices.length === 0) throw new Refusal(`${path}: no device in it`);
  return devices;
}

function unquote(cell: string): string {
  return cell.trim().replace(/^"(.*)"$/, "$1");
}
