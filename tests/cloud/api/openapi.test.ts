import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv2020 from "ajv/dist/2020.js";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SCOPES } from "../../../cloud/access/scopes";
import { openApi } from "../../../cloud/api/openapi";
import { addDevice, type CloudApi, NOW, startCloudApi } from "../../support/cloud-api";
import { operationsForTests } from "../../support/cloud-operations";
import { manifestOf, updateStateText } from "../../support/offers";
import { fuzz, LONG } from "../../support/volume";

const operations = operationsForTests();
const description = openApi(operations, { publicUrl: "https://cloud.example", version: "0.0.0" });

let cloud: CloudApi;
let rollout: string;
beforeAll(async () => {
  cloud = await startCloudApi({
    control: {
      desired: async () => ({ version: 1, settings: {} }),
      reported: async () => ({}),
      desire: async () => ({}),
      command: async () => ({}),
      offer: async () => {},
    },
  });
  await addDevice(cloud, "one");
  const text = updateStateText();
  await cloud.store.take([{ kind: "state", device: "one", topic: "update/state", text, at: NOW }]);
  const begun = await cloud.send("POST", "/api/v3/external/rollouts", {
    manifest: manifestOf(),
    devices: { all: true },
  });
  rollout = ((await begun.json()) as { id: string }).id;
});
afterAll(() => cloud.close());

test("The description that is served is OpenAPI 3.1 by its own schema, and the one of the operations", async () => {
  const served = (await (await fetch(`${cloud.url}/api/openapi.json`)).json()) as { paths: object };
  expect(await new Validator().validate(structuredClone(served))).toMatchObject({ valid: true });
  expect(Object.keys(served.paths).sort()).toEqual(Object.keys(description.paths).sort());
});

test("Each operation has a name of its own, a summary, who may, and what else it answers", () => {
  expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
  const wanting = operations.flatMap(
    ({ id, says, needs, answers, query = {}, pathParameters = {}, path }) => {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      return [
        ...(says === "" || says.endsWith(".") ? [`${id}: its summary is no line`] : []),
        ...(answers[400] && answers[429] && answers[500] ? [] : [`${id}: no 400, 429 or 500`]),
        ...(needs === "open" || (answers[401] && answers[403]) ? [] : [`${id}: no 401 or 403`]),
        ...(needs === "open" || needs === "known" || Object.hasOwn(SCOPES, needs) ? [] : [`${id}: ${needs}`]),
        ...(named.join() === Object.keys(pathParameters).join() ? [] : [`${id}: its path's parameters`]),
        ...Object.entries({ ...query, ...pathParameters }).flatMap(([name, { says: words }]) =>
          words ? [] : [`${id}: ${name}`],
        ),
      ];
    },
  );
  expect(wanting).toEqual([]);
});

test("Every scope is one that an operation takes, or that tells more in one", () => {
  const taken = new Set<string>(operations.map(({ needs }) => needs));
  expect(Object.keys(SCOPES).filter((scope) => !taken.has(scope))).toEqual(["api:read:operation"]);
});

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });

/** What a caller may send who has read the description, or has not. */
const texts = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom(
    "",
    "one",
    "true",
    "-1",
    "0",
    "1e309",
    "NaN",
    "999999999999999",
    "2026-07-01T00:00:00Z",
    "2026-13-45",
    "0000-01-01",
    "9999-12-31T23:59:59Z",
    "__proto__",
    "constructor",
    "%",
    "../..",
    "mcpm2x5",
    "{}",
    "[]",
    "null",
  ),
  fc.integer().map(String),
  fc.double().map(String),
);

