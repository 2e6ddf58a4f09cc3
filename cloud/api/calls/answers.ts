import type { Answer, Schema } from "../http/operation";
import { PROBLEM_SCHEMA } from "../http/problem";

const problem = (says: string, headers?: readonly string[]): Answer => ({
  says,
  content: { "application/problem+json": PROBLEM_SCHEMA },
  ...(headers && { headers }),
});

/** What every call may answer besides what it is for. */
export const COMMON_ANSWERS = {
  400: problem("A parameter or the body is not as described; `errors` names which"),
  429: problem("Too many requests", ["Retry-After"]),
  500: problem("Something went wrong in the cloud; it is in its log"),
} as const satisfies Readonly<Record<number, Answer>>;

/** … of those that want to know who asks. */
export const KNOWN_ANSWERS = {
  ...COMMON_ANSWERS,
  401: problem("No token, or one that is not good (any more)", ["WWW-Authenticate"]),
  403: problem("Not from here, not with this scope, or the subscription has ended"),
} as const satisfies Readonly<Record<number, Answer>>;

/** … of those that name a device. */
export const DEVICE_ANSWERS = {
  ...KNOWN_ANSWERS,
  404: problem("This account has no such device"),
} as const satisfies Readonly<Record<number, Answer>>;

export const CONTROL_ANSWERS = {
  ...DEVICE_ANSWERS,
  409: problem("Somebody else changed the same at the same time, and theirs stands"),
  413: problem("The body is too large"),
  415: problem("The body is of another type"),
  422: problem("That cannot be said to a device"),
  503: problem("This cloud is not connected to a broker"),
  504: problem("The device did not answer in time; it may still act"),
} as const satisfies Readonly<Record<number, Answer>>;

export const ok = (says: string, schema: Schema, more: Readonly<Record<string, Schema>> = {}): Answer => ({
  says,
  content: { "application/json": schema, ...more },
});

export const DEVICE_PATH = {
  device_id: {
    schema: { type: "string", minLength: 1, maxLength: 128 },
    says: "The device, by `device_id` or by MQTT id",
    isRequired: true,
  },
} as const;
