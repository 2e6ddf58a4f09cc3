import { createHash } from "node:crypto";
import type { Identity } from "../../modules/identity/identity";
import { formatIdentity } from "../../tools/identity/format";
import type { Network } from "../../wifi/network";
import { bundleFirmware, compileFirmware } from "../firmware";
import type { ModelName } from "../models/names";
import { seedSettings } from "../seed-settings";
import { FACTORY_RELEASE } from "../update-scenes";
import { VirtualWorld } from "../virtual/virtual-world";
import type { Rgb, Speed } from "./protocol";
import type { Stage, StageEvents } from "./stage";

/** How often the clock is moved on, and the light shown. */
const TICK_MS = 33;
/** Virtual time is run in slices, so that what lasts a moment can be seen. */
const SLICE_MS = 100;
/** Of each tick, the rest of the process gets the remainder. */
const BUDGET_MS = 20;

export interface VirtualStage extends Stage {
  speed: Speed;
}

/** The virtual world beside the clock on the wall, `speed` times as fast. `onSlice`: after each slice. */
export async function openVirtualStage(
  options: StageEvents & {
    identity: Identity;
    /** Whose updates the board takes. */
    updateKeys: readonly string[];
    seed: number;
    samplingSeconds: number;
    model?: ModelName;
    onSlice(): void;
  },
): Promise<VirtualStage> {
  const startUnixMs = Date.now();
  const firmware = compileFirmware(
    await bundleFirmware(Math.floor(startUnixMs / 1000) - 60, {
      updateKeys: options.updateKeys,
      release: FACTORY_RELEASE,
    }),
  );
  let colour: Rgb = { r: 0, g: 0, b: 0 };
  const virtual = new VirtualWorld({
    firmware,
    identity: formatIdentity(options.identity),
    seed: options.seed,
    networks: [],
    startUnixMs,
    button: true,
    ...(options.model && { model: options.model }),
    settings: { samplingSeconds: options.samplingSeconds },
    onTrace: (line) => options.onTrace(line),
    onState: (state) => options.onState(state),
    onLed: (next) => {
      colour = next;
    },
    onMessage: (topic, payload) => options.onMessage(topic, payload),
  });
  let ticking: NodeJS.Timeout | undefined;
  let shown = colour;
  let last = 0;

  let served = 0;
  const tellServed = (): void => {
    const last = virtual.updates.served.at(-1)?.request;
    const size = virtual.updates.images.get(last?.sha256 ?? "")?.length;
    const fraction = size && last?.range ? Math.min(1, (last.range.to + 1) / size) : 0;
    if (fraction === served) return;
    served = fraction;
    options.onServed(fraction);
  };

  const tick = (): void => {
    const start = performance.now();
    let due = Math.min(start - last, 4 * TICK_MS) * stage.speed;
    last = start;
    try {
      while (due > 0 && performance.now() - start < BUDGET_MS) {
        const slice = Math.min(due, SLICE_MS);
        virtual.run(slice);
        tellServed();
        options.onSlice();
        due -= slice;
      }
    } catch (error) {
      stage.pause();
      options.onCrash(error as Error);
    }
    if (shown === colour) return;
    shown = colour;
    options.onLed(colour);
  };

  const stage: VirtualStage = {
    mode: "virtual",
    speed: 1,
    world: virtual.world,
    led: virtual.led,
    tls: undefined,
    get unixMs() {
      return virtual.unixMs;
    },
    get broker() {
      return !virtual.broker.faults.down;
    },
    setBroker(on) {
      virtual.broker.faults.down = !on;
      if (!on) virtual.broker.crash();
      return Promise.resolve();
    },
    renew: () => virtual.renew(),
    tell: (networks: readonly Network[]) =>
      seedSettings(
        virtual.storage,
        networks,
        { ...virtual.settings, samplingSeconds: options.samplingSeconds },
        true,
      ),
    publish: (topic, payload, how) => {
      options.onMessage(topic, payload);
      virtual.broker.publish(topic, payload, how);
    },
    putImage(image) {
      virtual.updates.images.set(createHash("sha256").update(image).digest("hex"), image);
      return Promise.resolve();
    },
    run() {
      last = performance.now();
      ticking ??= setInterval(tick, TICK_MS);
    },
    pause() {
      clearInterval(ticking);
      ticking = undefined;
    },
    close() {
      stage.pause();
      return virtual.world.powerOff();
    },
  };
  return stage;
}
