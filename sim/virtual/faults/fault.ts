import type { LinkFailure } from "../../../modules/network/link-failure";
import type { Sight } from "../../world/led-observer";
import type { VirtualWorld } from "../virtual-world";

/** One thing that goes wrong in the virtual world, and what must hold meanwhile and after. */
export interface Fault {
  /** Unique, kebab-case. */
  readonly name: string;
  /** In words, for the table of docs/reliability.md. */
  readonly what: string;
  /** Called once; the fault lasts until `end`. */
  begin(world: VirtualWorld): void;
  /** Takes back what `begin` did. The world may have other faults. */
  end(world: VirtualWorld): void;
  /** The lights that are right once the fault has been felt. */
  readonly during: readonly Sight[];
  /** Why the cloud is not reached, in the device's own word. */
  readonly verdict?: LinkFailure;
  /** How long it takes at most until solid blue stays, from the end of the fault. Default {@link RECOVERY_MS}. */
  readonly recoveryMs?: number;
  /** Default: five minutes (fault-run.ts). */
  readonly lastsMs?: number;
  /** What it does to the time servers: `all-lie`; or `some-fail`, of which two at once may leave a liar alone. */
  readonly time?: "all-lie" | "some-fail";
}

/** Whether no device could date its readings rightly under these faults. */
export const hidesTime = (faults: readonly Fault[]): boolean =>
  faults.some(({ time }) => time === "all-lie") ||
  faults.filter(({ time }) => time === "some-fail").length > 1;

/**
 * An attempt that the fault's end finds half way (TCP 10 s, TLS 20 s, CONNACK 10 s, the check of 443 up to 30 s),
 * the longest backoff of 300 s, and the join and attempt that succeed.
 */
export const RECOVERY_MS = 400_000;

/** A fault of which the device sees nothing until it connects anew: the broker drops it. */
export const atReconnect =
  (change: (world: VirtualWorld) => void): Fault["begin"] =>
  (world) => {
    change(world);
    world.broker.crash();
  };

/** A fault of which it sees nothing until it joins anew: the signal drops out. */
export const atRejoin =
  (change: (world: VirtualWorld) => void): Fault["begin"] =>
  (world) => {
    change(world);
    world.world.room.disassociate();
  };

/** A fault of which it sees nothing until it starts anew: the power drops out. */
export const atBoot =
  (change: (world: VirtualWorld) => void): Fault["begin"] =>
  (world) => {
    change(world);
    world.cutPower();
    world.time.set(() => world.world.powerOn(), 2_000);
  };

/** Repeats `action` every `periodMs`, as long as the fault lasts. */
export function repeating(
  periodMs: number,
  action: (world: VirtualWorld) => void,
  onEnd: (world: VirtualWorld) => void = () => {},
): Pick<Fault, "begin" | "end"> {
  const running = new WeakMap<VirtualWorld, unknown>();
  return {
    begin(world) {
      const step = (): void => {
        action(world);
        running.set(world, world.time.set(step, periodMs));
      };
      step();
    },
    end(world) {
      world.time.clear(running.get(world));
      running.delete(world);
      onEnd(world);
    },
  };
}