test("Whatever is asked of whichever operation, the answer is one that its description has, and never a 500", async () => {
  const authorization = `Bearer ${await cloud.tokenOf("acme")}`;
  const request = fc.constantFrom(...operations).chain((operation) =>
    fc.record({
      operation: fc.constant(operation),
      path: fc.dictionary(
        fc.constantFrom("device_id", "device", "account", "rollout_id"),
        fc.oneof(
          fc.constantFrom("one", rollout),
          texts.filter((text) => text !== ""),
        ),
        { maxKeys: 3 },
      ),
      query: fc.array(fc.tuple(fc.constantFrom("unknown", ...Object.keys(operation.query ?? {})), texts), {
        maxLength: 4,
      }),
      body: fc.oneof(
        fc.json(),
        texts,
        fc.constant('{"settings":{"a":1}}'),
        fc.constant('{"name":"ping"}'),
        fc.constantFrom('{"state":"paused"}', '{"state":"running"}', '{"state":"ended"}'),
        fc.constantFrom("all", "tag", "device_ids").chain((by) =>
          fc
            .record(
              {
                manifest: fc.constantFrom(
                  manifestOf(),
                  manifestOf({ release: 2 ** 53 - 1, version: "\ud800", expires: 2 ** 53 - 1 }),
                  "a.b.c",
                  "bnVsbA.bnVsbA.x",
                ),
                devices: fc.constant({ [by]: { all: true, tag: "a", device_ids: ["one"] }[by] }),
                stages: fc.array(fc.double({ min: -1, max: 101, noNaN: true }), { maxLength: 4 }),
                soak_hours: fc.double({ min: 0, max: 9_000, noNaN: true }),
                limit_percent: fc.double({ min: 0, max: 100, noNaN: true }),
              },
              { requiredKeys: ["manifest", "devices"] },
            )
            .map((body) => JSON.stringify(body)),
        ),
        fc.constantFrom(
          '{"devices":{"all":true}}',
          '{"devices":{"tag":"a"}}',
          '{"devices":{"device_ids":["one"]}}',
        ),
        fc.constant("grant_type=client_credentials&client_id=acme&client_secret=x"),
      ),
      type: fc.constantFrom(
        operation.body?.type ?? "application/json",
        "text/plain",
        "application/json; charset=utf-8",
        "",
      ),
      accept: fc.constantFrom("application/json", "text/csv", "*/*", "image/png", ""),
      isKnown: fc.constantFrom(true, true, true, false),
    }),
  );
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(request, async ({ operation, path, query, body, type, accept, isKnown }) => {
      const address = operation.path.replace(/\{(\w+)\}/g, (_all, name) =>
        encodeURIComponent((path[name] ?? "one").replace(/[\ud800-\udfff]/g, "?")),
      );
      fc.pre(!/\/\.{1,2}(\/|$)/.test(decodeURIComponent(address))); // fetch would make another address of it
      const search = query
        .map(
          ([name, value]) =>
            `${encodeURIComponent(name)}=${encodeURIComponent(value.replace(/[\ud800-\udfff]/g, "?"))}`,
        )
        .join("&");
      const response = await fetch(`${cloud.url}${address}?${search}`, {
        method: operation.method,
        redirect: "manual",
        headers: {
          ...(isKnown && { authorization }),
          ...(type && { "content-type": type }),
          ...(accept && { accept }),
        },
        ...(operation.method !== "GET" && { body }),
      });
      const text = await response.text();
      seen.add(response.status);
      expect(response.status, `${address}?${search} ${text}`).not.toBe(500);
      const answer = operation.answers[response.status] ?? (response.status === 404 ? {} : undefined);
      expect(answer, `${operation.id} answers ${response.status} ${text}`).toBeDefined();
      const media = (response.headers.get("content-type") ?? "").split(";")[0]!;
      const schema = (answer as { content?: Record<string, object> }).content?.[media];
      if (schema && /json$/.test(media)) {
        const validate = ajv.compile(schema);
        expect(validate(JSON.parse(text)), `${operation.id} ${ajv.errorsText(validate.errors)}`).toBe(true);
      }
    }),
    fuzz(LONG ? 5_000 : 400),
  );
  expect(cloud.log.filter((line) => line.startsWith("failed"))).toEqual([]);
  for (const status of [200, 400, 401, 404]) expect(seen).toContain(status);
});
