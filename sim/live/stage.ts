import type { Network } from "../../wifi/network";
import type { BoardState } from "../world/board-state";
import type { CloudIdentity } from "../world/cloud-identity";
import type { LedObserver } from "../world/led-observer";
import type { World } from "../world/world";
import type { Mode, Rgb, TlsFacts } from "./protocol";

/** What happens on a stage. */
export interface StageEvents {
  /** A line of the firmware's console. */
  onTrace(line: string): void;
  /** What the firmware knows of its way to the cloud. */
  onState(state: BoardState): void;
  onLed(colour: Rgb): void;
  /** A message at the broker. */
  onMessage(topic: string, payload: Uint8Array): void;
  /** The server has sent an image up to this part of it, 0 to 1. */
  onServed(fraction: number): void;
  onCrash(error: Error): void;
}

/** A board in its world, in real time or in virtual time. */
export interface Stage {
  readonly mode: Mode;
  readonly world: World;
  readonly led: LedObserver;
  readonly unixMs: number;
  readonly tls: TlsFacts | undefined;
  /** Whether the broker answers; absent: somebody else's. */
  readonly broker: boolean | undefined;
  setBroker(on: boolean): Promise<void>;
  /** Another board, which was never on; the board must be off. */
  renew(): void;
  /** The board, which must be off, is as from the factory, but for what it has kept and the networks that it was told. */
  tell(networks: readonly Network[]): void;
  /** As the cloud. */
  publish(topic: string, payload: Uint8Array, options?: { readonly retain?: boolean }): void;
  /** Puts an image where the update server finds it. */
  putImage(image: Uint8Array): Promise<void>;
  /** What its cloud can do with certificates; absent: somebody else's cloud, or another board than our own. */
  readonly identity: CloudIdentity | undefined;
  /** After a pause, a clock stands. Starts paused. */
  run(): void;
  pause(): void;
  close(): Promise<void>;
}
