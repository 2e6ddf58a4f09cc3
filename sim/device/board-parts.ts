import type { CredentialTools } from "../../modules/credentials/credential-tools";
import type { Socket, TlsIdentity, TlsSocketOptions } from "../../modules/network/socket";
import type { Sensor, SensorChoice } from "../../modules/sensor/sensor";
import type { SignatureCheck } from "../../modules/signed/crypto";
import type { Slots } from "../../modules/update/slots";
import type { AccessPoint } from "../../wifi/access-point";
import type { Radio } from "../../wifi/radio";
import type { SimulatedModel } from "../models/simulated-model";
import type { StoredValue } from "../sdk/machine";
import type { DeviceEnd, Failure, ToDevice } from "../world/wire";
import { WiredAccessPoint } from "./wired-access-point";
import { WiredRadio } from "./wired-radio";

/** What `sim/device/board.ts` finds on the machine beside the SDK's modules. */
export interface BoardParts {
  readonly wire: DeviceEnd;
  readonly radio: Radio;
  readonly accessPoint: AccessPoint;
  readonly sensors: readonly Sensor[];
  readonly wins: SensorChoice | undefined;
  /** The identity partition's bytes. */
  readonly identity: Uint8Array | undefined;
  readonly resetReason: string;
  openTlsSocket: ((options: TlsSocketOptions) => Socket) | undefined;
  canUse(identity: TlsIdentity): boolean;
  trustedUntil(identity: TlsIdentity): number;
  randomBytes(count: number): Uint8Array;
  readonly signatures: SignatureCheck;
  readonly credentials: CredentialTools;
  readonly slots: Slots | undefined;
  /** Of the core dump. */
  lastCrash(): string | undefined;
  /** The firmware ends here. `crash`: what the core dump keeps of a panic. */
  fail(how: Failure, crash?: string): void;
  /** A board that is simulated with its own file and drivers; `undefined`: one whose sensors are `sensors`. */
  readonly model: SimulatedModel | undefined;
  /** `undefined`: a board without a button, which spares the virtual world fifty samples a second. */
  readonly buttonPressed: (() => boolean) | undefined;
  /** The world wants to know what the firmware knows. */
  readonly watched: boolean;
  take(message: ToDevice): void;
}

const CRASH = "last";

export function boardParts(options: {
  wire: DeviceEnd;
  mac: string;
  sensors: readonly Sensor[];
  wins?: SensorChoice | undefined;
  identity: Uint8Array | undefined;
  resetReason: string;
  openTlsSocket?: (options: TlsSocketOptions) => Socket;
  /** Default: every identity can be used. */
  canUse?: (identity: TlsIdentity) => boolean;
  /** Default: nobody can tell. */
  trustedUntil?: (identity: TlsIdentity) => number;
  randomBytes(count: number): Uint8Array;
  signatures: SignatureCheck;
  credentials: CredentialTools;
  /** Default: a board with one slot. */
  slots?: Slots;
  /** Where the core dump is kept; default: nowhere. */
  coreDump?: Map<string, StoredValue>;
  /** Nothing of this life moves any more. */
  onFail?(): void;
  button?: boolean;
  /** Default: nobody wants to know what the firmware knows, and its parts are not looked at. */
  watched?: boolean;
  /** Default: a board of no make, whose sensors are `sensors`. */
  model?: SimulatedModel;
}): BoardParts {
  const radio = new WiredRadio(options.wire, options.mac);
  const accessPoint = new WiredAccessPoint(options.wire);
  let pressed = false;
  const { model } = options;
  return {
    wire: options.wire,
    radio,
    accessPoint,
    sensors: options.sensors,
    wins: options.wins,
    identity: options.identity,
    resetReason: options.resetReason,
    openTlsSocket: options.openTlsSocket,
    canUse: options.canUse ?? (() => true),
    trustedUntil: options.trustedUntil ?? (() => 0),
    randomBytes: options.randomBytes,
    signatures: options.signatures,
    credentials: options.credentials,
    slots: options.slots,
    lastCrash: () => options.coreDump?.get(CRASH) as string | undefined,
    fail: (how, crash) => {
      if (how === "panic") options.coreDump?.set(CRASH, crash ?? "");
      options.wire.post({ t: "fail", how });
      options.onFail?.();
    },
    watched: options.watched ?? false,
    model,
    buttonPressed: options.button === false ? undefined : () => pressed,
    take: (message) => {
      if (message.t === "button") pressed = message.pressed;
      else if (message.t === "sensor") model?.setFault(message.sensor, message.fault, message.on);
      else if (message.t === "room") model?.enter(message.room);
      else if (!accessPoint.take(message)) radio.take(message);
    },
  };
}
