import type { CredentialFault, Validity } from "./credential-tools";
import type { RecordKind } from "./record";
import type { ServiceRefusal } from "./renewal-answer";
import type { TrustFault } from "./trust-list";

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

/** What `identity/state` says (docs/protocol.md). */
export interface IdentityReport {
  readonly state: IdentityState;
  readonly trial: RecordKind | undefined;
  readonly wait: IdentityWait | undefined;
  readonly reason: IdentityReason | undefined;
  /** Why the last attempt of a trial that failed ended. */
  readonly failure: string | undefined;
  readonly isRenewed: boolean;
  /** Of the certificate; `undefined`: it cannot be read. */
  readonly validity: Validity | undefined;
  readonly unixMs: number | undefined;
  /** Number of the trust list; 0: the factory's authorities. */
  readonly list: number;
  /** Whether there is a service that renews it. */
  readonly renews: boolean;
  readonly release: number;
}

/** The short form, for status and diagnostics. */
export interface CertificateReport {
  readonly expires: number | null;
  readonly daysLeft: number | null;
}

const DAY_MS = 86_400_000;

/** `daysLeft` counts down to 0 and below. */
export function certificateReport(
  validity: Validity | undefined,
  unixMs: number | undefined,
): CertificateReport {
  if (!validity) return { expires: null, daysLeft: null };
  const { untilMs } = validity;
  return {
    expires: Math.floor(untilMs / 1000),
    daysLeft: unixMs === undefined ? null : Math.floor((untilMs - unixMs) / DAY_MS),
  };
}

export function formatIdentityReport(report: IdentityReport): string {
  const { trial, wait, reason, failure } = report;
  return JSON.stringify({
    v: 1,
    state: report.state,
    ...(trial !== undefined && { trial }),
    ...(wait !== undefined && { wait }),
    ...(reason !== undefined && { reason }),
    ...(failure !== undefined && { failure }),
    source: report.isRenewed ? "renewed" : "factory",
    ...certificateReport(report.validity, report.unixMs),
    list: report.list,
    renewal: report.renews,
    release: report.release,
  });
}
