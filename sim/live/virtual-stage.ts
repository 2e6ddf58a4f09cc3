import { createHash, X509Certificate } from "node:crypto";
import type { Identity } from "../../modules/identity/identity";
import { formatIdentity } from "../../tools/identity/format";
import type { Authority } from "../../tools/pki/certificates";
import type { Network } from "../../wifi/network";
import { bundleFirmware, compileFirmware } from "../device/firmware";
import { seedSettings } from "../device/seed-settings";
import type { ModelName } from "../models/names";
import { FACTORY_RELEASE } from "../scenes/update-scenes";
import { VirtualPki } from "../virtual/virtual-pki";
import { VirtualWorld } from "../virtual/virtual-world";
import { CloudIdentity } from "../world/cloud-identity";
import type { Rgb, Speed } from "./protocol";
import type { Stage, StageEvents } from "./stage";

/** How often the clock is moved on, and the light shown. */
const TICK_MS = 33;
/** Virtual time is run in slices, so that what lasts a moment can be seen. */
const SLICE_MS = 100;
/** Of the broker's certificate. */
const CERTIFICATE_AGE_MS = 30 * 86_400_000;
const CERTIFICATE_LEFT_MS = 795 * 86_400_000;
/** A page that is played with asks more often than a device does. */
const A_DAY = 1_000;
/** Of each tick, the rest of the process gets the remainder. */
const BUDGET_MS = 20;

export interface VirtualStage extends Stage {
  speed: Speed;
}

/** The virtual world beside the clock on the wall, `speed` times as fast. `onSlice`: after each slice. */
export async function openVirtualStage(
  options: StageEvents & {
    identity: Identity;
    /** Who signs devices, and lists of authorities; absent: nobody looks at certificates. */
    cloud?: { readonly devices: Authority; readonly trustKey: Uint8Array };
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
  const [own] = options.identity.certificateAuthorities;
  const ownServer = {
    authority: own!,
    fromMs: startUnixMs - CERTIFICATE_AGE_MS,
    untilMs: startUnixMs + CERTIFICATE_LEFT_MS,
  };
  const pki =
    options.cloud &&
    new VirtualPki({
      devices: options.cloud.devices,
      server: ownServer,
      policy: { aDay: A_DAY },
      now: () => virtual.unixMs,
    });
  const { deviceId, certificateChain } = options.identity;
  await pki?.know(deviceId, certificateChain[0]!, startUnixMs);
  const virtual = new VirtualWorld({
    firmware,
    identity: formatIdentity(options.identity),
    seed: options.seed,
    networks: [],
    startUnixMs,
    button: true,
    ...(options.model && { model: options.model }),
    ...(pki && { pki }),
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

  const cloudIdentity =
    pki &&
    new CloudIdentity({
      own: own!,
      trustKey: options.cloud!.trustKey,
      issuer: pki.issuer,
      now: () => virtual.unixMs,
      publishTrust: (jws) =>
        stage.publish(`aerolink/v1/${deviceId}/identity/trust`, new TextEncoder().encode(jws), {
          retain: true,
        }),
      show: (other) => {
        const { validTo } = new X509Certificate(other?.certificate ?? own!);
        pki.server = other
          ? { ...ownServer, authority: other.certificate, untilMs: Date.parse(validTo) }
          : ownServer;
        virtual.broker.crash();
        return Promise.resolve();
      },
    });
  if (pki && cloudIdentity) pki.refuses = (serial) => cloudIdentity.isRefused(serial);

  const stage: VirtualStage = {
    identity: cloudIdentity,
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
