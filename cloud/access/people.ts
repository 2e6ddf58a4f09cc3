import * as oidc from "openid-client";
import type { ApiScope } from "./scopes";

export interface PeopleOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where the provider sends people back to: `<our address>/sign-in/callback`. */
  readonly redirect: string;
  /** A person is let in when this claim of the ID token has one of these values: it says that a second factor was used. */
  readonly secondFactor: { readonly claim: "amr" | "acr"; readonly values: readonly string[] };
  /** The claim with the account that a person belongs to, or one account for all of them. */
  readonly account: { readonly claim: string } | { readonly id: string };
  readonly scopes: readonly ApiScope[];
  /** Only for tests: the provider speaks plain HTTP. */
  readonly insecure?: boolean;
}

export interface Person {
  readonly name: string;
  readonly account: string;
}

/** What a sign-in must come back with; kept in a cookie of the browser that began it. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export type SignInFault = "provider" | "not-ours" | "no-second-factor" | "no-account";

export const SIGN_IN_FAULTS = {
  provider: "The sign-in service did not confirm who you are. Try again.",
  "not-ours": "This sign-in was not begun here, or is too old. Begin again.",
  "no-second-factor":
    "You signed in without a second factor. Set one up at the sign-in service, and sign in again.",
  "no-account": "The sign-in service does not say which account you belong to. Ask whoever runs this cloud.",
} as const satisfies Record<SignInFault, string>;

/** People, by the OpenID Connect provider that the operator has: code flow with PKCE (RFC 7636). No passwords here. */
export class People {
  readonly scopes: readonly ApiScope[];
  #options: PeopleOptions;
  #discovered: Promise<oidc.Configuration> | undefined;

  constructor(options: PeopleOptions) {
    if (options.secondFactor.values.length === 0)
      throw new RangeError(
        "secondFactor.values: name at least one value that says that a second factor was used",
      );
    this.#options = options;
    this.scopes = options.scopes;
  }

  /** Where to send the browser. */
  async begin(): Promise<{ url: string; pending: PendingSignIn }> {
    const configuration = await this.#configuration();
    const pending = {
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      verifier: oidc.randomPKCECodeVerifier(),
    };
    const { claim, values } = this.#options.secondFactor;
    const url = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#options.redirect,
      scope: "openid profile email",
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(pending.verifier),
      code_challenge_method: "S256",
      // `amr` cannot be asked for, only looked at.
      ...(claim === "acr" && { acr_values: values.join(" ") }),
    });
    return { url: url.href, pending };
  }

  /** `query`: what the provider sent the browser back with, `?` and all. */
  async finish(query: string, pending: PendingSignIn | undefined): Promise<Person | SignInFault> {
    if (!pending) return "not-ours";
    let claims: oidc.IDToken | undefined;
    try {
      const answer = await oidc.authorizationCodeGrant(
        await this.#configuration(),
        new URL(query, this.#options.redirect),
        {
          expectedState: pending.state,
          expectedNonce: pending.nonce,
          pkceCodeVerifier: pending.verifier,
          idTokenExpected: true,
        },
      );
      claims = answer.claims();
    } catch (error) {
      if (error instanceof Error) return "provider";
      throw error;
    }
    return claims ? this.#person(claims) : "provider";
  }

  #person(claims: oidc.IDToken): Person | SignInFault {
    const { secondFactor, account } = this.#options;
    const said = claims[secondFactor.claim];
    const words = Array.isArray(said) ? said : [said];
    if (!words.some((word) => typeof word === "string" && secondFactor.values.includes(word)))
      return "no-second-factor";
    const id = "id" in account ? account.id : claims[account.claim];
    if (typeof id !== "string" || id === "") return "no-account";
    const { email, email_verified } = claims;
    return { name: email_verified === true && typeof email === "string" ? email : claims.sub, account: id };
  }

  #configuration(): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret, insecure } = this.#options;
    this.#discovered ??= oidc
      .discovery(new URL(issuer), clientId, clientSecret, undefined, {
        ...(insecure && { execute: [oidc.allowInsecureRequests] }),
      })
      .catch((error: unknown) => {
        this.#discovered = undefined; // the next one asks again
        throw error;
      });
    return this.#discovered;
  }
}
