import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { Refusal } from "../pki/files";
import { operatorFolder } from "../pki/store";
import { devicePaths } from "./device-folder";

/**
 * Names that brokers, their rules and their operators go by, alone or before a dash, a dot or an underscore. What may be
 * commanded is decided by the authority that signed a certificate, never by its name; these are refused all the same,
 * since a client id is one connection, whoever has it.
 */
const RESERVED = [
  "admin",
  "broker",
  "ca",
  "cloud",
  "devices",
  "homeassistant",
  "operator",
  "operators",
  "root",
];

/**
 * `text` as a device id that can be a topic level, a common name and a folder, and is nobody else's name.
 * @throws Refusal otherwise
 */
export function checkDeviceId(text: string, where: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text))
    throw new Refusal(
      `${where}: "${text}" is not a device id (1 to 64 of A–Z a–z 0–9 - . _, not beginning with - . _)`,
    );
  const reserved = reservedWord(text);
  if (reserved)
    throw new Refusal(
      `${where}: "${text}" is not for devices: "${reserved}" is what brokers and their operators go by`,
    );
  return text;
}

const reservedWord = (name: string): string | undefined =>
  RESERVED.find((word) => new RegExp(`^${word}([-._]|$)`, "i").test(name));

/** Two ids with the same likeness are one to some file systems, and to people; dots and underscores count alike. */
export const likenessOf = (deviceId: string): string => deviceId.toLowerCase().replaceAll(".", "_");

/** @throws Refusal when a device of the folder has all but this name, or it is one that an operator goes by */
export async function checkUnlike(dir: string, deviceId: string): Promise<void> {
  const twin =
    (await devicesOf(dir)).find(
      (other) => other !== deviceId && likenessOf(other) === likenessOf(deviceId),
    ) ?? (await operatorsOf(dir)).find((operator) => goesBy(operator, deviceId));
  if (twin) throw new Refusal(`${deviceId} is too like the name of ${twin}, which ${dir} has already`);
}

/** @throws Refusal when a device of the folder has a name that the operator `name` would go by */
export async function checkNoDevice(dir: string, name: string): Promise<void> {
  const device = (await devicesOf(dir)).find((deviceId) => goesBy(name, deviceId));
  if (device) throw new Refusal(`--operator: ${name} is too like the name of ${device}, a device of ${dir}`);
}

/** Could an operator's client id, its name or what follows it, be this device's? */
function goesBy(operator: string, deviceId: string): boolean {
  return (
    deviceId.toLowerCase() === operator.toLowerCase() ||
    new RegExp(`^${operator.replaceAll(".", "\\.")}[-._]`, "i").test(deviceId)
  );
}

const devicesOf = (dir: string): Promise<string[]> =>
  readdir(dirname(devicePaths(dir, "any").folder)).catch(() => []);

const operatorsOf = async (dir: string): Promise<string[]> =>
  (await readdir(operatorFolder(dir)).catch(() => [])).flatMap(
    (file) => /^(.+)\.key\.pem$/.exec(file)?.[1] ?? [],
  );
