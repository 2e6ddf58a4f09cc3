import { afterAll, beforeAll, expect, test } from "vitest";
import { People, type PeopleOptions } from "../../../cloud/access/people";
import { Sessions } from "../../../cloud/access/sessions";
import { OIDC_CLIENT, type OidcProvider, type SignedIn, startOidcProvider } from "../../support/oidc";

const REDIRECT = "http://127.0.0.1:9/sign-in/callback";
let provider: OidcProvider;

beforeAll(async () => {
  provider = await startOidcProvider(REDIRECT);
});
afterAll(() => provider.close());

function people(changes: Partial<PeopleOptions> = {}): People {
  return new People({
    issuer: provider.issuer,
    clientId: OIDC_CLIENT.id,
    clientSecret: OIDC_CLIENT.secret,
    redirect: REDIRECT,
    secondFactor: { claim: "amr", values: ["mfa", "hwk"] },
    account: { claim: "account" },
    scopes: ["api:read:device"],
    insecure: true,
    ...changes,
  });
}

async function signIn(person: SignedIn, options: Partial<PeopleOptions> = {}) {
  provider.person = person;
  const here = people(options);
  const { url, pending } = await here.begin();
  const back = await provider.signIn(url);
  return here.finish(new URL(back).search, pending);
}

const ANN = { accountId: "ann", claims: { account: "acme", email: "ann@example.org", email_verified: true } };

test("A person who signed in with a second factor is let in, into the account that the provider names", async () => {
  expect(await signIn({ ...ANN, amr: ["pwd", "hwk"] })).toEqual({ name: "ann", account: "acme" });
});

test("A person without a second factor is refused, whether the provider says nothing or another way", async () => {
  expect(await signIn({ ...ANN, amr: ["pwd"] })).toBe("no-second-factor");
  expect(await signIn(ANN)).toBe("no-second-factor");
  expect(await signIn({ ...ANN, amr: ["MFA"] })).toBe("no-second-factor");
});

test("A second factor may be told by acr, which is also asked for", async () => {
  const secondFactor = { claim: "acr", values: ["urn:example:two-factors"] } as const;
  const { url } = await people({ secondFactor }).begin();
  expect(new URL(url).searchParams.get("acr_values")).toBe("urn:example:two-factors");
  expect(await signIn({ ...ANN, acr: "urn:example:two-factors" }, { secondFactor })).toMatchObject({
    account: "acme",
  });
  expect(await signIn({ ...ANN, acr: "urn:example:password" }, { secondFactor })).toBe("no-second-factor");
});

test("A person of no account is refused, unless all people are of one", async () => {
  const nobody = { accountId: "bob", amr: ["mfa"] };
  expect(await signIn(nobody)).toBe("no-account");
  expect(await signIn(nobody, { account: { id: "acme" } })).toEqual({ name: "bob", account: "acme" });
});

test("A sign-in that this browser did not begin, or one that comes twice, lets nobody in", async () => {
  provider.person = { ...ANN, amr: ["mfa"] };
  const here = people();
  const [mine, theirs] = [await here.begin(), await here.begin()];
  const back = new URL(await provider.signIn(mine.url)).search;
  expect(await here.finish(back, undefined)).toBe("not-ours");
  expect(await here.finish(back, theirs.pending)).toBe("provider");
  expect(await here.finish(back, mine.pending)).toMatchObject({ account: "acme" });
  expect(await here.finish(back, mine.pending)).toBe("provider");
});

test("A provider that is away lets nobody in, and is asked again later", async () => {
  const here = people({ issuer: "http://127.0.0.1:9" });
  await expect(here.begin()).rejects.toThrow();
  expect(await here.finish("?code=x&state=y", { state: "y", nonce: "n", verifier: "v" })).toBe("provider");
});

test("Without a value that says what a second factor is, nothing starts", () => {
  expect(() => people({ secondFactor: { claim: "amr", values: [] } })).toThrow("secondFactor.values");
});

const clock = { now: 1_800_000_000_000 };
const sessions = new Sessions({ secret: "key", isSecure: true, now: () => clock.now });
const jarOf = (header: string): string => header.split(";")[0]!;

test("A session is a cookie for this host, TLS and HTTP alone, and ends after a working day", async () => {
  const header = await sessions.begin({ name: "ann", account: "acme" });
  expect(header).toMatch(
    /^__Host-aerolink-session=[\w.-]+; Path=\/; Max-Age=28800; HttpOnly; SameSite=Lax; Secure$/,
  );
  expect(await sessions.person(`other=1; ${jarOf(header)}`)).toEqual({ name: "ann", account: "acme" });
  const later = new Sessions({ secret: "key", isSecure: true, now: () => clock.now + 28_800_000 });
  expect(await later.person(jarOf(header))).toBeUndefined();
  expect(sessions.end("session")).toContain("Max-Age=0");
});

test("A cookie of another key, of another use, or changed is nobody's", async () => {
  const header = jarOf(await sessions.begin({ name: "ann", account: "acme" }));
  const other = new Sessions({ secret: "other", isSecure: true, now: () => clock.now });
  expect(await other.person(header)).toBeUndefined();
  expect(await sessions.person(`${header}x`)).toBeUndefined();
  const pending = jarOf(await sessions.keep({ state: "s", nonce: "n", verifier: "v" }));
  expect(await sessions.pending(pending)).toEqual({ state: "s", nonce: "n", verifier: "v" });
  expect(await sessions.person(pending.replace("sign-in=", "session="))).toBeUndefined();
  expect(await sessions.person(undefined)).toBeUndefined();
});
