// What calls about a fleet take and answer: tags, certificates, rollouts.
import { arrayOf } from "./schemas";

const TEXT = { type: "string" } as const;
const TIME = { type: "string", format: "date-time" } as const;
const FLAG = { type: "boolean" } as const;
const NULL_TEXT = { type: ["string", "null"] } as const;
const NULL_TIME = { type: ["string", "null"], format: "date-time" } as const;
const COUNT = { type: "integer", minimum: 0 } as const;

/** Of devices, as their owner calls a part of them. */
export const TAG = { type: "string", pattern: "^[a-z0-9][a-z0-9-]{0,31}$" } as const;

/** A compact JWS. */
export const MANIFEST = {
  type: "string",
  maxLength: 2_048,
  pattern: "^[\\w-]+\\.[\\w-]+\\.[\\w-]+$",
} as const;

/** Devices of a body, in one of three ways. */
export const SELECTION = {
  description: "Exactly one of: all devices of the account, these, or those with this tag",
  oneOf: [
    {
      type: "object",
      required: ["all"],
      additionalProperties: false,
      properties: { all: { const: true } },
    },
    {
      type: "object",
      required: ["device_ids"],
      additionalProperties: false,
      properties: {
        device_ids: {
          type: "array",
          minItems: 1,
          maxItems: 1_000,
          items: { type: "string", minLength: 1, maxLength: 128 },
        },
      },
    },
    { type: "object", required: ["tag"], additionalProperties: false, properties: { tag: TAG } },
  ],
} as const;

export const CERTIFICATE = {
  type: "object",
  required: ["device_id", "mqtt_id", "friendlyName", "online", "certificate", "renewal", "state"],
  properties: {
    device_id: TEXT,
    mqtt_id: TEXT,
    friendlyName: TEXT,
    online: FLAG,
    certificate: {
      type: ["object", "null"],
      description: "null: it has not said",
      required: ["expires", "days_left"],
      properties: {
        expires: TIME,
        days_left: { type: "integer", description: "Below 0: it has ended" },
      },
    },
    renewal: {
      enum: ["available", "none", "unknown"],
      description: "Whether its identity names a service that renews it",
    },
    cannot: { ...NULL_TEXT, description: "Why it cannot be asked, where that is known" },
    state: { enum: ["current", "waiting", "requested", "trial", "refused", null] },
    reason: { ...NULL_TEXT, description: "Why the last try came to nothing (docs/protocol.md)" },
    wait: NULL_TEXT,
    failure: NULL_TEXT,
    source: NULL_TEXT,
    heard_at: NULL_TIME,
  },
} as const;

export const RENEWALS = {
  type: "object",
  required: ["asked", "results"],
  properties: {
    asked: COUNT,
    results: arrayOf({
      type: "object",
      required: ["device_id", "mqtt_id", "outcome", "detail"],
      properties: {
        device_id: TEXT,
        mqtt_id: TEXT,
        outcome: { enum: ["asked", "cannot-renew", "not-now", "away", "no-answer", "refused"] },
        detail: NULL_TEXT,
      },
    }),
  },
} as const;

export const ROLLOUT = {
  type: "object",
  required: ["id", "release", "version", "state", "devices", "stages", "counts"],
  properties: {
    id: TEXT,
    release: COUNT,
    version: TEXT,
    boards: arrayOf(TEXT),
    manifest_expires: NULL_TIME,
    state: {
      enum: ["running", "paused", "halted", "done", "ended"],
      description: "Paused by a person, halted by itself, ended for good",
    },
    why: { ...NULL_TEXT, description: "Why it stands still" },
    created_at: TIME,
    created_by: TEXT,
    changed_at: TIME,
    devices: SELECTION,
    stages: arrayOf({
      type: "object",
      required: ["percent", "devices", "soak_seconds", "state"],
      properties: {
        percent: { type: "number" },
        devices: { ...COUNT, description: "This stage's and those of the stages before it" },
        soak_seconds: COUNT,
        state: { enum: ["done", "now", "next"] },
      },
    }),
    next_stage_at: {
      ...NULL_TIME,
      description: "The earliest time; it also waits for the quorum. null: it waits for nothing",
    },
    limit_percent: { type: "number" },
    quorum_percent: { type: "number" },
    counts: {
      type: "object",
      required: ["devices", "offered", "pending", "confirmed", "failed", "excused", "untold"],
      properties: {
        devices: COUNT,
        offered: COUNT,
        pending: COUNT,
        confirmed: COUNT,
        failed: COUNT,
        excused: { ...COUNT, description: "Failed before somebody went on; counted nowhere else" },
        untold: { ...COUNT, description: "Not told yet what was decided: the broker was away" },
      },
    },
    left_out: {
      ...arrayOf({
        type: "object",
        required: ["device_id", "mqtt_id", "why"],
        properties: { device_id: TEXT, mqtt_id: TEXT, why: TEXT },
      }),
      description: "Chosen, and cannot take the release; the first hundred",
    },
    left_out_count: COUNT,
  },
} as const;

export const ROLLOUT_DEVICE = {
  type: "object",
  required: ["device_id", "mqtt_id", "friendlyName", "stage", "outcome", "excused"],
  properties: {
    device_id: TEXT,
    mqtt_id: TEXT,
    friendlyName: TEXT,
    stage: COUNT,
    outcome: {
      enum: ["waiting", "pending", "confirmed", "failed"],
      description: "waiting: its stage has not come",
    },
    excused: FLAG,
    state: { ...NULL_TEXT, description: "This and what follows as it said last (docs/protocol.md)" },
    progress_percent: { type: ["integer", "null"] },
    running: { type: ["integer", "null"] },
    reason: NULL_TEXT,
    wait: NULL_TEXT,
    crash: NULL_TEXT,
    heard_at: NULL_TIME,
  },
} as const;
