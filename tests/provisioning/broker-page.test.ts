import { expect, test } from "vitest";
import { silentLogger } from "../../modules/base/logger";
import { BROKER_CHECKS, BROKER_KEYS } from "../../modules/configuration/broker-profile";
import { BrokerTrial } from "../../modules/configuration/broker-trial";
import { Settings } from "../../modules/configuration/settings";
import { brokerPage } from "../../provisioning/broker-page";
import type { HttpRequest } from "../../provisioning/http-request";
import { MOST_BODY_BYTES } from "../../provisioning/http-request";
import type { Portal } from "../../provisioning/portal";
import { respond } from "../../provisioning/routes";
import type { SupportDesk } from "../../provisioning/support-page";
import { MemoryStore } from "../support/memory-store";

const ADDRESS = "198.19.80.1";

function open() {
  const store = new MemoryStore();
  const settings = new Settings({
    log: silentLogger,
    store,
    defaults: { brokerHost: "old.example" },
    checks: BROKER_CHECKS,
  });
  const broker: BrokerTrial = new BrokerTrial({
    log: silentLogger,
    settings,
    domain: "example",
    onSwitch() {},
    onEnd() {},
  });
  const portal = { visited() {}, view: () => ({ address: ADDRESS }) } as unknown as Portal;
  const send = (request: Partial<HttpRequest>, desk: BrokerTrial | undefined = broker) => {
    const {
      status,
      location,
      body = [],
    } = respond(
      { portal, broker: desk, support: {} as SupportDesk },
      {
        method: "GET",
        path: "/broker",
        query: "",
        host: ADDRESS,
        origin: undefined,
        fetchSite: undefined,
        contentType: "application/x-www-form-urlencoded",
        body: new Uint8Array(),
        fault: undefined,
        ...request,
      },
    );
    return { status, location, page: body.join("") };
  };
  const fields = { ...broker.profile, brokerPassword: "" };
  /** The form as a browser sends it, with what a person has changed. */
  const post = (changes: Record<string, string | number> = {}, more: Partial<HttpRequest> = {}) => {
    const form = Object.entries({ ...fields, ...changes }).map(([name, value]): [string, string] => [
      name,
      String(value),
    ]);
    const body = new TextEncoder().encode(new URLSearchParams(form).toString());
    return { ...send({ method: "POST", body, ...more }), bytes: body.length };
  };
  return { store, settings, broker, send, post };
}

test("The page shows what is in force in a form that needs no script, and never a password", () => {
  const { broker, send, post } = open();
  post({ brokerUser: 'we "&<', brokerPassword: "s3cret-1" });
  broker.reached(broker.profile);
  const { status, page } = send({});
  expect(status).toBe(200);
  expect(page).toContain('<form class="card" method="post" action="/broker">');
  expect(page).toContain('name="brokerUser" value="we &quot;&amp;&lt;"');
  expect(page).toContain('type="password" id="brokerPassword" name="brokerPassword" value=""');
  expect(page).not.toContain("s3cret");
  for (const key of BROKER_KEYS) expect(page).toContain(`<label class="field" for="${key}">`);
});

test("Long values fit a form, and with all as long as they may be the page is below 16 KB", () => {
  const { settings, broker, send, post } = open();
  const usual = {
    brokerHost: "a1b2c3d4e5f6g7-ats.iot.eu-central-1.amazonaws.example",
    brokerAlpn: "x-amzn-mqtt-ca",
    brokerUser: "air-quality-monitors@example.example",
    topicPrefix: "organisation/site-0042/building-7/air/{id}",
    clientId: "organisation-site-0042-{id}",
    brokerPassword: "p".repeat(256),
  };
  expect(post(usual)).toMatchObject({ location: "/broker" });
  expect(post(usual).bytes).toBeLessThanOrEqual(MOST_BODY_BYTES);
  const host = `${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(61)}`;
  const long = {
    brokerHost: host,
    brokerAlpn: "&".repeat(64),
    brokerUser: "&".repeat(128),
    topicPrefix: "&".repeat(128),
    clientId: "&".repeat(128),
    brokerPassword: "p".repeat(256),
  };
  broker.withdraw();
  expect(post(long).location).toBe("/broker");
  expect(settings.get("brokerTrial")).not.toBe("");
  expect(Buffer.byteLength(send({}).page)).toBeLessThan(16_384);
});

