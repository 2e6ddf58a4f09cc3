import { decodeTelemetry, inflateTelemetry, isTelemetry } from "../../cloud/payload/decode-telemetry";
import type { Message } from "./protocol";

/** Bytes of a payload that are shown as they came. */
const SHOWN_BYTES = 48;
/** Characters of a text that are shown: a batch has at most 4,096 (docs/payload.md). */
const SHOWN_TEXT = 4_096;

/** The name of a topic of the device's, whatever comes before it. */
const OWN =
  /(?:command\/result|telemetry\/zd1|config\/(?:desired|reported)|update\/(?:offer|state)|identity\/(?:request|renew|state|trust)|[^/]+)$/;

const CLOUD_SAYS = ["command", "config/desired", "update/offer", "identity/renew", "identity/trust"];

/** What the cloud makes of a message: raw, inflated, decoded. */
export function readMessage(
  topic: string,
  payload: Uint8Array,
): Pick<Message, "topic" | "from" | "bytes" | "hex" | "text" | "inflatedBytes" | "readings" | "fault"> {
  const [name = topic] = OWN.exec(topic) ?? [];
  const raw = {
    topic: name,
    from: CLOUD_SAYS.includes(name) ? "cloud" : "device",
    bytes: payload.length,
    hex: Buffer.from(payload.subarray(0, SHOWN_BYTES)).toString("hex"),
  } as const;
  if (!isTelemetry(name)) return { ...raw, text: textOf(payload) };
  try {
    const inflated = inflateTelemetry(payload);
    return {
      ...raw,
      text: textOf(inflated),
      inflatedBytes: inflated.length,
      readings: decodeTelemetry(payload),
    };
  } catch (error) {
    return { ...raw, text: "", fault: error instanceof Error ? error.message : String(error) };
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).slice(0, SHOWN_TEXT);
}
