import type { Issuer } from "../../tools/authority/issuer";
import { type Authority, createAuthority } from "../../tools/pki/certificates";
import { signTrustList } from "../../tools/release/trust-list";

export interface CloudIdentityOptions {
  /** The broker's own authority, which devices know from their factory; DER. */
  readonly own: Uint8Array;
  /** Whose lists devices take; PKCS#8 DER. */
  readonly trustKey: Uint8Array;
  readonly issuer: Issuer;
  /** Unix milliseconds. */
  now(): number;
  /** To `identity/trust`, retained. */
  publishTrust(jws: string): void;
  /** The broker shows a certificate of another authority, or its own again; every connection ends. */
  show(other: Authority | undefined): Promise<void>;
}

const DAY_MS = 86_400_000;

/** What a scene can do with the certificates of its cloud: a second authority beside the broker's own, a closed door. */
export class CloudIdentity {
  #options: CloudIdentityOptions;
  #other: Authority | undefined;
  /** Serial numbers that are let in; `undefined`: all. */
  #known: ReadonlySet<string> | undefined;

  constructor(options: CloudIdentityOptions) {
    this.#options = options;
  }

  /** Signs a list of the broker's own authority and of another one, which ends in `lifeMs`. */
  async announce(list: number, lifeMs: number): Promise<void> {
    const { own, trustKey, now, publishTrust } = this.#options;
    this.#other = await createAuthority("Aerolink broker CA, the next one", {
      usage: "server",
      notBefore: new Date(now() - DAY_MS),
      notAfter: new Date(now() + lifeMs),
    });
    const authorities = [own, this.#other.certificate].map((der) => Buffer.from(der).toString("base64url"));
    publishTrust(signTrustList({ v: 1, list, authorities, iat: Math.floor(now() / 1000) }, trustKey));
  }

  async show(which: "own" | "other"): Promise<void> {
    await this.#options.show(which === "other" ? this.#other : undefined);
  }

  /** What is issued from now on is refused at the broker's door, or is not any more. */
  refuseNew(on: boolean): void {
    const { devices } = this.#options.issuer.register;
    this.#known = on
      ? new Set([...devices.values()].flatMap(({ certificates }) => certificates.map(({ serial }) => serial)))
      : undefined;
  }

  /** For the broker. Of whoever is in the register alone: operators are not. */
  isRefused(serial: string): boolean {
    if (!this.#known || this.#known.has(serial)) return false;
    const { devices } = this.#options.issuer.register;
    return [...devices.values()].some(({ certificates }) =>
      certificates.some((each) => each.serial === serial),
    );
  }
}
