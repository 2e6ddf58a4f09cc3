import { type Control, ControlError, type Settings } from "../../cloud/api/control";
import { Cloud, type CloudOptions, CloudTimeout } from "./cloud";
import { DesiredConflict, DesiredError } from "./desired-state";

const SIDE_BY_SIDE = 100;

/**
 * The API's way to a device. Each call has a connection of its own that hears this device alone: calls are few, and
 * what ten thousand others send meanwhile is not for this process.
 */
export class MqttControl implements Control {
  #options: CloudOptions;
  #open = new Set<Cloud>();

  constructor(options: CloudOptions) {
    this.#options = options;
  }

  desired(deviceId: string) {
    return this.#with(deviceId, (cloud) => cloud.desired(deviceId));
  }

  desire(deviceId: string, changes: Settings) {
    return this.#with(deviceId, (cloud) => cloud.desire(deviceId, changes));
  }

  reported(deviceId: string) {
    return this.#with(deviceId, (cloud) => cloud.reported(deviceId));
  }

  command(deviceId: string, name: string, args: Settings | undefined) {
    return this.#with(deviceId, (cloud) => cloud.command(deviceId, name, args));
  }

  async offer(deviceIds: readonly string[], manifest: string): Promise<void> {
    for (const id of deviceIds) checkId(id);
    const [first] = deviceIds;
    if (first === undefined) return;
    await this.#with(first, async (cloud) => {
      // Side by side, for each waits for the broker's word; not all of ten thousand at once.
      for (let i = 0; i < deviceIds.length; i += SIDE_BY_SIDE)
        await Promise.all(deviceIds.slice(i, i + SIDE_BY_SIDE).map((id) => cloud.offer(id, manifest)));
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((cloud) => cloud.close()));
  }

  async #with<T>(deviceId: string, act: (cloud: Cloud) => Promise<T>): Promise<T> {
    checkId(deviceId);
    let cloud: Cloud | undefined;
    try {
      cloud = await Cloud.connect(this.#options, deviceId);
      this.#open.add(cloud);
      return await act(cloud);
    } catch (error) {
      if (error instanceof CloudTimeout) throw new ControlError("no-answer", error.message);
      if (error instanceof DesiredConflict) throw new ControlError("conflict", error.message);
      if (error instanceof DesiredError) throw new ControlError("refused", error.message);
      throw error;
    } finally {
      if (cloud) {
        this.#open.delete(cloud);
        await cloud.close();
      }
    }
  }
}

/** What a topic means by `+`, `#` and `/` no device's name may mean. */
function checkId(id: string): void {
  if (!/^[^+#/\0]{1,128}$/.test(id)) throw new ControlError("refused", "no device has such a name on MQTT");
}
