import { REFUSALS, type Refused } from "../../access/principal";
import type { Reply } from "./reply";

/** What goes wrong with a request, but for who asks ({@link REFUSALS}). */
const PROBLEMS = {
  "not-found": { status: 404, title: "There is nothing at this address." },
  "no-such-device": { status: 404, title: "This account has no such device." },
  method: { status: 405, title: "This address does not do that." },
  "bad-request": { status: 400, title: "The request is not as the API's description says." },
  "bad-cursor": { status: 400, title: "The cursor is not one that this API gave." },
  "too-long": { status: 414, title: "The address is too long." },
  "too-large": { status: 413, title: "The body is too large." },
  "wrong-type": { status: 415, title: "The body is of another type than this takes." },
  "too-many": { status: 429, title: "Too many requests; wait." },
  "too-many-at-once": { status: 429, title: "Too many requests at once; wait for some of them." },
  conflict: { status: 409, title: "Somebody else changed the same thing at the same time." },
  refused: { status: 422, title: "The device cannot be told that." },
  "no-such-rollout": { status: 404, title: "This account has no such rollout." },
  "cannot-renew": { status: 422, title: "The device cannot renew its certificate." },
  "not-now": { status: 409, title: "The device cannot do that now." },
  "too-many-devices": { status: 422, title: "These are too many devices for one request." },
  nobody: { status: 422, title: "No device is left that could do that." },
  "rollout-under-way": { status: 409, title: "Some of these devices are in another rollout." },
  "rollout-over": { status: 409, title: "This rollout is over." },
  "no-answer": { status: 504, title: "The device did not answer in time." },
  "no-broker": { status: 503, title: "This cloud is not connected to a broker." },
  failed: { status: 500, title: "Something went wrong here. It has been written to the log." },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

export type ProblemName = keyof typeof PROBLEMS;

/** Where the problems are described; a name, not a link that must answer. */
const TYPE = "urn:aerolink:problem:";

export const PROBLEM_SCHEMA = {
  type: "object",
  description: "RFC 9457: what was wrong with the request, for a program and for whoever reads its log.",
  required: ["type", "title", "status"],
  properties: {
    type: { type: "string", examples: ["urn:aerolink:problem:no-such-device"] },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    errors: {
      type: "array",
      items: {
        type: "object",
        required: ["at", "says"],
        properties: { at: { type: "string" }, says: { type: "string" } },
      },
    },
  },
} as const;

export interface ProblemExtras {
  readonly detail?: string;
  readonly errors?: readonly { readonly at: string; readonly says: string }[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown anywhere below an operation; the server answers it. */
export class Problem extends Error {
  override name = "Problem";
  readonly problem: ProblemName;
  readonly extras: ProblemExtras;

  constructor(problem: ProblemName, extras: ProblemExtras = {}) {
    super(extras.detail ?? PROBLEMS[problem].title);
    this.problem = problem;
    this.extras = extras;
  }
}

export function problemReply(name: ProblemName, { headers, ...members }: ProblemExtras = {}): Reply {
  const { status, title } = PROBLEMS[name];
  return {
    status,
    headers: { ...headers },
    type: "application/problem+json",
    body: JSON.stringify({ type: `${TYPE}${name}`, title, status, ...members }),
  };
}

export function refusalReply({ refused, seconds }: Refused): Reply {
  const { status, says } = REFUSALS[refused];
  const headers: Record<string, string> = {};
  // RFC 6750, section 3: without a token, no reason is named.
  if (status === 401)
    headers["WWW-Authenticate"] =
      refused === "no-token" ? "Bearer" : `Bearer error="invalid_token", error_description="${says}"`;
  if (refused === "scope") headers["WWW-Authenticate"] = 'Bearer error="insufficient_scope"';
  if (seconds !== undefined) headers["Retry-After"] = String(seconds);
  return {
    status,
    headers,
    type: "application/problem+json",
    body: JSON.stringify({ type: `${TYPE}${refused}`, title: says, status }),
  };
}
