import { X509Certificate } from "node:crypto";
import { RenewalDesk } from "../../tools/authority/desk";
import { Issuer, introduce, type Policy } from "../../tools/authority/issuer";
import { Register } from "../../tools/authority/register";
import { LocalSigner } from "../../tools/authority/signer";
import type { Authority } from "../../tools/pki/certificates";
import type { TlsVerdict, Validity } from "./tls-stand-in";
import type { VirtualBroker } from "./virtual-broker";

export interface VirtualPkiOptions {
  /** Who signs devices, and whom the broker believes. */
  readonly devices: Authority;
  /** What the broker shows. */
  readonly server: Validity & { readonly authority: Uint8Array };
  readonly lifetimeMs?: number;
  readonly policy?: Partial<Policy>;
  /** Unix milliseconds of the world. */
  now(): number;
}

/**
 * The certificates of a virtual world, which are real ones (its TLS is not): what the broker shows, whom it lets in, and
 * the issuer that answers renewals. Signing takes real time: `settle` waits for it.
 */
export class VirtualPki {
  /** What the broker and port 443 show. */
  server: VirtualPkiOptions["server"];
  /** Whom the broker believes: more than one while they change. */
  devices: X509Certificate[];
  /** Nobody answers: the service is out, or the customer has none. */
  isServing = true;
  /** Who is shut out beside those whom the register names, by serial number. */
  refuses: (serial: string) => boolean = () => false;
  /** In place of the right answer: what somebody who has taken over the service sends. */
  forge: ((device: string, text: string) => string | undefined) | undefined;
  readonly issuer: Issuer;
  readonly events: string[] = [];
  #pending = new Set<Promise<void>>();

  constructor(options: VirtualPkiOptions) {
    const { devices, server, now, lifetimeMs, policy } = options;
    this.server = server;
    this.devices = [new X509Certificate(devices.certificate)];
    this.issuer = new Issuer({
      register: Register.inMemory(),
      signer: new LocalSigner({ authority: devices, ...(lifetimeMs !== undefined && { lifetimeMs }) }),
      now,
      random: () => 0,
      onEvent: (line) => this.events.push(line),
      ...(policy && { policy }),
    });
  }

  /** Answers what comes on `identity/request`. */
  serve(broker: VirtualBroker): void {
    const desk = new RenewalDesk({
      issuer: this.issuer,
      send: (device, text) => {
        const sent = this.forge ? this.forge(device, text) : text;
        if (sent !== undefined)
          broker.publish(`aerolink/v1/${device}/identity/renew`, new Uint8Array(Buffer.from(sent)));
      },
    });
    const before = broker.onPublish;
    broker.onPublish = (publication) => {
      before(publication);
      const [, device] = /^aerolink\/v1\/([^/]+)\/identity\/request$/.exec(publication.topic) ?? [];
      if (device === undefined || !this.isServing) return;
      const done: Promise<void> = desk
        .take(device, publication.payload)
        .finally(() => this.#pending.delete(done));
      this.#pending.add(done);
    };
  }

  /** A device and the certificate that its factory gave it. */
  know(device: string, leaf: Uint8Array, unixMs: number): Promise<void> {
    return introduce(this.issuer.register, device, leaf, Math.floor(unixMs / 1000));
  }

  get isBusy(): boolean {
    return this.#pending.size > 0;
  }

  /** Until what was asked has been answered. */
  async settle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  /** What a handshake with the broker comes to. */
  verdict(certificate: Uint8Array | undefined, unixMs: number): TlsVerdict {
    return certificate && this.isGood(certificate, unixMs) ? this.server : "client-certificate-refused";
  }

  /** Whether it lets a device in; not `dated`: as the rescue door does. */
  isGood(der: Uint8Array, unixMs: number, { dated = true } = {}): boolean {
    const certificate = new X509Certificate(der);
    if (unixMs < Date.parse(certificate.validFrom)) return false;
    if (dated && unixMs > Date.parse(certificate.validTo)) return false;
    const serial = certificate.serialNumber.toLowerCase();
    if (this.refuses(serial)) return false;
    if (this.issuer.register.revoked(Math.floor(unixMs / 1000)).some((each) => each.serial === serial))
      return false;
    return this.devices.some((authority) => certificate.verify(authority.publicKey));
  }
}
