import { createHmac } from "node:crypto";
import { jwtVerify, SignJWT } from "jose";
import type { PendingSignIn, Person } from "./people";

/** A working day; then the provider is asked again. */
const SESSION_SECONDS = 8 * 3_600;
/** From the sign-in button to the way back. */
const PENDING_SECONDS = 600;

export interface SessionsOptions {
  /** From which the key of the cookies is derived: the key of the tokens. */
  readonly secret: string;
  /** `false`: without TLS, on loopback. */
  readonly isSecure: boolean;
  now?(): number;
}

type Use = "session" | "sign-in";

/**
 * Cookies of people. A `__Host-` name binds them to this host and to TLS (RFC 6265bis, section 4.1.3.2); nothing is
 * kept here, so that every process of the API knows them.
 */
export class Sessions {
  #options: SessionsOptions;
  #key: Buffer;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#key = createHmac("sha256", options.secret).update("aerolink people").digest();
  }

  async begin(person: Person): Promise<string> {
    return this.#cookie("session", { ...person }, SESSION_SECONDS);
  }

  async person(cookies: string | undefined): Promise<Person | undefined> {
    const { name, account } = (await this.#read("session", cookies)) ?? {};
    return typeof name === "string" && typeof account === "string" ? { name, account } : undefined;
  }

  async keep(pending: PendingSignIn): Promise<string> {
    return this.#cookie("sign-in", { ...pending }, PENDING_SECONDS);
  }

  async pending(cookies: string | undefined): Promise<PendingSignIn | undefined> {
    const { state, nonce, verifier } = (await this.#read("sign-in", cookies)) ?? {};
    if (typeof state !== "string" || typeof nonce !== "string" || typeof verifier !== "string")
      return undefined;
    return { state, nonce, verifier };
  }

  /** Sets the cookie to nothing. */
  end(use: Use): string {
    return this.#header(use, "", 0);
  }

  async #cookie(use: Use, claims: Record<string, unknown>, seconds: number): Promise<string> {
    const now = this.#nowSeconds();
    const text = await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256", typ: `aerolink-${use}+jwt` })
      .setIssuedAt(now)
      .setExpirationTime(now + seconds)
      .sign(this.#key);
    return this.#header(use, text, seconds);
  }

  async #read(use: Use, cookies: string | undefined): Promise<Record<string, unknown> | undefined> {
    const found = (cookies ?? "")
      .split(";")
      .map((each) => each.trim())
      .find((each) => each.startsWith(`${this.#name(use)}=`));
    if (!found) return undefined;
    try {
      const { payload } = await jwtVerify(found.slice(found.indexOf("=") + 1), this.#key, {
        algorithms: ["HS256"],
        typ: `aerolink-${use}+jwt`,
        requiredClaims: ["exp"],
        currentDate: new Date(this.#nowSeconds() * 1000),
      });
      return payload;
    } catch {
      return undefined; // somebody else's, or too old: as if there were none
    }
  }

  #name(use: Use): string {
    return `${this.#options.isSecure ? "__Host-" : ""}aerolink-${use}`;
  }

  #header(use: Use, value: string, seconds: number): string {
    const secure = this.#options.isSecure ? "; Secure" : "";
    // Lax: the provider's way back is a link from another site.
    return `${this.#name(use)}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
  }

  #nowSeconds(): number {
    return Math.floor((this.#options.now?.() ?? Date.now()) / 1000);
  }
}
