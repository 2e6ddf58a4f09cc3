import type { DecodedReading } from "../../cloud/payload/decode-telemetry";
import type { Network } from "../../wifi/network";
import type { SeedSettings } from "../device/seed-settings";
import type { PoweredBoard } from "../device/worker-board";
import type { ModelName } from "../models/names";
import type { BoardState } from "../world/board-state";
import type { Router } from "../world/router";

/** Somebody else's broker, in place of the embedded one. */
export interface ForeignBroker {
  readonly host: string;
  readonly port: number;
  /** Authorities in place of the identity's, PEM. */
  readonly certificateAuthority?: string;
  /** Identity partition image of the device. */
  readonly identity?: Uint8Array;
  /**
   * How the cloud's side reads along there. Absent: with the development certificate, if the device's is of the same
   * authority; otherwise not at all. With the device's own it would take the device's session (docs/fleet.md).
   */
  readonly cloud?: { readonly certificatePem: string; readonly keyPem: string };
  /** Where it connects; default: `port`. */
  readonly cloudPort?: number;
}

/** The board that stands in the world, and its flash. */
export interface Hardware {
  /** Writes what the device was told into its flash; the board must be off. */
  tell(networks: readonly Network[] | undefined, settings?: SeedSettings, whole?: boolean): void;
  /** A board of which nothing but its identity was ever written; it must be off. */
  renew(): void;
  /** The board, switched off, with `identity` in its flash. */
  open(events: {
    readonly identity: Uint8Array;
    readonly mac: string;
    /** The firmware ended by itself, for good. */
    onCrash(error: Error): void;
    /** It ended by itself and starts again, as an ESP32 does. */
    onLost(): void;
  }): Promise<PoweredBoard>;
}

export interface SimulatorOptions {
  /** Where the board's flash and the development certificates are kept. */
  readonly folder: string;
  readonly routers?: (mac: string) => Router[];
  readonly networks?: readonly Network[];
  readonly settings?: SeedSettings;
  readonly broker?: ForeignBroker;
  /** Begin with a board that was never on. */
  readonly fresh?: boolean;
  /** Default: the firmware in a worker of this process, its flash in `folder`. */
  readonly hardware?: Hardware;
  /** Whose file and drivers the board has; absent: one of no make. */
  readonly model?: ModelName;
  /** Port of the embedded broker if it is free; otherwise any. */
  readonly brokerPort?: number;
  onTrace?(line: string): void;
  /** What the firmware knows of its way to the cloud. */
  onState?(state: BoardState): void;
  /** A telemetry batch arrived at the cloud. */
  onBatch?(readings: readonly DecodedReading[], compressedBytes: number, topic: string): void;
  /** Any message of the device, or to it, at the broker. */
  onMessage?(topic: string, payload: Uint8Array): void;
  /** The light changed. */
  onLed?(colour: { r: number; g: number; b: number }): void;
  /** The update server has sent an image up to this part of it, 0 to 1. */
  onServed?(fraction: number): void;
  onCrash?(error: Error): void;
}

/** Where a broker is, and with what an operator comes to it. */
export interface Operator {
  readonly url: string;
  readonly connection: {
    readonly servername: string;
    /** PEM */
    readonly ca: string;
    readonly cert: string;
    readonly key: string;
  };
}
