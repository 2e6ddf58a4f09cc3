import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { COMMANDS } from "../../modules/commands/command-table";
import { parseCommand } from "../../modules/commands/parse-command";
import { SETTING_KEYS, SETTINGS, type SettingSpec } from "../../modules/configuration/settings-table";
import { faultsOf } from "../support/schemas";

const page = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");
const schema = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../docs/schemas/${name}.schema.json`, import.meta.url), "utf8"));
const blocks = [...page.matchAll(/```json ([\w-]+)\n(.*?)```/gs)].map(([, name, text]) => [name!, text!]);

test("There are examples", () => expect(blocks.length).toBeGreaterThan(9));

test.each(blocks)("The example of %s fits its schema: %s", (name, text) => {
  expect(faultsOf(name, JSON.parse(text))).toBe("");
});

test("Commands and their arguments are the firmware's, in page and schema", () => {
  const names = Object.keys(COMMANDS);
  expect(schema("command").properties.name.enum).toEqual(names);
  for (const name of names) expect(page).toContain(`| \`${name}\` |`);
});

test("What every command and every setting of the cloud's can break is said", () => {
  const table = /## What a cloud can break\n(.*?)\n## /s.exec(page)![1]!;
  const named = [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, names]) =>
    [...names!.matchAll(/`(.+?)`/g)].map(([, name]) => name!),
  );
  const settings = SETTING_KEYS.filter((key) => SETTINGS[key].access === "cloud");
  const topics = ["update/offer", "identity/renew", "identity/trust"];
  expect(named.sort()).toEqual([...Object.keys(COMMANDS), ...settings, ...topics].sort());
});

test.each([
  { id: "a", name: "ping" },
  { id: "a", name: "ping", args: {} },
  { id: "a", name: "identify", args: { seconds: 1 } },
  { id: "a", name: "identify", args: { seconds: 300 } },
  { id: "a", name: "identify", args: { seconds: 0 } },
  { id: "a", name: "identify", args: { seconds: 301 } },
  { id: "a", name: "identify", args: { minutes: 1 } },
  { id: "a", name: "forget-network" },
  { id: "a", name: "forget-network", args: { ssid: "Home" } },
  { id: "a", name: "forget-network", args: { ssid: "" } },
  { id: "a", name: "calibrate-co2" },
  { id: "a", name: "calibrate-co2", args: { ppm: 399 } },
  { id: "a", name: "calibrate-co2", args: { ppm: 400 } },
  { id: "a", name: "calibrate-co2", args: { ppm: 2000 } },
  { id: "a", name: "calibrate-co2", args: { ppm: 2001 } },
  { id: "a", name: "dance" },
  { id: "", name: "ping" },
  { id: "a".repeat(37), name: "ping" },
  { id: "a", name: "ping", expires: -1 },
  { id: "a", name: "ping", expires: 0 },
  { id: "a", name: "ping", more: 1 },
])("Schema and parser agree on %j", (command) => {
  const parsed = parseCommand(new TextEncoder().encode(JSON.stringify(command)));
  expect(faultsOf("command", command) === "").toBe(!("fault" in parsed));
});

test("Every error that the firmware names is in page and schema", () => {
  const source = ["commands/commands", "commands/parse-command", "base/json", "sensor/sensor"]
    .map((name) => readFileSync(new URL(`../../modules/${name}.ts`, import.meta.url), "utf8"))
    .join("");
  const unions = [
    ...source.matchAll(/export type (?:CommandError|CommandFault|JsonFault|CalibrationFault) =([^;]*);/g),
  ];
  const named = unions.flatMap(([, text]) =>
    [...text!.matchAll(/"([a-z0-9-]+)"/g)].map(([, error]) => error!),
  );
  const { oneOf } = schema("command-result");
  expect([...oneOf[1].properties.error.enum].sort()).toEqual(named.sort());
  for (const error of named) expect(page).toContain(`\`${error}\``);
});

test("What is counted of messages that the broker does not take is on the page", () => {
  const source = readFileSync(new URL("../../wiring/session-wires.ts", import.meta.url), "utf8");
  const counted = [...source.matchAll(/"((?:message|subscription)-[a-z-]+)"/g)].map(([, reason]) => reason!);
  const rows = [...page.matchAll(/^\| `((?:message|subscription)-[a-z-]+)` \|/gm)].map(
    ([, reason]) => reason!,
  );
  expect(rows.sort()).toEqual([...new Set(counted)].sort());
});

