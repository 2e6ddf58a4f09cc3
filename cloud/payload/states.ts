// What a device says of updates and of its certificate, retained (docs/protocol.md).

export const UPDATE_STATES = [
  "idle",
  "waiting",
  "downloading",
  "verifying",
  "ready",
  "trial",
  "confirmed",
  "rolled-back",
  "failed",
] as const;

export interface UpdateState {
  readonly v: 1;
  readonly state: (typeof UPDATE_STATES)[number];
  /** That is offered, or was tried last; `null`: none. */
  readonly release: number | null;
  /** That runs, and its version. */
  readonly running: number;
  readonly version: string;
  /** Quarters of the image that are there. */
  readonly progress: number;
  /** What went wrong. */
  readonly reason?: string;
  /** What it waits for. */
  readonly wait?: string;
  /** What the last crash was. */
  readonly crash?: string;
  /** The highest release that was confirmed here. */
  readonly confirmed: number;
  readonly updates: "automatic" | "manual" | "off";
}

export const IDENTITY_STATES = ["current", "waiting", "requested", "trial", "refused"] as const;

export interface IdentityState {
  readonly v: 1;
  readonly state: (typeof IDENTITY_STATES)[number];
  /** What is on trial. */
  readonly trial?: "certificate" | "authorities";
  /** What it waits for. */
  readonly wait?: string;
  /** Why the last try came to nothing. */
  readonly reason?: string;
  /** Why the last attempt of a trial that failed ended. */
  readonly failure?: string;
  /** Whose certificate it uses. */
  readonly source: "factory" | "renewed";
  /** Unix seconds; `null`: the certificate cannot be read. */
  readonly expires: number | null;
  /** `null`: its clock is not set. */
  readonly daysLeft: number | null;
  /** Of the trust list that it has; 0: none. */
  readonly list: number;
  /** Whether there is a service that renews it. */
  readonly renewal: boolean;
  readonly release: number;
}

/** The topics, and what makes a payload one of theirs. */
export const STATE_TOPICS = {
  "update/state": isUpdateState,
  "identity/state": isIdentityState,
} as const satisfies Readonly<Record<string, (value: Members) => boolean>>;

export type StateTopic = keyof typeof STATE_TOPICS;

export const isStateTopic = (name: string): name is StateTopic => Object.hasOwn(STATE_TOPICS, name);

/**
 * As text that any database reads as JSON; `undefined`: PostgreSQL would fail each query that looks into it, for the
 * sake of one device (NUL, half a surrogate pair).
 */
export function keptJson(value: object): string | undefined {
  const text = JSON.stringify(value);
  return /\\u(0000|d[89a-f])/i.test(text) ? undefined : text;
}

type Members = Readonly<Record<string, unknown>>;

/** The text again, if it is what docs/protocol.md promises; members that are not known here may be there. */
export function readState(topic: StateTopic, payload: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(payload);
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const isGood = STATE_TOPICS[topic](value as Members);
    return isGood ? keptJson(value) : undefined;
  } catch {
    return undefined;
  }
}

function isUpdateState({ state, release, running, version, progress, confirmed, ...more }: Members): boolean {
  return (
    isOneOf(UPDATE_STATES, state) &&
    (release === null || isCount(release)) &&
    isCount(running) &&
    typeof version === "string" &&
    isCount(progress) &&
    isCount(confirmed) &&
    areTexts(more.reason, more.wait, more.crash)
  );
}

function isIdentityState({ state, source, expires, list, renewal, ...more }: Members): boolean {
  return (
    isOneOf(IDENTITY_STATES, state) &&
    typeof source === "string" &&
    (expires === null || isCount(expires)) &&
    isCount(list) &&
    typeof renewal === "boolean" &&
    areTexts(more.reason, more.wait, more.failure, more.trial)
  );
}

const isOneOf = (known: readonly string[], value: unknown): boolean => known.includes(value as string);
/** As large as times and releases get. */
const isCount = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
const areTexts = (...values: readonly unknown[]): boolean =>
  values.every((value) => value === undefined || typeof value === "string");
