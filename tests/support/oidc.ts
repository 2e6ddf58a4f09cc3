// A real OpenID Connect provider in this process (oidc-provider), whose people sign in without a page: who they are and
// how they signed in is said by the test.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";
import { vi } from "vitest";

export interface SignedIn {
  readonly accountId: string;
  readonly amr?: string[];
  readonly acr?: string;
  /** More claims of the ID token. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

export interface OidcProvider {
  readonly issuer: string;
  /** Whoever signs in next. */
  person: SignedIn;
  /** A browser at that address signs in; where the provider sends it back to. */
  signIn(url: string): Promise<string>;
  close(): Promise<void>;
}

export const OIDC_CLIENT = { id: "aerolink", secret: "a-secret-of-this-test-and-of-no-other" };

export async function startOidcProvider(redirect: string): Promise<OidcProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let person: SignedIn = { accountId: "nobody" };
  // It warns of what is right for a test: keys and sessions in memory.
  const quiet = [vi.spyOn(console, "info"), vi.spyOn(console, "warn")];
  for (const each of quiet) each.mockImplementation(() => {});
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: OIDC_CLIENT.id,
        client_secret: OIDC_CLIENT.secret,
        redirect_uris: [redirect],
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
    ],
    claims: { openid: ["sub", "account", "amr"], acr: null },
    acrValues: ["urn:example:two-factors", "urn:example:password"],
    conformIdTokenClaims: false,
    cookies: { keys: ["only for tests"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...person.claims }) }),
    loadExistingGrant: async (context) => {
      const grant = new context.oidc.provider.Grant({
        clientId: OIDC_CLIENT.id,
        accountId: context.oidc.session!.accountId!,
      });
      grant.addOIDCScope("openid profile email");
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  server.on("request", async (request, response) => {
    if (!request.url?.startsWith("/interaction/")) return void answer(request, response);
    const { accountId, amr, acr } = person;
    const login = { accountId, ...(amr && { amr }), ...(acr && { acr }) };
    await provider.interactionFinished(request, response, { login });
  });
  return {
    issuer,
    get person() {
      return person;
    },
    set person(next) {
      person = next;
    },
    signIn: (url) => followTo(redirect, url),
    close: () =>
      new Promise((resolve) => {
        for (const each of quiet) each.mockRestore();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** As a browser with an empty jar: follows redirects with the cookies that come, until it is sent to `redirect`. */
async function followTo(redirect: string, url: string): Promise<string> {
  const jar = new Map<string, string>();
  let next = url;
  for (let hop = 0; hop < 10; hop++) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(next, { redirect: "manual", headers: { cookie } });
    for (const each of response.headers.getSetCookie()) {
      const [pair = ""] = each.split(";");
      jar.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
    }
    const location = response.headers.get("location");
    if (!location) throw new Error(`no redirect: ${response.status} ${await response.text()}`);
    next = new URL(location, next).href;
    if (next.startsWith(redirect)) return next;
  }
  throw new Error("redirected for ever");
}
