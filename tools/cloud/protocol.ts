// docs/protocol.md as types, for Node. Schemas: docs/schemas/.
export type { IdentityState, UpdateState } from "../../cloud/payload/states";
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