test("The schema of the configuration has the settings' own ranges", () => {
  const { properties } = schema("config-desired").properties.settings;
  const keys = SETTING_KEYS.filter((key) => SETTINGS[key].access === "cloud");
  expect(Object.keys(properties).sort()).toEqual([...keys].sort());
  for (const key of keys) {
    const spec: SettingSpec = SETTINGS[key];
    expect(page).toMatch(new RegExp(`^\\|.*\`${key}\`.*\\|$`, "m"));
    if (spec.type === "integer")
      expect(properties[key]).toMatchObject({ type: "integer", minimum: spec.least, maximum: spec.most });
    if (spec.type === "choice") expect(properties[key].enum).toEqual(spec.choices);
    if (spec.type === "hosts") expect(properties[key].maxItems).toBe(spec.most);
    if (spec.type === "boolean") expect(properties[key].type).toBe("boolean");
  }
});

test("What becomes of a certificate, what it waits for and why it is refused is in page and schema", () => {
  const source = (name: string) =>
    readFileSync(new URL(`../../modules/${name}.ts`, import.meta.url), "utf8").replaceAll(
      /\/\*\*.*?\*\//gs,
      "",
    );
  const named = (name: string, start: RegExp) =>
    [...start.exec(source(`credentials/${name}`))![1]!.matchAll(/"([a-z-]+)"/g)].map(([, each]) => each!);
  const union = (type: string) => new RegExp(`export type ${type} =([^;]*);`);
  const jws = [
    ...union("JwsFault")
      .exec(source("signed/jws"))![1]!
      .matchAll(/"([a-z-]+)"/g),
  ];
  const reasons = [
    ...named("renewal-answer", /SERVICE_REFUSALS = Object\.freeze\(\[([^\]]*)\]/),
    ...named("credential-tools", /CREDENTIAL_FAULTS = Object\.freeze\(\[([^\]]*)\]/),
    ...named("trust-lists", union("TrustFault")),
    ...named("identity-report", union("IdentityReason")),
    ...jws.map(([, each]) => each!),
  ];
  const { reason, wait, state } = schema("identity-state").properties;
  expect([...reason.enum].sort()).toEqual([...new Set(reasons)].sort());
  expect([...wait.enum].sort()).toEqual(named("identity-report", union("IdentityWait")).sort());
  expect([...state.enum].sort()).toEqual(named("identity-report", union("IdentityState")).sort());
  const chapter = /## The device's certificate\n(.*?)\n## /s.exec(page)![1]!;
  for (const each of [...reasons, ...wait.enum, ...state.enum]) expect(chapter).toContain(`\`${each}\``);
  expect(schema("identity-renew").properties.error.enum).toEqual(
    named("renewal-answer", /SERVICE_REFUSALS = Object\.freeze\(\[([^\]]*)\]/),
  );
});

test("What an update waits for and why it fails is in page and schema, and nothing else", () => {
  const read = (name: string) =>
    readFileSync(new URL(`../../modules/${name}.ts`, import.meta.url), "utf8").replaceAll(
      /\/\*\*.*?\*\//gs,
      "",
    );
  const members = (file: string, type: string) => {
    const union = new RegExp(`export type ${type} =([^;]*);`).exec(read(file))![1]!;
    return [...union.replaceAll(/Exclude<.*?>/g, "").matchAll(/"([a-z-]+)"/g)].map(([, name]) => name!);
  };
  const reasons = [
    ...members("signed/jws", "JwsFault"),
    ...members("update/manifest", "ManifestFault"),
    ...members("update/manifest", "ManifestRefusal"),
    ...members("update/fetch/http-head", "HttpFault"),
    ...members("update/fetch/http-get-options", "FetchFailure"),
    ...members("network/socket", "SocketFailure").filter((name) => name !== "closed"),
    ...members("network/socket", "TlsFailure"),
    ...members("update/slot-writer", "SlotFailure"),
    ...members("update/trial/trial", "TrialFailure"),
    ...members("update/update-report", "UpdateReason"),
  ];
  const waits = [
    ...members("update/update-report", "UpdateWait"),
    ...members("update/trial/trial-watch-options", "TrialWait"),
  ];
  const { reason, wait, state } = schema("update-state").properties;
  expect([...reason.enum].sort()).toEqual([...new Set(reasons)].sort());
  expect([...wait.enum].sort()).toEqual([...waits].sort());
  expect([...state.enum].sort()).toEqual(members("update/update-report", "UpdateState").sort());
  const table = /## Updates\n(.*?)\n## /s.exec(page)![1]!;
  const rows = [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, names]) =>
    [...names!.matchAll(/`(.+?)`/g)].map(([, name]) => name!),
  );
  const columns = ["wait", "reason"];
  expect(new Set(rows.filter((name) => !columns.includes(name)))).toEqual(
    new Set([...reasons, ...waits, ...state.enum]),
  );
});
