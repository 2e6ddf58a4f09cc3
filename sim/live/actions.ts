import { ROOM_NAMES } from "../air/rooms";
import { TWIN_FAULTS } from "../sensors/faults";
import { OUTBOUND_PORTS } from "../world/router";
import { type Action, SPEEDS } from "./protocol";
import { RELEASE_KIND_NAMES } from "./release-kinds";

const SECURITIES = [
  "open",
  "wep",
  "wpa",
  "wpa2",
  "wpa-wpa2",
  "wpa3",
  "wpa2-wpa3",
  "enterprise",
  "owe",
] as const;

type Check = (value: unknown) => boolean;
const isBoolean: Check = (value) => typeof value === "boolean";
const isText =
  (most: number): Check =>
  (value) =>
    typeof value === "string" && new TextEncoder().encode(value).length <= most;
const isWhole =
  (least: number, most: number): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
const isOneOf =
  (...choices: readonly unknown[]): Check =>
  (value) =>
    choices.includes(value);
const isPlainObject: Check = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

const isPort = isOneOf(...Object.keys(OUTBOUND_PORTS).map(Number));

/** Members of each change of a router, and what they may be. */
const CHANGES: readonly Record<string, Check>[] = [
  { on: isBoolean },
  { channel: (value) => value === null || isWhole(1, 13)(value) },
  { rssi: isWhole(-100, -20) },
  { security: isOneOf(...SECURITIES) },
  { ssid: (value) => isText(32)(value) && value !== "" },
  { password: isText(64) },
  { macFilter: isOneOf("off", "admits", "refuses") },
  { signInPage: isBoolean },
  { repeats: isBoolean },
  { dhcp: isBoolean },
  { internet: isBoolean },
  { port: isPort, blocked: isBoolean },
];

const isChange: Check = (value) => CHANGES.some((shape) => fits(value, shape));

const ACTIONS: Record<Action["do"], Record<string, Check>> = {
  power: { on: isBoolean },
  button: { pressed: isBoolean },
  router: { index: isWhole(0, 9), change: isChange },
  "add-router": {},
  "remove-router": { index: isWhole(0, 9) },
  "new-board": {},
  internet: { on: isBoolean },
  broker: { on: isBoolean },
  sensor: { sensor: isText(20), fault: isOneOf(...TWIN_FAULTS), on: isBoolean },
  carry: { room: isOneOf(...ROOM_NAMES) },
  scene: { id: isText(40) },
  mend: {},
  phone: { joined: isBoolean },
  mode: { mode: isOneOf("real", "virtual") },
  speed: { speed: isOneOf(...SPEEDS) },
  weather: { on: isBoolean },
  command: { name: isText(64), args: isPlainObject },
  configure: { desired: isPlainObject },
  release: { kind: isOneOf(...RELEASE_KIND_NAMES) },
  plug: { at: (value) => value === null || isWhole(1, 99)(value) },
};

/** The action in a request's body; `undefined` when it is none. */
export function parseAction(text: string): Action | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isPlainObject(value)) return undefined;
  const name = (value as { do?: unknown }).do;
  if (typeof name !== "string" || !Object.hasOwn(ACTIONS, name)) return undefined;
  const shape = { do: isOneOf(name), ...ACTIONS[name as Action["do"]] };
  return fits(value, shape) ? (value as Action) : undefined;
}

/** Exactly these members, each as its check wants it. */
function fits(value: unknown, shape: Record<string, Check>): boolean {
  if (!isPlainObject(value)) return false;
  const members = Object.entries(value as object);
  return (
    members.length === Object.keys(shape).length &&
    members.every(([key, member]) => Object.hasOwn(shape, key) && shape[key]!(member))
  );
}
