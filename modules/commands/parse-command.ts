import { isObject, type JsonFault, type JsonObject, parseJsonObject } from "../base/json";
import { utf8Length } from "../base/utf8";
import { type ArgumentSpec, COMMANDS, type CommandName, isCommandName } from "./command-table";

export interface Command {
  readonly id: string;
  readonly name: CommandName;
  /** As the table has them, defaults filled in. */
  readonly args: { readonly [name: string]: number | string };
  /** Not to be run at or after this Unix time; absent: it never grows stale. */
  readonly expiresUnixSeconds: number | undefined;
}

export type CommandFault =
  | JsonFault
  /** `id` is absent, or not 1 to {@link LONGEST_ID} of A–Z a–z 0–9 - . _ : */
  | "bad-id"
  | "unknown-command"
  /** An argument is unknown, missing, of another type or out of range. */
  | "bad-args"
  /** `expires` is no whole number of seconds. */
  | "bad-expires"
  /** A member that the protocol does not have: not guessed at. */
  | "unknown-member";

/** Takes a UUID. */
export const LONGEST_ID = 36;

const LIMITS = Object.freeze({ mostBytes: 1_024, mostDepth: 2, mostParts: 16 } as const, true);
const MEMBERS: readonly string[] = Object.freeze(["id", "name", "args", "expires"]);

/** The one parser of `command`. Never throws. A fault comes with the id, where that could be read. */
export function parseCommand(
  bytes: Uint8Array,
): Command | { readonly fault: CommandFault; readonly id?: string } {
  const json = parseJsonObject(bytes, LIMITS);
  if (typeof json === "string") return { fault: json };
  const id = own(json, "id");
  if (!isId(id)) return { fault: "bad-id" };
  if (!Object.keys(json).every((member) => MEMBERS.includes(member))) return { fault: "unknown-member", id };
  const name = own(json, "name");
  if (!isCommandName(name)) return { fault: "unknown-command", id };
  const expires = own(json, "expires");
  if (expires !== undefined && !isUnixSeconds(expires)) return { fault: "bad-expires", id };
  const args = parseArgs(own(json, "args"), COMMANDS[name].args);
  return args ? { id, name, args, expiresUnixSeconds: expires } : { fault: "bad-args", id };
}

function parseArgs(
  input: unknown,
  specs: { readonly [name: string]: ArgumentSpec },
): Record<string, number | string> | undefined {
  const given = input === undefined ? {} : input;
  if (!isObject(given) || !Object.keys(given).every((name) => Object.hasOwn(specs, name))) return undefined;
  const args: Record<string, number | string> = {};
  for (const name of Object.keys(specs)) {
    const value = parseArg(own(given, name), specs[name]!);
    if (value === undefined) return undefined;
    args[name] = value;
  }
  return args;
}

function parseArg(value: unknown, spec: ArgumentSpec): number | string | undefined {
  if (spec.type === "integer") {
    if (value === undefined) return spec.default;
    const fits = typeof value === "number" && Number.isInteger(value);
    return fits && value >= spec.least && value <= spec.most ? value : undefined;
  }
  if (typeof value !== "string" || value.length > spec.mostBytes) return undefined;
  const bytes = utf8Length(value) ?? 0;
  return bytes > 0 && bytes <= spec.mostBytes ? value : undefined;
}

const own = (object: JsonObject, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined;

const isUnixSeconds = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;

/** Whether an id is one: also what comes back from flash. */
export function isId(value: unknown): value is string {
  if (typeof value !== "string" || value.length === 0 || value.length > LONGEST_ID) return false;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    const letter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
    // 0–9 : and - .
    if (!letter && !(code >= 0x30 && code <= 0x3a) && code !== 0x2d && code !== 0x2e && code !== 0x5f)
      return false;
  }
  return true;
}
