// What the simulator and its page say to each other. Only types and plain data: both sides import it.

import type { DecodedReading } from "../../cloud/payload/decode-telemetry";
import type { Status } from "../../modules/device/status";
import type { Security } from "../../wifi/radio";
import type { RoomName } from "../air/rooms";
import type { TwinFault } from "../sensors/faults";
import type { Sight } from "../world/led-observer";
import type { OutboundPort, Router } from "../world/router";
import type { FirmwareState } from "./firmware";
import type { IdentityView } from "./identity";
import type { ReleaseKind } from "./release-kinds";

/** Real: sockets, TLS, the clock on the wall. Virtual: in memory, without TLS, on a clock that can be sped up. */
export type Mode = "real" | "virtual";

export const SPEEDS = [1, 10, 60, 1440] as const;
export type Speed = (typeof SPEEDS)[number];

/** The way from the board to the broker, in order. */
export const HOPS = ["device", "router", "internet", "dns", "sntp", "broker"] as const;
export type HopName = (typeof HOPS)[number];

export interface Hop {
  /** `warning`: not well, and the device goes on without it. */
  readonly state: "idle" | "trying" | "good" | "warning" | "failed";
  /** The firmware's own word for what is wrong. */
  readonly reason?: string;
  /** The same for a person. */
  readonly says?: string;
}

export type Hops = { readonly [name in HopName]: Hop };

/** A connection of the device as the broker sees it. */
export interface TlsFacts {
  readonly protocol: string;
  readonly cipher: string;
  readonly clientCertificate: string;
}

export type OutageKind = "router" | "internet" | "power" | "broker";

export interface Outage {
  readonly kind: OutageKind;
  /** Unix milliseconds of the simulated clock. */
  readonly from: number;
  /** Absent: still on. */
  readonly to?: number;
}

export interface State {
  readonly mode: Mode;
  readonly speed: Speed;
  /** The simulated clock, Unix milliseconds. */
  readonly unixMs: number;
  readonly device: {
    readonly id: string;
    readonly mac: string;
    readonly setupSsid: string;
    readonly setupPassword: string;
    readonly on: boolean;
    readonly buttonHeld: boolean;
    readonly status: Status | undefined;
    readonly sight: Sight | undefined;
  };
  readonly routers: readonly Router[];
  /** Index of the router through which the device has an address. */
  readonly joined: number | undefined;
  /** A board with its own drivers; absent: one of no make. */
  readonly board?:
    | {
        readonly title: string;
        readonly room: RoomName;
        readonly sensors: readonly { readonly name: string; readonly faults: readonly TwinFault[] }[];
        /** Beside the chip: whole pulses so far, and how often it reset the board. */
        readonly watchdog?: { readonly fed: number; readonly bites: number };
      }
    | undefined;
  readonly internet: boolean;
  /** Absent: somebody else's broker. */
  readonly broker: boolean | undefined;
  readonly tls: TlsFacts | undefined;
  readonly hops: Hops;
  /** Scene of the tour that plays now, and those that came true. */
  readonly scene: string | undefined;
  readonly done: readonly string[];
  readonly outages: readonly Outage[];
  readonly weather: boolean;
  readonly phone: {
    /** The device's access point, while it is on the air. */
    readonly sees: string | undefined;
    /** Where its portal is on this computer, once the phone has joined. */
    readonly url: string | undefined;
  };
  readonly firmware: FirmwareState;
  readonly identity: IdentityView;
  /** Address of the cloud's own page; absent: there is no cloud here. A device is `#/device/<id>` there. */
  readonly cloudPage?: string;
  readonly counts: { readonly messages: number; readonly readings: number; readonly missing: number };
}

export interface LogLine {
  readonly n: number;
  readonly unixMs: number;
  readonly level: "error" | "warn" | "info" | "debug" | "sim";
  readonly room: string;
  readonly text: string;
}

/** A message at the broker. */
export interface Message {
  readonly n: number;
  readonly unixMs: number;
  /** Below `aerolink/v1/<device id>/`. */
  readonly topic: string;
  readonly from: "device" | "cloud";
  readonly bytes: number;
  /** The first bytes as they came. */
  readonly hex: string;
  /** What they say, inflated where they were compressed. */
  readonly text: string;
  readonly inflatedBytes?: number;
  readonly readings?: readonly DecodedReading[];
  /** How many of them had come before; absent: none. */
  readonly repeated?: number;
  readonly fault?: string;
}

/** How much each list holds, here and on the page: a day of messages must not slow anything. */
export const KEPT = { logs: 300, messages: 100, readings: 3_000 } as const;

export type PageEvent =
  | {
      readonly t: "hello";
      readonly state: State;
      readonly led: Rgb;
      readonly logs: readonly LogLine[];
      readonly messages: readonly Message[];
      readonly readings: readonly DecodedReading[];
    }
  | { readonly t: "state"; readonly state: State }
  | { readonly t: "led"; readonly led: Rgb }
  | { readonly t: "log"; readonly line: LogLine }
  | { readonly t: "message"; readonly message: Message };

/** Duty of each channel, 0 to 255, as the firmware drives the LED: linear light. */
export interface Rgb {
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

/** What a person may change of a router. */
export type RouterChange =
  | { readonly on: boolean }
  | { readonly channel: number | null }
  | { readonly rssi: number }
  | { readonly security: Security }
  | { readonly ssid: string }
  | { readonly password: string }
  | { readonly macFilter: "off" | "admits" | "refuses" }
  | { readonly signInPage: boolean }
  | { readonly repeats: boolean }
  | { readonly dhcp: boolean }
  | { readonly internet: boolean }
  | { readonly port: OutboundPort; readonly blocked: boolean };

export type Action =
  | { readonly do: "power"; readonly on: boolean }
  | { readonly do: "button"; readonly pressed: boolean }
  | { readonly do: "router"; readonly index: number; readonly change: RouterChange }
  | { readonly do: "add-router" }
  | { readonly do: "remove-router"; readonly index: number }
  /** Another board of the same identity, as from the box. */
  | { readonly do: "new-board" }
  | { readonly do: "internet"; readonly on: boolean }
  | { readonly do: "broker"; readonly on: boolean }
  | { readonly do: "sensor"; readonly sensor: string; readonly fault: TwinFault; readonly on: boolean }
  | { readonly do: "carry"; readonly room: RoomName }
  | { readonly do: "scene"; readonly id: string }
  | { readonly do: "mend" }
  | { readonly do: "mode"; readonly mode: Mode }
  | { readonly do: "speed"; readonly speed: Speed }
  | { readonly do: "weather"; readonly on: boolean }
  | { readonly do: "command"; readonly name: string; readonly args: Record<string, unknown> }
  | { readonly do: "phone"; readonly joined: boolean }
  | { readonly do: "release"; readonly kind: ReleaseKind }
  /** `null`: not at all. */
  | { readonly do: "plug"; readonly at: number | null }
  | { readonly do: "configure"; readonly desired: Record<string, unknown> };
