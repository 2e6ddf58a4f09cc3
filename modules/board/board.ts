import type { LedDriver } from "../../led/led";
import type { AccessPoint } from "../../wifi/access-point";
import type { Radio } from "../../wifi/radio";
import type { Logger } from "../base/logger";
import type { CredentialTools } from "../credentials/credential-tools";
import type { ExternalWatchdog } from "../device/watchdog-feeder";
import type { OpenTlsSocket, TlsIdentity } from "../network/socket";
import type { Sensor, SensorChoice, SensorSettings } from "../sensor/sensor";
import type { SignatureCheck } from "../signed/crypto";
import type { Slots } from "../update/slots";

/**
 * What a platform gives the firmware. One file per platform exports `openBoard`; the manifest chooses it. `open…` is
 * called once, and only then is the hardware asked: the files themselves are preloaded.
 */
export interface Board {
  /** For the log and for diagnostics, e.g. "M5Atom Lite". */
  readonly name: string;
  /** Why the last run ended, in a few words: "power-on", "task watchdog". */
  readonly resetReason: string;
  openLed(): LedDriver;
  /** True while the button is pressed, as the pin says now. `undefined`: the board has no button. */
  readonly readButton?: (() => boolean) | undefined;
  openRadio(log: Logger): Radio;
  /** The radio's other half, for setup mode; after `openRadio`. */
  openAccessPoint(): AccessPoint;
  /** The sensors; of two that measure the same, the first of the list that has a value is believed. */
  openSensors(log: Logger, settings: SensorSettings): readonly Sensor[];
  /** Which sensor a quantity is taken from, by its place in that list: from this one or from none. */
  readonly wins?: SensorChoice;
  /** A watchdog outside the chip: without a feeding for minutes it resets the board. */
  readonly watchdog?: ExternalWatchdog | undefined;
  readonly openTlsSocket: OpenTlsSocket;
  /** Whether the board's TLS can be this device: its key is its certificate's, and the engine knows how to use both. */
  canUse(identity: TlsIdentity): boolean;
  /** When the last of the authorities expires, Unix milliseconds; 0: the board's TLS cannot tell. */
  trustedUntil(identity: TlsIdentity): number;
  /** `count` bytes from the hardware's random number generator. */
  randomBytes(count: number): Uint8Array;
  /** The identity partition as it is, or `undefined` when there is none. */
  readIdentity(): ArrayBuffer | undefined;
  /** Free RAM now and at its least since the boot, bytes; absent where the platform does not tell. */
  readonly heap?: () => { readonly free: number; readonly lowest: number };
  /** SHA-256 and ES256. */
  readonly signatures: SignatureCheck;
  /** Keys, requests and certificates of our own. */
  readonly credentials: CredentialTools;
  /** Where images lie. `undefined`: the partition table has one place only, and no update fits. */
  openSlots(): Slots | undefined;
  /** The last crash that the core dump tells of, one line of at most 120 characters; `undefined`: none. */
  readonly lastCrash?: () => string | undefined;
  /** Restarts the device at once. `reason` is for the log. */
  restart(reason: string): void;
}
