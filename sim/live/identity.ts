import type { IdentityState } from "../../tools/cloud/protocol";
import type { Message } from "./protocol";

/** What the page shows of the certificate. */
export interface IdentityView {
  /** What the device said last; absent: nothing yet. */
  readonly said?: IdentityState;
  /** Whether there is a service of ours that renews it. */
  readonly canRenew: boolean;
}

/** Follows what the device says of its certificate. */
export class IdentityWatch {
  said: IdentityState | undefined;

  /** @returns whether it was one of its messages */
  message({ topic, from, text }: Message): boolean {
    if (from !== "device" || topic !== "identity/state") return false;
    this.said = parseState(text) ?? this.said;
    return true;
  }

  view(canRenew: boolean): IdentityView {
    return { ...(this.said && { said: this.said }), canRenew };
  }
}

function parseState(text: string): IdentityState | undefined {
  try {
    const value = JSON.parse(text) as IdentityState | null;
    return typeof value === "object" && value !== null && value.v === 1 ? value : undefined;
  } catch {
    return undefined;
  }
}
