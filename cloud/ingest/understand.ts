import { decodeSteps, isTelemetry, type ReadingInSteps } from "../payload/decode-telemetry";
import { isStateTopic, keptJson, readState } from "../payload/states";
import { parseTopic } from "../payload/topics";
import type { Arrival, AsideReason } from "../store/intake";

export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** A certificate's common name has no more. */
const MAX_ID = 64;
/** docs/protocol.md: devices send no larger packets. What is larger is cut before it is put aside. */
const MAX_BYTES = 4_096;
const MAX_STEPS = 2 ** 31 - 1;
const MAX_SECONDS = 2 ** 32 - 1;
const MAX_TOPIC = 256;

/**
 * What a message says, by docs/payload.md and docs/protocol.md; `undefined`: nothing that is kept. What is not as
 * promised becomes something to put aside: whoever sent it is not to send it for ever.
 */
export function understand({ topic, payload }: Message, at: number, prefix?: string): Arrival | undefined {
  const { deviceId, name } = parseTopic(topic, prefix) ?? {};
  const device = deviceId !== undefined && isDeviceId(deviceId) ? deviceId : null;
  const aside = (reason: AsideReason): Arrival => ({
    kind: "aside",
    device,
    // NUL has no place in a topic [MQTT-1.5.4-2], nor in a text of PostgreSQL.
    topic: topic.replaceAll("\0", "").slice(0, MAX_TOPIC),
    reason,
    payload: payload.slice(0, MAX_BYTES),
    at,
  });
  if (device === null || name === undefined) return aside("no-device");
  if (isTelemetry(name)) {
    if (payload.length > MAX_BYTES) return aside("too-long");
    let readings: ReadingInSteps[];
    try {
      readings = decodeSteps(payload);
    } catch {
      return aside("not-telemetry");
    }
    return readings.every(isInRange) ? { kind: "readings", device, readings } : aside("out-of-range");
  }
  const isState = isStateTopic(name);
  if (name !== "status" && !isState) return undefined;
  // Empty: nothing is retained any more.
  if (payload.length === 0) return undefined;
  if (payload.length > MAX_BYTES) return aside("too-long");
  if (isState) {
    const text = readState(name, payload);
    return text === undefined ? aside("not-state") : { kind: "state", device, topic: name, text, at };
  }
  const status = parseStatus(payload);
  if (!status) return aside("not-status");
  return { kind: "status", device, at, ...status };
}

/** Printable ASCII, as certificates' names are here (docs/fleet.md). */
const isDeviceId = (id: string): boolean => id.length <= MAX_ID && /^[\x21-\x7e]+$/.test(id);

/** What no clock and no sensor of this kind gives, and no table takes. */
function isInRange({ seq, unixSeconds, boot, uptimeSeconds, steps }: ReadingInSteps): boolean {
  const isTime = (value: number | undefined): boolean =>
    value === undefined || (value >= 0 && value <= MAX_SECONDS);
  return (
    seq <= MAX_SECONDS &&
    [unixSeconds, boot, uptimeSeconds].every(isTime) &&
    steps.every((value) => value === null || Math.abs(value) <= MAX_STEPS)
  );
}

function parseStatus(payload: Uint8Array): { isOnline: boolean; status?: string } | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(payload);
    const value = JSON.parse(text) as { v?: unknown; online?: unknown } | null;
    if (typeof value !== "object" || value === null || typeof value.online !== "boolean") return undefined;
    const saysMore = Object.keys(value).some((key) => key !== "v" && key !== "online");
    if (!saysMore) return { isOnline: value.online };
    const status = keptJson(value);
    return status === undefined ? undefined : { isOnline: value.online, status };
  } catch {
    return undefined;
  }
}
