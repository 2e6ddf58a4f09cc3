import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { RATE_LIMIT } from "../../../cloud/api/api";
import { ConfigError, parseConfig } from "../../../cloud/config/config";
import { parseJsonc } from "../../../cloud/config/jsonc";
import { CONFIG_SCHEMA } from "../../../cloud/config/schema";
import { RETENTION } from "../../../cloud/store/store";

const example = readFileSync(new URL("../../../cloud/config/cloud.example.jsonc", import.meta.url), "utf8");
const LEAST = { publicUrl: "http://localhost:8080", store: { engine: "embedded", file: "cloud.db" } };
const parse = (config: object) => parseConfig(JSON.stringify(config), "/etc/aerolink/cloud.jsonc");

test("The example is a configuration, and its files are looked for beside it", () => {
  const config = parseConfig(example, "/etc/aerolink/cloud.jsonc");
  expect(config.tls).toEqual({ cert: "/etc/aerolink/api.cert.pem", key: "/etc/aerolink/api.key.pem" });
  expect(config.store).toEqual({ engine: "embedded", file: "/etc/aerolink/cloud.db" });
  expect(config.people!.clientSecretFile).toBe("/etc/aerolink/oidc.secret");
  expect(config.broker!.url).toBe("mqtts://broker.example.org:8883");
});

/** Names of members at any depth. */
function names(schema: { properties?: object; oneOf?: object[] }): string[] {
  const own = Object.entries(schema.properties ?? {});
  return [
    ...own.flatMap(([name, member]) => [name, ...names(member)]),
    ...(schema.oneOf ?? []).flatMap((each) => names(each)),
  ];
}

test("The example names every setting, and says its defaults as they are", () => {
  const missing = names(CONFIG_SCHEMA).filter((name) => !example.includes(`"${name}"`));
  expect(missing).toEqual([]);
  const config = parseConfig(example, "x");
  expect(config.retention).toEqual(RETENTION);
  expect(config.rateLimit).toEqual({
    requests: RATE_LIMIT.requests,
    windowSeconds: RATE_LIMIT.windowSeconds,
    atOnce: RATE_LIMIT.atOnce,
  });
});

test("Address and store are enough; the key of tokens then lies beside the configuration", () => {
  expect(parse(LEAST)).toEqual({
    publicUrl: "http://localhost:8080",
    store: { engine: "embedded", file: "/etc/aerolink/cloud.db" },
    tokenKey: "/etc/aerolink/token.key.pem",
  });
});

const PEOPLE = {
  issuer: "https://x",
  clientId: "a",
  clientSecretFile: "b",
  secondFactor: { claim: "amr", values: ["mfa"] },
  account: "home",
};

test.each([
  ["is no JSON", "no JSON", "{"],
  ["has no store", "must have required property 'store'", { publicUrl: "https://a.example" }],
  ["has a setting that is none", "additional properties: retentoin", { ...LEAST, retentoin: {} }],
  ["has plain HTTP to the world", "publicUrl is https", { ...LEAST, publicUrl: "http://air.example" }],
  ["has a path in its address", "publicUrl must match", { ...LEAST, publicUrl: "https://air.example/api" }],
  [
    "would speak plain HTTP to anybody",
    "plain HTTP to anybody on 0.0.0.0",
    { ...LEAST, listen: { address: "0.0.0.0" } },
  ],
  ["has a database by two names", "either url or urlFile", { ...LEAST, store: { engine: "postgresql" } }],
  [
    "lets people in without a second factor",
    "secondFactor",
    { ...LEAST, people: { ...PEOPLE, secondFactor: undefined } },
  ],
  [
    "says of no value that it is a second factor",
    "secondFactor.values must NOT have fewer than 1 items",
    { ...LEAST, people: { ...PEOPLE, secondFactor: { claim: "amr", values: [] } } },
  ],
  [
    "says of no account that it is people's",
    "either account or accountClaim",
    { ...LEAST, people: { ...PEOPLE, account: undefined } },
  ],
  ["has a proxy that is no address", "proxy.example: an address", { ...LEAST, proxies: ["proxy.example"] }],
  [
    "keeps readings for a day less than one",
    "retention.readings must be >= 1",
    { ...LEAST, retention: { readings: 0 } },
  ],
])("A configuration that %s is refused in words", (_what, words, config) => {
  const text = typeof config === "string" ? config : JSON.stringify(config);
  expect(() => parseConfig(text, "cloud.jsonc")).toThrow(ConfigError);
  expect(() => parseConfig(text, "cloud.jsonc")).toThrow(words);
});

test("Comments and commas that hang are passed over, and what looks like them in a text is text", () => {
  expect(parseJsonc('{ // a "b"\n "a": "// no /* comment */ ,]", /* { */ "b": [1, 2,], }')).toEqual({
    a: "// no /* comment */ ,]",
    b: [1, 2],
  });
  expect(() => parseJsonc("{ /* for ever")).toThrow(SyntaxError);
});

test("JSON is JSON with comments", () => {
  fc.assert(fc.property(fc.json(), (text) => void expect(parseJsonc(text)).toEqual(JSON.parse(text))));
});
