export type Settings = Readonly<Record<string, unknown>>;

export type ControlFault =
  /** Nothing came back in time: the device is away, or the broker. */
  | "no-answer"
  /** Somebody else changed the same thing at the same time, and theirs stands. */
  | "conflict"
  /** It cannot be said to a device at all. */
  | "refused";

export class ControlError extends Error {
  override name = "ControlError";
  readonly fault: ControlFault;

  constructor(fault: ControlFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

/** The cloud's side of docs/protocol.md towards one device; by MQTT ids. All throw {@link ControlError}. */
export interface Control {
  /** What stands as desired, whether the device has it already or not. */
  desired(deviceId: string): Promise<{ version: number; settings: Settings } | undefined>;
  /** Changes it, and waits for what the device reports. A change to `null` is to the firmware's default. */
  desire(deviceId: string, changes: Settings): Promise<object>;
  reported(deviceId: string): Promise<object>;
  /** Sends a command and waits for its result. */
  command(deviceId: string, name: string, args: Settings | undefined): Promise<object>;
  /** A signed manifest; empty: takes the offer back. Some of the devices may have been told of it when it throws. */
  offer(deviceIds: readonly string[], manifest: string): Promise<void>;
}
