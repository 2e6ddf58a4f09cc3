import mqtt, { type MqttClient } from "mqtt";
import { createRequest } from "../../tools/pki/certificates";
import { createKey } from "../../tools/pki/keys";
import { formatPem } from "../../tools/pki/pem";

/** A device that only renews: what docs/protocol.md has it do, in Node and without the firmware. */
export class RenewingDevice {
  readonly id: string;
  #url: string;
  #ca: string;
  #key: Uint8Array;
  #chain: readonly Uint8Array[];

  constructor(options: {
    readonly id: string;
    readonly url: string;
    /** PEM: of the broker. */
    readonly ca: string;
    readonly key: Uint8Array;
    readonly chain: readonly Uint8Array[];
  }) {
    this.id = options.id;
    this.#url = options.url;
    this.#ca = options.ca;
    this.#key = options.key;
    this.#chain = options.chain;
  }

  get chain(): readonly Uint8Array[] {
    return this.#chain;
  }

  get key(): Uint8Array {
    return this.#key;
  }

  /** With the certificate that it has now, or that it had. @throws Error for a broker that does not let it in */
  async connect(chain = this.#chain, key = this.#key): Promise<MqttClient> {
    const client = mqtt.connect(this.#url, {
      clientId: this.id,
      clean: true,
      ca: this.#ca,
      key: formatPem("PRIVATE KEY", key),
      cert: chain.map((der) => formatPem("CERTIFICATE", der)).join(""),
      reconnectPeriod: 0,
      connectTimeout: 5_000,
    });
    await new Promise<void>((resolve, reject) => {
      client.once("connect", () => resolve());
      client.once("close", () => reject(new Error("closed")));
      client.on("error", reject);
    });
    return client;
  }

  /** Asks over a session of its present certificate; uses what comes from the next session on. */
  async renew(): Promise<void> {
    const key = await createKey();
    const answer = await this.ask({
      id: "0123abcd",
      csr: Buffer.from(await createRequest(this.id, key)).toString("base64url"),
    });
    if (!Array.isArray(answer.certificates)) throw new Error(String(answer.error));
    this.#chain = answer.certificates.map((text) => new Uint8Array(Buffer.from(String(text), "base64url")));
    this.#key = key;
  }

  async ask(request: object): Promise<Record<string, unknown>> {
    const client = await this.connect();
    try {
      const topic = (name: string): string => `aerolink/v1/${this.id}/identity/${name}`;
      await client.subscribeAsync(topic("renew"), { qos: 1 });
      const answer = new Promise<string>((resolve) => {
        client.once("message", (_topic, payload) => resolve(payload.toString()));
      });
      await client.publishAsync(topic("request"), JSON.stringify(request), { qos: 1 });
      return JSON.parse(await answer);
    } finally {
      await client.endAsync(true);
    }
  }
}
