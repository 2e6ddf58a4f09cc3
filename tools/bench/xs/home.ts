import { writeFileSync } from "node:fs";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { decodeTelemetry } from "../../../cloud/payload/decode-telemetry";
import { parseIdentity } from "../../../modules/identity/identity";
import { FlashJournal } from "../../../modules/journal/flash-journal";
import { SimulatedSensor } from "../../../sim/air/simulated-sensor";
import { NorFlash } from "../../../sim/device/nor-flash";
import { XsFlash } from "../../../sim/linked/xs-flash";
import { Flash } from "../../../sim/sdk/flash";
import { Broker } from "../../../sim/world/broker";
import type { DevelopmentPki } from "../../pki/development";

/** One board's broker behind mutual TLS, the cloud that decodes what it sends, and its flash in a folder. */
export class Home {
  /** Of the readings that arrived. */
  readonly seqs = new Set<number>();
  readonly folder: string;
  #broker: Broker;
  #cloud: MqttClient;
  #topics: string;

  private constructor(folder: string, pki: DevelopmentPki, broker: Broker, cloud: MqttClient) {
    const identity = parseIdentity(pki.identity);
    if (typeof identity === "string") throw new Error(identity);
    this.folder = folder;
    this.#topics = `aerolink/v1/${identity.deviceId}`;
    this.#broker = broker;
    this.#cloud = cloud;
  }

  /** Offers an update, and asks for it at once; what the device says of it goes to `onState`. */
  async offer(
    { jws, release }: { jws: string; release: number },
    onState: (state: string) => void,
  ): Promise<void> {
    const device = this.#topics;
    this.#cloud.on("message", (topic, payload) => {
      if (topic === `${device}/update/state`)
        onState((JSON.parse(payload.toString()) as { state: string }).state);
    });
    await this.#cloud.subscribeAsync(`${device}/update/state`, { qos: 1 });
    await this.#cloud.publishAsync(`${device}/update/offer`, jws, { qos: 1, retain: true });
    const command = { id: "bench", name: "update", args: { release } };
    await this.#cloud.publishAsync(`${device}/command`, JSON.stringify(command), { qos: 1 });
  }

  /** @param backlog readings that wait in the journal */
  static async open(folder: string, pki: DevelopmentPki, backlog: number): Promise<Home> {
    const broker = await Broker.start({
      key: pki.broker.keyPem,
      certificateChain: pki.broker.certificatePem,
      deviceAuthority: pki.deviceAuthorityPem,
      operatorAuthority: pki.operatorAuthorityPem,
    });
    const cloud = mqtt.connect(`mqtts://127.0.0.1:${broker.port}`, {
      ca: pki.authorityPem,
      key: pki.cloud.keyPem,
      cert: pki.cloud.certificatePem,
      clientId: "cloud",
    });
    const home = new Home(folder, pki, broker, cloud);
    cloud.on("connect", () => cloud.subscribe("aerolink/v1/+/telemetry", { qos: 1 }));
    cloud.on("message", (topic, payload) => {
      if (!topic.endsWith("/telemetry")) return;
      for (const { seq } of decodeTelemetry(new Uint8Array(payload))) home.seqs.add(seq);
    });
    await new Promise<void>((resolve) => cloud.once("connect", () => resolve()));
    const flash = new XsFlash(join(folder, "aerolink"));
    flash.writeIdentity(pki.identity);
    flash.tell([{ ssid: "Home", password: "correct horse" }], {
      brokerHost: "127.0.0.1",
      brokerPort: broker.port!,
      sntpServers: ["127.0.0.1"],
      samplingSeconds: 5,
    });
    if (backlog > 0) writeFileSync(join(folder, "aerolink/journal.flash"), journalWith(backlog));
    return home;
  }

  async close(): Promise<void> {
    await this.#cloud.endAsync(true);
    await this.#broker.close();
  }
}

/** The bytes of a journal partition that holds `count` readings, one a minute. */
function journalWith(count: number): Uint8Array {
  const chip = new NorFlash({ byteLength: 576 * 1024 });
  let minute = 0;
  const sensor = new SimulatedSensor({ seed: 1, now: () => minute * 60_000 });
  const journal = new FlashJournal({ flash: new Flash(chip, false), newEpoch: () => 0xa5a5a5a5 });
  while (journal.counts.pending < count) {
    minute++;
    const values = sensor.sample();
    if (values)
      journal.append(values, {
        boot: 1,
        uptimeSeconds: minute * 60,
        unixSeconds: 1_795_000_000 + minute * 60,
      });
  }
  return chip.cells;
}
