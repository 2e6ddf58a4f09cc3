import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import type { MqttClient } from "mqtt";
import { factoryCertificate } from "../../tools/authority/authorities";
import { RenewalDesk } from "../../tools/authority/desk";
import { Issuer } from "../../tools/authority/issuer";
import { Register } from "../../tools/authority/register";
import { LocalSigner } from "../../tools/authority/signer";
import { type Authority, issueCertificate } from "../../tools/pki/certificates";
import type { DevelopmentPki } from "../../tools/pki/development";
import { readPrivateKey } from "../../tools/pki/keys";
import { formatPem, readCertificates } from "../../tools/pki/pem";
import { DEVELOPMENT_HOSTS } from "../../tools/pki/store";
import type { Broker } from "./broker";
import { CloudIdentity } from "./cloud-identity";

export interface RenewalsOptions {
  /** Where the register is kept, and what `npm run identity` would have made. */
  readonly folder: string;
  readonly pki: DevelopmentPki;
  readonly broker: Broker;
  readonly deviceId: string;
  /** What the device's topics begin with; no slash at the end. */
  readonly topicBase: string;
}

/** A page that is played with asks more often than a device does. */
const A_DAY = 100;

/** The simulator's cloud as it renews certificates: the tools' issuer beside the embedded broker. */
export class Renewals {
  readonly identity: CloudIdentity;
  #options: RenewalsOptions;
  #desk: RenewalDesk;
  #cloud: MqttClient | undefined;

  private constructor(options: RenewalsOptions, issuer: Issuer) {
    const { pki, broker, topicBase } = options;
    this.#options = options;
    this.#desk = new RenewalDesk({
      issuer,
      send: (_device, text) => this.#publish("identity/renew", text),
    });
    this.identity = new CloudIdentity({
      own: readCertificates(Buffer.from(pki.authorityPem))[0]!,
      trustKey: pki.updateKey,
      issuer,
      now: Date.now,
      publishTrust: (jws) => this.#publish("identity/trust", jws, true),
      show: (other) => this.#show(other),
    });
    broker.denies = (serial) => this.identity.isRefused(serial);
    this.#topic = (name) => `${topicBase}/${name}`;
  }

  #topic: (name: string) => string;

  static async open(options: RenewalsOptions): Promise<Renewals> {
    const { folder, pki } = options;
    const register = await Register.open(join(folder, "authority", "register.jsonl"));
    const issuer = new Issuer({
      register,
      signer: new LocalSigner({ authority: pki.devices }),
      policy: { aDay: A_DAY },
      findKnown: (device) => factoryCertificate(join(folder, "pki"), device),
    });
    return new Renewals(options, issuer);
  }

  /** The cloud's client at the broker. */
  speakThrough(cloud: MqttClient): void {
    this.#cloud = cloud;
  }

  /** A message at the broker. */
  take(topic: string, payload: Uint8Array): void {
    if (topic === this.#topic("identity/request")) void this.#desk.take(this.#options.deviceId, payload);
  }

  #publish(name: string, text: string, retain = false): void {
    this.#cloud?.publish(this.#topic(name), text, { qos: 1, retain });
  }

  async #show(other: Authority | undefined): Promise<void> {
    const { pki, broker } = this.#options;
    const { keyPem, certificatePem } = pki.broker;
    if (!other) return broker.show({ key: keyPem, certificateChain: certificatePem });
    const key = readPrivateKey(Buffer.from(keyPem));
    const leaf = await issueCertificate(other, key, {
      ...{ commonName: DEVELOPMENT_HOSTS[0]!, usage: "server", hosts: DEVELOPMENT_HOSTS },
      notAfter: new Date(new X509Certificate(other.certificate).validTo),
    });
    // Our own client has to follow, as operators do.
    if (this.#cloud) this.#cloud.options.ca = [pki.authorityPem, formatPem("CERTIFICATE", other.certificate)];
    await broker.show({ key: keyPem, certificateChain: formatPem("CERTIFICATE", leaf) });
  }
}
