import { RolloutRefusal, type RolloutRefusalReason } from "../../rollout/refusal";
import { ControlError, type ControlFault } from "../control";
import type { ApiRequest } from "../http/operation";
import { Problem, type ProblemName } from "../http/problem";
import type { ApiParts } from "../parts";

const PROBLEM_OF = {
  "no-answer": "no-answer",
  conflict: "conflict",
  refused: "refused",
} as const satisfies Record<ControlFault, ProblemName>;

const PROBLEM_OF_ROLLOUT = {
  "no-manifest": "refused",
  expired: "refused",
  "other-image": "refused",
  nobody: "nobody",
  "under-way": "rollout-under-way",
  over: "rollout-over",
  busy: "conflict",
} as const satisfies Record<RolloutRefusalReason, ProblemName>;

export interface Deed<T> {
  /** As the audit row calls it; absent: it changes nothing. */
  readonly action?: string;
  /** By MQTT id. */
  readonly device?: string;
  /** What the row tells of the request; never a secret. */
  readonly told?: object;
  /** … and of what came of it. */
  heard?(result: T): object;
}

/** Carries out, and writes down who did what, whatever comes of it. @throws Problem */
export async function audited<T>(
  { store }: ApiParts,
  { principal, address }: Pick<ApiRequest, "principal" | "address">,
  { action, device, told, heard }: Deed<T>,
  run: () => Promise<T>,
): Promise<T> {
  let detail: object = { outcome: "failed" };
  try {
    const result = await run();
    detail = { ...heard?.(result), outcome: "done" };
    return result;
  } catch (error) {
    const problem = problemOf(error);
    if (problem instanceof Problem) detail = { outcome: problem.problem };
    throw problem;
  } finally {
    if (action !== undefined)
      await store.audit.add({
        at: store.seconds,
        account: principal.account,
        actor: principal.id,
        action,
        device: device ?? null,
        detail: { ...told, ...detail, address },
      });
  }
}

function problemOf(error: unknown): unknown {
  if (error instanceof ControlError) return new Problem(PROBLEM_OF[error.fault], { detail: error.message });
  if (!(error instanceof RolloutRefusal)) return error;
  return new Problem(PROBLEM_OF_ROLLOUT[error.reason], {
    detail: error.message,
    ...(error.devices.length > 0 && {
      errors: error.devices.slice(0, 100).map(({ device, why }) => ({ at: device, says: why })),
    }),
  });
}
