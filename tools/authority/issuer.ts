import { X509Certificate } from "node:crypto";
import { fitsAnswer, type RefusalReason, type RenewalAnswer } from "./messages";
import type { Register, Via } from "./register";
import { keyIdOf, type RequestFacts, readRequest } from "./request";
import type { RequestSigner } from "./signer";

export interface Policy {
  /** Certificates that a device gets in a day, at most. */
  readonly aDay: number;
  /** Requests that are signed at a time; more are told to come back. */
  readonly atOnce: number;
  /** When, from so many seconds to twice as many, so that a fleet does not come back as one. */
  readonly busySeconds: number;
  /** When whoever signs does not. */
  readonly faultSeconds: number;
}

export const USUAL_POLICY: Policy = { aDay: 4, atOnce: 32, busySeconds: 60, faultSeconds: 3_600 };

export interface IssuerOptions {
  readonly register: Register;
  readonly signer: RequestSigner;
  readonly policy?: Partial<Policy>;
  /** The certificate that a device has from its factory, where the register knows none: DER. */
  findKnown?(device: string): Promise<Uint8Array | undefined>;
  /** What happened, in a line for a person. */
  onEvent?(line: string): void;
  /** Unix milliseconds; default: the clock's. */
  now?(): number;
  /** Default: Math.random. */
  random?(): number;
}

const DAY_SECONDS = 86_400;

/**
 * Whoever a device asks for its next certificate, however it asks: the caller has established who it is, by the name in
 * the certificate of its connection. Known and not shut out, one request at a time, the name from that certificate, a
 * new key, so many a day; each answer is in the register before it leaves.
 */
export class Issuer {
  #options: IssuerOptions;
  #policy: Policy;
  #waiting = new Set<string>();

  constructor(options: IssuerOptions) {
    this.#options = options;
    this.#policy = { ...USUAL_POLICY, ...options.policy };
  }

  get register(): Register {
    return this.#options.register;
  }

  /** Never throws: what goes wrong here is the device's to wait for. */
  async renew(device: string, csr: Uint8Array, via: Via): Promise<RenewalAnswer> {
    if (this.#waiting.has(device) || this.#waiting.size >= this.#policy.atOnce)
      return this.#refuse(device, via, "busy", this.#spread(this.#policy.busySeconds));
    this.#waiting.add(device);
    try {
      return await this.#judge(device, csr, via);
    } catch (error) {
      const wait = this.#spread(this.#policy.faultSeconds);
      return await this.#refuse(device, via, "busy", wait, (error as Error).message).catch(
        (): RenewalAnswer => ({ error: "busy", retryAfterSeconds: wait }),
      );
    } finally {
      this.#waiting.delete(device);
    }
  }