test("A change begins a trial of the whole, and the page says so", () => {
  const { broker, send, post } = open();
  const changes = {
    brokerHost: "new.example",
    brokerPort: 443,
    mqttVersion: 5,
    brokerAlpn: "mqtt",
    brokerUser: "we",
  };
  expect(post({ ...changes, brokerPassword: "s3cret-1" })).toMatchObject({
    status: 303,
    location: "/broker",
  });
  expect(broker.trying).toBe(true);
  expect(broker.profile).toMatchObject({ ...changes, brokerPassword: "s3cret-1" });
  expect(send({}).page).toContain("These values are on trial.");
});

test("A person on site may lead the device out of the domain that binds the cloud", () => {
  const { broker, post } = open();
  expect(post({ brokerHost: "elsewhere.test" }).location).toBe("/broker");
  expect(broker.profile.brokerHost).toBe("elsewhere.test");
});

test("An empty password is the one there is, of this host and user; nothing changed is no trial", () => {
  const { broker, post } = open();
  post({ brokerUser: "we", brokerPassword: "s3cret-1" });
  broker.reached(broker.profile);
  post({ brokerUser: "we" });
  expect([broker.trying, broker.profile.brokerPassword]).toEqual([false, "s3cret-1"]);
  post({ brokerUser: "" });
  expect(broker.profile).toMatchObject({ brokerUser: "", brokerPassword: "" });
  broker.withdraw();
  post({ brokerUser: "we", brokerHost: "new.example" });
  expect(broker.profile).toMatchObject({ brokerUser: "we", brokerPassword: "" });
});

test.each([
  ["brokerHost", "", "Host: empty, or with characters that cannot stand there."],
  ["brokerHost", "mqtts://x", "Host: empty, or with characters that cannot stand there."],
  ["brokerPort", "", "Port: not a whole number."],
  ["brokerPort", "88.5", "Port: not a whole number."],
  ["brokerPort", "0", "Port: out of its range."],
  ["mqttVersion", "3", "MQTT: 4 for 3.1.1, or 5: out of its range."],
  ["brokerAlpn", "a b", "ALPN, where the port asks for it: empty, or with"],
  ["brokerUser", "u".repeat(129), "too long."],
  ["topicPrefix", "a/#", "Topics begin with: empty, or with"],
  ["topicPrefix", "", "Topics begin with: empty, or with"],
  ["clientId", "a b", "Client ID: empty, or with"],
] as const)(
  "%s %j is refused in words, and what was typed stays, but for the password",
  (key, value, words) => {
    const { broker, store, post } = open();
    const { status, page } = post({ brokerUser: "typed-user", [key]: value, brokerPassword: "s3cret-1" });
    expect(status).toBe(200);
    expect(page).toContain('role="alert"');
    expect(page).toContain(words);
    expect(page).toContain(`name="${key}" value="${value}"`);
    if (key !== "brokerUser") expect(page).toContain('value="typed-user"');
    expect(page).not.toContain("s3cret-1");
    expect(broker.trying).toBe(false);
    expect(store.written).toEqual([]);
  },
);

test.each([
  ["refused-not-authorised", "The broker does not admit this device."],
  ["refused-credentials", "The broker does not admit this device."],
  ["broker-down", "takes no connection"],
  ["unknown-ca", "The server's certificate is not from our certificate authority."],
])("After a trial that failed for %s the page says why", (reason, words) => {
  const { broker } = open();
  const desk = { profile: broker.profile, trying: false, failed: true, reason, propose: () => undefined };
  const page = brokerPage(desk).join("");
  expect(page).toContain("The last change was taken back.");
  expect(page).toContain(words.replaceAll("'", "&#39;"));
});

test("Flash that refuses is said", () => {
  const { store, post } = open();
  store.broken.add("brokerTrial");
  expect(post({ brokerPort: 443 }).page).toContain("could not be stored");
});

test("Only the device's own page changes the broker, and without an identity there is no such page", () => {
  const { broker, send, post } = open();
  for (const more of [
    { origin: "http://elsewhere.test" },
    { fetchSite: "cross-site" },
    { contentType: "text/plain" },
  ])
    expect(post({ brokerPort: 443 }, more).status).toBe(403);
  expect(broker.trying).toBe(false);
  expect(respondWithout(send)).toMatchObject({ status: 303, location: "/" });
});

const respondWithout = (send: ReturnType<typeof open>["send"]) => send({}, null as never);
