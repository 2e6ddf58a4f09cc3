import type { DeviceFacts } from "../../../cloud/rollout/facts";
import { simImage } from "../../../sim/boot/sim-image";
import type { UpdateState } from "../../../tools/cloud/protocol";
import type { Fleet } from "../../../tools/release/fleet";

/** An image of the simulated board, as large as one likes, that says what it is. */
export function simulatorImageOf(release: number, { version = "0.9.0", bytes = 3_000 } = {}): Uint8Array {
  const marker = { v: 1, board: "simulator", release, version };
  return simImage(
    `const marker = 'AEROLINK-IMAGE${JSON.stringify(marker)}';\n${"// 1234567890\n".repeat(bytes / 14)}`,
  );
}

export function updateState(state: Partial<UpdateState> = {}): UpdateState {
  const usual = { release: null, running: 1, version: "0.1.0", progress: 0, confirmed: 1 };
  return { v: 1, state: "idle", updates: "automatic", ...usual, ...state };
}

/** A fleet in memory, and what it has been offered. */
export class MemoryFleet implements Fleet {
  readonly devices = new Map<string, DeviceFacts>();
  readonly offers = new Map<string, string>();

  add(id: string, facts: DeviceFacts = { board: "simulated board", update: updateState() }): this {
    this.devices.set(id, facts);
    return this;
  }

  offer(id: string, jws: string): Promise<void> {
    this.offers.set(id, jws);
    return Promise.resolve();
  }
}