  async #judge(device: string, csr: Uint8Array, via: Via): Promise<RenewalAnswer> {
    const { register } = this.#options;
    await register.refresh();
    await this.#introduce(device);
    const known = register.get(device);
    if (known.revokedAt !== undefined) return this.#refuse(device, via, "refused", undefined, "revoked");
    if (known.certificates.length === 0) return this.#refuse(device, via, "unknown-device");
    const facts = readRequest(csr);
    if (typeof facts === "string") return this.#refuse(device, via, facts);
    if (facts.commonName !== device)
      return this.#refuse(device, via, "name", undefined, `it says ${facts.commonName}`);
    const last = known.issued.at(-1);
    // The answer was lost on its way: the same again, and nothing is signed twice.
    if (last?.keyId === facts.keyId)
      return { certificates: last.chain.map((text) => new Uint8Array(Buffer.from(text, "base64"))) };
    if (register.ownerOf(facts.keyId) !== undefined)
      return this.#refuse(device, via, "key", undefined, "this key has had a certificate before");
    const wait = this.#waitOf(known.issued.map(({ at }) => at));
    if (wait !== undefined) return this.#refuse(device, via, "rate", wait);
    return this.#sign(device, csr, facts, via);
  }

  async #sign(device: string, csr: Uint8Array, facts: RequestFacts, via: Via): Promise<RenewalAnswer> {
    const { register, signer } = this.#options;
    const chain = await signer.sign({ device, csr, publicKey: facts.publicKey, now: this.#now() });
    const fault = whyWrong(chain, device, facts);
    if (fault) return this.#refuse(device, via, "refused", this.#spread(this.#policy.faultSeconds), fault);
    const { serialNumber, validTo } = new X509Certificate(chain[0]!);
    const until = Math.floor(Date.parse(validTo) / 1000);
    await register.add({
      at: this.#seconds(),
      device,
      what: "issued",
      via,
      serial: serialNumber.toLowerCase(),
      keyId: facts.keyId,
      until,
      chain: chain.map((der) => Buffer.from(der).toString("base64")),
    });
    this.#tell(`${device}: issued over ${via}, until ${new Date(until * 1000).toISOString()}`);
    return { certificates: chain };
  }

  /** A device that the factory made after this began. */
  async #introduce(device: string): Promise<void> {
    const { register, findKnown } = this.#options;
    if (register.get(device).certificates.length > 0) return;
    const der = await findKnown?.(device);
    if (der) await introduce(register, device, der, this.#seconds());
  }

  #waitOf(times: readonly number[]): number | undefined {
    const recent = times.filter((at) => this.#seconds() - at < DAY_SECONDS);
    const { aDay } = this.#policy;
    return recent.length < aDay ? undefined : recent.at(-aDay)! + DAY_SECONDS - this.#seconds();
  }

  async #refuse(
    device: string,
    via: Via,
    error: RefusalReason,
    retryAfterSeconds?: number,
    why?: string,
  ): Promise<RenewalAnswer> {
    const event = { at: this.#seconds(), device, what: "refused", via, reason: error } as const;
    await this.#options.register.add(why === undefined ? event : { ...event, why });
    this.#tell(`${device}: ${error}${why === undefined ? "" : ` (${why})`}`);
    return retryAfterSeconds === undefined ? { error } : { error, retryAfterSeconds };
  }

  #spread(seconds: number): number {
    return Math.round(seconds * (1 + (this.#options.random ?? Math.random)()));
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  #seconds(): number {
    return Math.floor(this.#now() / 1000);
  }

  #tell(line: string): void {
    this.#options.onEvent?.(line);
  }
}

/** The one common name of a certificate's subject. */
export function nameOf(der: Uint8Array): string | undefined {
  const names = new X509Certificate(der).subject.split("\n").filter((line) => line.startsWith("CN="));
  return names.length === 1 ? names[0]!.slice(3) : undefined;
}

/** Writes down a certificate that a device has already. */
export async function introduce(
  register: Register,
  device: string,
  der: Uint8Array,
  at: number,
): Promise<void> {
  const { serialNumber, validTo, publicKey } = new X509Certificate(der);
  await register.add({
    at,
    device,
    what: "known",
    serial: serialNumber.toLowerCase(),
    keyId: keyIdOf(publicKey.export({ format: "der", type: "spki" })),
    until: Math.floor(Date.parse(validTo) / 1000),
  });
}

/** What a device would refuse of an answer, whoever signed it. */
function whyWrong(chain: readonly Uint8Array[], device: string, facts: RequestFacts): string | undefined {
  if (chain.length === 0) return "nothing was signed";
  const leaf = new X509Certificate(chain[0]!);
  if (keyIdOf(leaf.publicKey.export({ format: "der", type: "spki" })) !== facts.keyId)
    return "the certificate is for another key";
  if (leaf.subject !== `CN=${device}`) return `the certificate names ${leaf.subject.replaceAll("\n", ", ")}`;
  if (leaf.ca) return "the certificate is an authority's";
  if (!fitsAnswer(chain)) return "the chain is longer than a device reads";
  return undefined;
}
