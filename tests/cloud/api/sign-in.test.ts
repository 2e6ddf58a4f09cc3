import { afterAll, beforeAll, expect, test } from "vitest";
import { People } from "../../../cloud/access/people";
import { ACME, addDevice, type CloudApi, startCloudApi } from "../../support/cloud-api";
import { OIDC_CLIENT, type OidcProvider, startOidcProvider } from "../../support/oidc";

let cloud: CloudApi;
let provider: OidcProvider;

beforeAll(async () => {
  // The provider wants to know our address, and we its own.
  const later: { provider?: OidcProvider } = {};
  const people = (url: string): People => {
    const issuer = { toString: () => later.provider!.issuer } as unknown as string;
    return new People({
      issuer,
      clientId: OIDC_CLIENT.id,
      clientSecret: OIDC_CLIENT.secret,
      redirect: `${url}/sign-in/callback`,
      secondFactor: { claim: "amr", values: ["mfa"] },
      account: { claim: "account" },
      scopes: ["api:read:device"],
      insecure: true,
    });
  };
  cloud = await startCloudApi({ people });
  provider = await startOidcProvider(`${cloud.url}/sign-in/callback`);
  later.provider = provider;
  await addDevice(cloud, "one");
});
afterAll(async () => {
  await cloud.close();
  await provider.close();
});

const cookiesOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((each) => each.split(";")[0])
    .filter((each) => !each!.endsWith("="))
    .join("; ");

async function signIn(amr: string[]): Promise<Response> {
  provider.person = { accountId: "ann", amr, claims: { account: ACME } };
  const begun = await fetch(`${cloud.url}/sign-in`, { redirect: "manual" });
  expect(begun.status).toBe(302);
  const back = await provider.signIn(begun.headers.get("location")!);
  return fetch(back, { redirect: "manual", headers: { cookie: cookiesOf(begun) } });
}

const ask = (cookie: string, path = "/api/v3/external/devices", init: RequestInit = {}): Promise<Response> =>
  fetch(`${cloud.url}${path}`, { ...init, headers: { cookie, ...init.headers } });

test("A person with a second factor signs in, sees the devices of the account, may no more than people may, and signs out", async () => {
  const response = await signIn(["pwd", "mfa"]);
  expect([response.status, response.headers.get("location")]).toEqual([303, "/"]);
  const cookie = cookiesOf(response);
  expect(await (await ask(cookie)).json()).toMatchObject([{ mqtt_id: "one" }]);
  expect(await (await ask(cookie, "/api/v3/external/me")).json()).toEqual({
    kind: "person",
    name: "ann",
    account_id: ACME,
    scopes: ["api:read:device"],
  });
  expect((await ask(cookie, "/metrics")).status).toBe(403);
  const own = { method: "POST", headers: { origin: cloud.url } };
  const out = await ask(cookie, "/sign-out", own);
  expect([out.status, out.headers.get("set-cookie")]).toEqual([204, expect.stringContaining("Max-Age=0")]);
});

test("A page of another site cannot act with a person's cookie", async () => {
  const cookie = cookiesOf(await signIn(["mfa"]));
  for (const headers of [
    {},
    { origin: "https://evil.example" },
    { "sec-fetch-site": "same-site", origin: cloud.url },
  ])
    expect((await ask(cookie, "/sign-out", { method: "POST", headers })).status).toBe(403);
});

test("A person without a second factor is refused in words, gets no session, and it is written down", async () => {
  const response = await signIn(["pwd"]);
  expect([response.status, await response.text()]).toEqual([
    403,
    expect.stringContaining("without a second factor"),
  ]);
  expect(cookiesOf(response)).toBe("");
  const [row] = await cloud.store.audit.visible({ fleet: true }, { limit: 1 });
  expect(row).toMatchObject({ action: "sign-in", detail: { outcome: "no-second-factor" } });
  expect((await ask("")).status).toBe(401);
});

test("People may only come from where they may", async () => {
  const far = await startCloudApi({
    people: () =>
      new People({
        issuer: provider.issuer,
        clientId: "x",
        clientSecret: "y",
        redirect: "http://127.0.0.1/",
        secondFactor: { claim: "amr", values: ["mfa"] },
        account: { id: ACME },
        scopes: [],
        insecure: true,
      }),
    peopleFrom: ["192.0.2.0/24"],
  });
  try {
    expect((await fetch(`${far.url}/sign-in`, { redirect: "manual" })).status).toBe(403);
    const session = (await far.sessions.begin({ name: "ann", account: ACME })).split(";")[0]!;
    expect((await fetch(`${far.url}/api/v3/external/devices`, { headers: { cookie: session } })).status).toBe(
      403,
    );
  } finally {
    await far.close();
  }
});

test("Where nobody signs in, the sign-in is not there, and no cookie lets anybody in", async () => {
  const none = await startCloudApi();
  try {
    expect((await fetch(`${none.url}/sign-in`, { redirect: "manual" })).status).toBe(404);
    const session = (await none.sessions.begin({ name: "ann", account: ACME })).split(";")[0]!;
    expect(
      (await fetch(`${none.url}/api/v3/external/devices`, { headers: { cookie: session } })).status,
    ).toBe(401);
  } finally {
    await none.close();
  }
});

test("No code, no state and no secret of a sign-in is in the log", async () => {
  await signIn(["mfa"]);
  const text = cloud.log.join("\n");
  for (const secret of ["code=", "state=", OIDC_CLIENT.secret, "eyJ"]) expect(text).not.toContain(secret);
});
