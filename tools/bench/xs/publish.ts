import config from "mc/config";

/** One publish, the same for whoever makes it: a batch of five readings has 172 bytes (docs/benchmarks.md). */
export const PAYLOAD_BYTES = 172;
export const CLIENT_ID = "aerolink-02005e102030";
export const TOPIC = `aerolink/v1/${CLIENT_ID}/telemetry`;
export const SUBSCRIPTIONS = Object.freeze([
  `aerolink/v1/${CLIENT_ID}/command`,
  `aerolink/v1/${CLIENT_ID}/config/desired`,
]);
/** The broker's, on loopback. */
export const PORT = Number((config as unknown as { brokerPort: string }).brokerPort);
