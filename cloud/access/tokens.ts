import { existsSync, linkSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import {
  type CryptoKey,
  calculateJwkThumbprint,
  errors,
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  importPKCS8,
  type JWK,
  jwtVerify,
  SignJWT,
} from "jose";
import { type ApiScope, parseScopes } from "./scopes";

const ALG = "ES256";
export const TOKEN_SECONDS = 3_600;

export interface TokenClaims {
  readonly client: string;
  readonly account: string;
  readonly scopes: ReadonlySet<ApiScope>;
}

export type TokenFault = "expired" | "invalid";

export interface TokensOptions {
  /** PKCS#8 in PEM, of a key on P-256; the same for every process that answers under one name. */
  readonly key: string;
  /** Who the token is of: the address that clients know. */
  readonly issuer: string;
  /** Whom it is for. */
  readonly audience: string;
  now?(): number;
}

/** Access tokens: JWTs (RFC 9068) of an hour. They are checked without the store; who they are of is looked up after. */
export class Tokens {
  #options: TokensOptions;
  #private: CryptoKey;
  #public: JWK;

  private constructor(options: TokensOptions, key: CryptoKey, jwk: JWK) {
    this.#options = options;
    this.#private = key;
    this.#public = jwk;
  }

  static async open(options: TokensOptions): Promise<Tokens> {
    const key = await importPKCS8(options.key, ALG, { extractable: true });
    const { kty, crv, x, y } = await exportJWK(key);
    const jwk = { kty: kty!, crv: crv!, x: x!, y: y! };
    return new Tokens(options, key, { ...jwk, alg: ALG, use: "sig", kid: await calculateJwkThumbprint(jwk) });
  }

  /** What others need to check a token (RFC 7517). */
  get keySet(): { readonly keys: readonly JWK[] } {
    return { keys: [this.#public] };
  }

  async issue({ client, account, scopes }: TokenClaims): Promise<string> {
    const now = this.#nowSeconds();
    return new SignJWT({ scope: [...scopes].join(" "), account_id: account, client_id: client })
      .setProtectedHeader({ alg: ALG, typ: "at+jwt", kid: this.#public.kid! })
      .setIssuer(this.#options.issuer)
      .setAudience(this.#options.audience)
      .setSubject(client)
      .setIssuedAt(now)
      .setExpirationTime(now + TOKEN_SECONDS)
      .setJti(crypto.randomUUID())
      .sign(this.#private);
  }

  async check(token: string): Promise<TokenClaims | TokenFault> {
    try {
      const { payload } = await jwtVerify(token, this.#public, {
        algorithms: [ALG],
        typ: "at+jwt",
        issuer: this.#options.issuer,
        audience: this.#options.audience,
        requiredClaims: ["exp", "sub", "scope", "account_id"],
        currentDate: new Date(this.#nowSeconds() * 1000),
      });
      const { sub, scope, account_id: account } = payload;
      if (typeof sub !== "string" || typeof scope !== "string" || typeof account !== "string")
        return "invalid";
      const scopes = parseScopes(scope);
      return scopes ? { client: sub, account, scopes } : "invalid";
    } catch (error) {
      if (error instanceof errors.JWTExpired) return "expired";
      if (error instanceof errors.JOSEError || error instanceof TypeError) return "invalid";
      throw error;
    }
  }

  #nowSeconds(): number {
    return Math.floor((this.#options.now?.() ?? Date.now()) / 1000);
  }
}

export async function makeTokenKey(): Promise<string> {
  const { privateKey } = await generateKeyPair(ALG, { extractable: true });
  return exportPKCS8(privateKey);
}

/** The key in that file; made at the first start. Nobody else on the machine may read it. */
export async function readTokenKey(file: string): Promise<string> {
  if (!existsSync(file)) {
    // Written whole under another name first: of two processes that start at once both read what was there first.
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, await makeTokenKey(), { mode: 0o600 });
    try {
      linkSync(draft, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    } finally {
      unlinkSync(draft);
    }
  }
  return readFileSync(file, "utf8");
}
