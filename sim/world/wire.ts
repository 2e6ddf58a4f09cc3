import type { AccessPointInfo, RadioConnectOptions, RadioEvent } from "../../wifi/radio";
import type { RoomName } from "../air/rooms";
import type { TwinFault } from "../sensors/faults";
import type { BoardState } from "./board-state";

/**
 * What passes between a simulated board and the simulated world: radio, IP, light, button, console. The board may
 * be in a worker thread (real time) or in the same thread (virtual world); either way only these messages cross,
 * so a power cut needs no cooperation from the firmware.
 */
export type FromDevice =
  | { readonly t: "scan"; readonly id: number; readonly ssid?: string; readonly channel?: number }
  | { readonly t: "join"; readonly options: RadioConnectOptions }
  | { readonly t: "leave" }
  | {
      readonly t: "ap-start";
      readonly ssid: string;
      readonly password?: string;
      readonly channel: number;
      readonly address: string;
    }
  | { readonly t: "ap-stop" }
  | { readonly t: "tcp-open"; readonly id: number; readonly address: string; readonly port: number }
  | { readonly t: "tcp-data"; readonly id: number; readonly bytes: Uint8Array }
  | { readonly t: "tcp-close"; readonly id: number }
  | { readonly t: "tcp-listen"; readonly port: number }
  | { readonly t: "tcp-unlisten"; readonly port: number }
  | { readonly t: "udp-open"; readonly id: number; readonly port: number }
  | {
      readonly t: "udp-send";
      readonly id: number;
      readonly bytes: Uint8Array;
      readonly address: string;
      readonly port: number;
    }
  | { readonly t: "udp-close"; readonly id: number }
  | { readonly t: "led"; readonly r: number; readonly g: number; readonly b: number }
  /** An output that something beside the chip listens to. */
  | { readonly t: "pin"; readonly pin: number; readonly level: 0 | 1 }
  | { readonly t: "trace"; readonly text: string }
  | { readonly t: "state"; readonly state: BoardState }
  | { readonly t: "restart"; readonly reason: string }
  /** The firmware is no more: XS aborted, the processor panicked, or nothing moves any more. */
  | { readonly t: "fail"; readonly how: Failure };

/** `stuck`: as `hang`, and the chip's own watchdogs do not bite either. */
export type Failure = "abort" | "panic" | "hang" | "stuck";

export type ToDevice =
  | { readonly t: "scan-result"; readonly id: number; readonly found: AccessPointInfo[] }
  | { readonly t: "radio"; readonly event: RadioEvent }
  /** How strong the board hears the router that it has joined, dBm. */
  | { readonly t: "signal"; readonly rssi: number }
  | { readonly t: "ap-client"; readonly joined: boolean; readonly mac: string }
  | { readonly t: "tcp-opened"; readonly id: number; readonly window: number }
  | { readonly t: "tcp-data"; readonly id: number; readonly bytes: Uint8Array }
  | { readonly t: "tcp-window"; readonly id: number; readonly bytes: number }
  | { readonly t: "tcp-end"; readonly id: number }
  /** A connection to a listening port; the device answers with tcp-data on the same id. */
  | {
      readonly t: "tcp-incoming";
      readonly id: number;
      readonly port: number;
      readonly address: string;
      readonly remotePort: number;
    }
  | {
      readonly t: "udp-data";
      readonly port: number;
      readonly bytes: Uint8Array;
      readonly address: string;
      readonly remotePort: number;
    }
  | { readonly t: "button"; readonly pressed: boolean }
  /** What somebody does to a sensor of the board, and into which room it is carried. */
  | { readonly t: "sensor"; readonly sensor: string; readonly fault: TwinFault; readonly on: boolean }
  | { readonly t: "room"; readonly room: RoomName };

/** One end of the wire. Messages arrive in order, each in a turn of its own. */
export interface WireEnd<Out, In> {
  post(message: Out): void;
  onMessage: (message: In) => void;
}

export type DeviceEnd = WireEnd<FromDevice, ToDevice>;
export type WorldEnd = WireEnd<ToDevice, FromDevice>;

/** Bytes that may be on their way to a socket of the board: lwIP's send buffer in the SDK's sdkconfig is 8,192. */
export const TCP_WINDOW = 5744;
