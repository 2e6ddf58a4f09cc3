// docs/protocol.md as types, for Node. Schemas: docs/schemas/.
export { filterOf, PREFIX, parseTopic, topicOf } from "../../cloud/payload/topics";

export interface CommandResult {
  /** `null`: of a message whose id could not be read. */
  readonly id: string | null;
  readonly ok: boolean;
  readonly error?: string;
  readonly result?: Readonly<Record<string, unknown>>;
}

export interface ReportedConfiguration {
  readonly version: number | null;
  /** Applied last. */
  readonly newest: number | null;
  readonly state: "applied" | "refused" | "trying-broker" | "rolled-back";
  readonly fault?: string;
  readonly errors?: Readonly<Record<string, string>>;
  /** Rolled back: why the new broker was not reached, where that is known. */
  readonly reason?: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface DeviceStatus {
  readonly v: 1;
  readonly online: boolean;
  readonly [member: string]: unknown;
}

export interface UpdateState {
  readonly v: 1;
  readonly state:
    | "idle"
    | "waiting"
    | "downloading"
    | "verifying"
    | "ready"
    | "trial"
    | "confirmed"
    | "rolled-back"
    | "failed";
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

/** What a device says of its certificate (docs/protocol.md, "Identity"). */
export interface IdentityState {
  readonly v: 1;
  readonly state: "current" | "waiting" | "requested" | "trial" | "refused";
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
