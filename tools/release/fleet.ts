import type { DeviceFacts } from "../../cloud/rollout/facts";
import { Cloud, type CloudOptions } from "../cloud/cloud";
import type { DeviceStatus } from "../cloud/protocol";

/** Devices, and what they are offered. */
export interface Fleet {
  readonly devices: ReadonlyMap<string, DeviceFacts>;
  /** "": there is no offer any more. */
  offer(deviceId: string, jws: string): Promise<void>;
}

/** The broker has said all that it keeps when nothing has come for so long. */
const QUIET_MS = 700;

/** The fleet at a broker, as an operator sees it. */
export class BrokerFleet implements Fleet {
  readonly devices = new Map<string, DeviceFacts>();
  #cloud: Cloud;
  #heard = performance.now();

  private constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.listen({
      onStatus: (id, status) => this.#learn(id, factsOf(status)),
      onUpdate: (id, update) => this.#learn(id, { update }),
      onIdentity: (id, identity) => this.#learn(id, { identity }),
    });
  }

  /** @throws CloudTimeout */
  static async open(options: CloudOptions): Promise<BrokerFleet> {
    const fleet = new BrokerFleet(await Cloud.connect(options));
    await fleet.settle();
    return fleet;
  }

  /** Until the broker has said what it keeps. */
  async settle(): Promise<void> {
    this.#heard = performance.now();
    for (;;) {
      const quiet = performance.now() - this.#heard;
      if (quiet >= QUIET_MS) return;
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS - quiet));
    }
  }

  offer(deviceId: string, jws: string): Promise<void> {
    return this.#cloud.offer(deviceId, jws);
  }

  trust(deviceId: string, jws: string): Promise<void> {
    return this.#cloud.trust(deviceId, jws);
  }

  close(): Promise<void> {
    return this.#cloud.close();
  }

  #learn(id: string, facts: DeviceFacts): void {
    this.#heard = performance.now();
    this.devices.set(id, { ...this.devices.get(id), ...facts });
  }
}

/** A will has no board in it: what was known stays. */
function factsOf({ online, board }: DeviceStatus): DeviceFacts {
  return { online, ...(typeof board === "string" && { board }) };
}
