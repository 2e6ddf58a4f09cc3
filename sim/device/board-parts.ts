import type { CredentialTools } from "../../modules/credentials/credential-tools";
import type { Socket, TlsIdentity, TlsSocketOptions } from "../../modules/network/socket";
import type { Sensor } from "../../modules/sensor/sensor";
import type { SignatureCheck } from "../../modules/signed/crypto";
import type { Slots } from "../../modules/update/slots";
import type { AccessPoint } from "../../wifi/access-point";
import type { Radio } from "../../wifi/radio";
import type { StoredValue } from "../sdk/machine";
import type { DeviceEnd, Failure, ToDevice } from "../world/wire";
import { WiredAccessPoint } from "./wired-access-point";
import { WiredRadio } from "./wired-radio";

/** What `sim/board.ts` finds on the machine beside the SDK's modules. */
export interface BoardParts {
  readonly wire: DeviceEnd;
  readonly radio: Radio;
  readonly accessPoint: AccessPoint;
  readonly sensor: Sensor | undefined;
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
  /** `undefined`: a board without a button, which spares the virtual world fifty samples a second. */
  readonly buttonPressed: (() => boolean) | undefined;
  take(message: ToDevice): void;
}

const CRASH = "last";

export function boardParts(options: {
  wire: DeviceEnd;
  mac: string;
  sensor: Sensor | undefined;
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
}): BoardParts {
  const radio = new WiredRadio(options.wire, options.mac);
  const accessPoint = new WiredAccessPoint(options.wire);
  let pressed = false;
  return {
    wire: options.wire,
    radio,
    accessPoint,
    sensor: options.sensor,
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
    buttonPressed: options.button === false ? undefined : () => pressed,
    take: (message) => {
      if (message.t === "button") pressed = message.pressed;
      else if (!accessPoint.take(message)) radio.take(message);
    },
  };
}
