import type { RecordKind } from "./credential-store";
import type { CredentialFault, Validity } from "./credential-tools";
import type { ServiceRefusal } from "./renewal-answer";
import type { TrustFault } from "./trust-lists";

export type IdentityState =
  /** Nothing is due. */
  | "current"
  /** The certificate is to be renewed, and something speaks against it now. */
  | "waiting"
  /** The service has been asked. */
  | "requested"
  /** A certificate or authorities are on trial. */
  | "trial"
  /** The last try came to nothing; the next one comes later. */
  | "refused";

/** What speaks against a renewal, or against other authorities, now. */
export type IdentityWait =
  /** The broker is not there. */
  | "offline"
  | "setup"
  /** A new broker is on trial. */
  | "broker-trial"
  /** New firmware comes, or is on trial. */
  | "update";

/** Why the last try came to nothing. */
export type IdentityReason =
  | ServiceRefusal
  | CredentialFault
  | TrustFault
  /** No key or no request could be made. */
  | "no-request"
  | "no-answer"
  /** The answer is not of its form. */
  | "bad-answer"
  /** Something else was on trial when the answer came. */
  | "interrupted"
  /** The flash refused what had to be kept, or has no room for it. */
  | "storage"
  /** No session has held with it. */
  | "trial-failed";

/** What `identity/state` is made of (docs/protocol.md). */
export interface IdentityParts {
  readonly credentials: {
    readonly trial: RecordKind | undefined;
    readonly failure: string | undefined;
    readonly isRenewed: boolean;
    readonly list: number;
  };
  readonly renewal: {
    readonly state: Exclude<IdentityState, "trial">;
    readonly wait: IdentityWait | undefined;
    readonly reason: IdentityReason | undefined;
    readonly isEnabled: boolean;
    readonly validity: Validity | undefined;
  };
  readonly trustLists: { readonly reason: IdentityReason | undefined };
  readonly clock: { readonly unixMs: number | undefined };
  readonly build: { readonly release: number };
}

const DAY_MS = 86_400_000;

/** The short form, for status and diagnostics. `daysLeft` counts down to 0 and below. No `renewal`: no identity. */
export function certificateReport({
  renewal,
  clock,
}: Pick<IdentityParts, "clock"> & Partial<Pick<IdentityParts, "renewal">>): {
  readonly expires: number | null;
  readonly daysLeft: number | null;
} {
  const untilMs = renewal?.validity?.untilMs;
  const { unixMs } = clock;
  return {
    expires: untilMs === undefined ? null : Math.floor(untilMs / 1000),
    daysLeft: untilMs === undefined || unixMs === undefined ? null : Math.floor((untilMs - unixMs) / DAY_MS),
  };
}

export function formatIdentityReport(parts: IdentityParts): string {
  const { credentials, renewal, trustLists, build } = parts;
  const { trial, isRenewed, list } = credentials;
  const reason = trial ? undefined : (renewal.reason ?? trustLists.reason);
  const isRefused = renewal.state === "current" && reason !== undefined;
  // JSON leaves out what is undefined.
  return JSON.stringify({
    v: 1,
    state: trial ? "trial" : isRefused ? "refused" : renewal.state,
    trial,
    wait: trial ? undefined : renewal.wait,
    reason,
    failure: reason === "trial-failed" ? credentials.failure : undefined,
    source: isRenewed ? "renewed" : "factory",
    ...certificateReport(parts),
    list,
    renewal: renewal.isEnabled,
    release: build.release,
  });
}
