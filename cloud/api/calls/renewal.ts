import type { IdentityState } from "../../payload/states";
import { type Control, ControlError } from "../control";
import { Problem, type ProblemName } from "../http/problem";

const COMMAND = "renew-certificate";

export type RenewalOutcome = "asked" | "cannot-renew" | "not-now" | "away" | "no-answer" | "refused";

/** What a device answers that does not do it (docs/protocol.md, "Commands"). */
const REFUSALS: Readonly<Record<string, readonly [ProblemName, string]>> = {
  "no-renewal": [
    "cannot-renew",
    "Its identity names no service that renews its certificate, or its flash has no place for another one. It keeps the one that it was made with; a new identity by cable (npm run identity -- --renewal) changes that.",
  ],
  "unknown-command": ["cannot-renew", "Its firmware does not know how to renew. Update it first."],
  "on-trial": [
    "not-now",
    "A certificate, authorities or firmware are on trial there. Ask again in ten minutes.",
  ],
  busy: ["not-now", "It is busy with other commands. Ask again in a minute."],
  storage: ["refused", "Its flash refuses to keep what it must."],
};

/** What is known before it is asked; `undefined`: it may be asked. */
export const whyNotRenewed = (identity: IdentityState | undefined): string | undefined =>
  identity?.renewal === false ? REFUSALS["no-renewal"]![1] : undefined;

/** @throws Problem, ControlError */
export async function askToRenew(
  control: Control,
  id: string,
  identity: IdentityState | undefined,
): Promise<void> {
  const why = whyNotRenewed(identity);
  if (why !== undefined) throw new Problem("cannot-renew", { detail: why });
  const { ok, error = "" } = (await control.command(id, COMMAND, undefined)) as {
    ok?: boolean;
    error?: string;
  };
  if (ok === true) return;
  const [problem, detail] = REFUSALS[error] ?? (["not-now", `It answered ${error}.`] as const);
  throw new Problem(problem, { detail });
}

export interface Askable {
  readonly id: string;
  readonly isOnline: boolean;
  readonly identity: IdentityState | undefined;
}

export interface Asked {
  readonly outcome: RenewalOutcome;
  readonly detail: string | null;
}

/** Each asks by a connection of its own, and one that does not answer takes ten seconds. */
const AT_ONCE = 16;

/** In the order of `devices`. Who is away is not waited for: a command is for now, and it renews by itself in time. */
export async function askToRenewEach(control: Control, devices: readonly Askable[]): Promise<Asked[]> {
  const answers: Asked[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < devices.length; i = next++) answers[i] = await ask(control, devices[i]!);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return answers;
}

async function ask(control: Control, { id, isOnline, identity }: Askable): Promise<Asked> {
  if (!isOnline && whyNotRenewed(identity) === undefined)
    return { outcome: "away", detail: "It is offline. It renews by itself when it is back, if it is time." };
  try {
    await askToRenew(control, id, identity);
    return { outcome: "asked", detail: null };
  } catch (error) {
    if (error instanceof ControlError)
      return { outcome: error.fault === "refused" ? "refused" : "no-answer", detail: error.message };
    if (error instanceof Problem)
      return { outcome: error.problem as RenewalOutcome, detail: error.extras.detail ?? null };
    throw error;
  }
}
