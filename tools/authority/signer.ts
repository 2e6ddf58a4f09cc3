import { X509Certificate } from "node:crypto";
import { RENEWED_MS } from "../identity/factory";
import { type Authority, certifyKey } from "../pki/certificates";

/** What has been judged, and is to be signed. */
export interface SigningOrder {
  /** The name that the certificate gets. */
  readonly device: string;
  /** As it came, for authorities that are elsewhere. */
  readonly csr: Uint8Array;
  /** SPKI DER, P-256. */
  readonly publicKey: Uint8Array;
  /** Unix milliseconds. */
  readonly now: number;
}

/** Whoever signs: an authority here, or a customer's behind EST. */
export interface RequestSigner {
  /**
   * The leaf, and the authorities above it, the root too: a device knows the authority of its present certificate, and
   * no other that signs devices. DER. @throws Error in words, when it does not
   */
  sign(order: SigningOrder): Promise<readonly Uint8Array[]>;
}

const DAY_MS = 86_400_000;
export const RENEWED_DAYS = RENEWED_MS / DAY_MS;
/** Clocks differ: it is valid from a day before, and where it is short from a thirtieth of its life before. */
const SKEW_MS = DAY_MS;
const SKEW_SHARE = 30;

/** An authority whose key is here. */
export class LocalSigner implements RequestSigner {
  #authority: Authority;
  #above: readonly Uint8Array[];
  #lifetimeMs: number;

  constructor(options: {
    readonly authority: Authority;
    /** Its own certificate and those above it; default: it is a root. */
    readonly above?: readonly Uint8Array[];
    readonly lifetimeMs?: number;
  }) {
    this.#authority = options.authority;
    this.#above = options.above ?? [options.authority.certificate];
    this.#lifetimeMs = options.lifetimeMs ?? RENEWED_DAYS * DAY_MS;
  }

  async sign({ device, publicKey, now }: SigningOrder): Promise<readonly Uint8Array[]> {
    const end = Date.parse(new X509Certificate(this.#authority.certificate).validTo);
    if (end < now) throw new Error("the devices' authority has expired");
    const skew = Math.min(SKEW_MS, this.#lifetimeMs / SKEW_SHARE);
    const leaf = await certifyKey(this.#authority, publicKey, {
      commonName: device,
      usage: "client",
      notBefore: new Date(now - skew),
      notAfter: new Date(now + this.#lifetimeMs),
    });
    return [leaf, ...this.#above];
  }
}
