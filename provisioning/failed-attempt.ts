import type { JoinFailureReason } from "../wifi/join-failure";
import type { JoinFailure } from "../wifi/join-round";
import type { Network } from "../wifi/network";
import type { Attempt, PasswordOddity } from "./attempt";
import { nearMiss } from "./near-miss";
import type { ListedNetwork } from "./network-list";

/** Failures that a moment may change without anybody typing anything else. */
const MAY_PASS = Object.freeze(
  {
    "not-found": true,
    timeout: true,
    "no-address": true,
    unknown: true,
    rejected: false,
    "wrong-password": false,
    "unsupported-security": false,
    "captive-portal": false,
  } as const satisfies Record<JoinFailureReason, boolean>,
  true,
);

export interface FailedTry {
  readonly attempt: Attempt;
  readonly network: Network;
  readonly joinFailure: JoinFailure;
  /** There is time left for another try. */
  readonly patient: boolean;
  /** What is in reach. */
  readonly networks: readonly ListedNetwork[];
}

/** What becomes of an attempt after a failure: tried again or over, and what may have been meant. */
export function failedAttempt({ attempt, network, joinFailure, patient, networks }: FailedTry): Attempt {
  const { id, ssid, open } = attempt;
  const { reason } = joinFailure;
  const names: string[] = [];
  for (const each of networks) if (each.kind && each.ssid !== undefined) names.push(each.ssid);
  const meant = reason === "not-found" ? nearMiss(ssid, names) : undefined;
  const oddity = reason === "wrong-password" ? oddityOf(network.password, names) : undefined;
  return {
    id,
    ssid,
    open,
    stage: patient && MAY_PASS[reason] ? "looking" : "join-failed",
    joinFailure,
    ...(meant !== undefined && { meant }),
    ...(oddity && { oddity }),
  };
}

function oddityOf(password = "", names: readonly string[]): PasswordOddity | undefined {
  if (password !== password.trim()) return "password-spaces";
  return names.includes(password) ? "password-is-name" : undefined;
}
