import fc from "fast-check";
import { expect, test } from "vitest";
import { COMMANDS } from "../../../modules/commands/command-table";
import { parseCommand } from "../../../modules/commands/parse-command";
import { fuzz } from "../../support/volume";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (value: unknown) => parseCommand(bytes(JSON.stringify(value)));

test("Each command is read, with its defaults", () => {
  expect(parse({ id: "a", name: "ping" })).toEqual({
    id: "a",
    name: "ping",
    args: {},
    expiresUnixSeconds: undefined,
  });
  expect(parse({ id: "a", name: "identify", expires: 7 })).toMatchObject({
    args: { seconds: 10 },
    expiresUnixSeconds: 7,
  });
  expect(parse({ id: "a", name: "forget-network", args: { ssid: "Zuhause ☕" } })).toMatchObject({
    args: { ssid: "Zuhause ☕" },
  });
  for (const name of ["read-now", "restart", "get-diagnostics", "setup-mode"])
    expect(parse({ id: "b", name, args: {} })).toMatchObject({ name });
});

test.each([
  ["too-long", " ".repeat(1_025)],
  ["too-complex", `${"[".repeat(400)}`],
  ["too-complex", `{"id":"a","name":"ping","args":{"a":{"b":1}}}`],
  ["too-complex", `[${"0,".repeat(300)}0]`],
  ["not-json", ""],
  ["not-json", "{"],
  ["not-json", '{"id":"a"}}'],
  ["not-an-object", "[]"],
  ["not-an-object", "null"],
  ["not-an-object", '"ping"'],
  ["bad-id", '{"name":"ping"}'],
  ["bad-id", '{"id":"","name":"ping"}'],
  ["bad-id", '{"id":7,"name":"ping"}'],
  ["bad-id", `{"id":"${"x".repeat(37)}","name":"ping"}`],
  ["bad-id", '{"id":"a b","name":"ping"}'],
  ["bad-id", '{"id":"\\ud800","name":"ping"}'],
  ["bad-id", '{"__proto__":{"id":"a","name":"ping"}}'],
])("%s: %s", (fault, text) => {
  expect(parseCommand(bytes(text))).toEqual({ fault });
});

test.each([
  ["unknown-command", { name: "reboot" }],
  ["unknown-command", { name: "__proto__" }],
  ["unknown-command", { name: "toString" }],
  ["unknown-command", { name: ["ping"] }],
  ["unknown-command", {}],
  ["unknown-member", { name: "ping", arg: {} }],
  ["bad-expires", { name: "ping", expires: "soon" }],
  ["bad-expires", { name: "ping", expires: -1 }],
  ["bad-expires", { name: "ping", expires: 1.5 }],
  ["bad-args", { name: "ping", args: { seconds: 1 } }],
  ["bad-args", { name: "ping", args: [] }],
  ["bad-args", { name: "ping", args: null }],
  ["bad-args", { name: "identify", args: { seconds: 0 } }],
  ["bad-args", { name: "identify", args: { seconds: 301 } }],
  ["bad-args", { name: "identify", args: { seconds: "10" } }],
  ["bad-args", { name: "identify", args: { seconds: 1.5 } }],
  ["bad-args", { name: "identify", args: { toString: 1 } }],
  ["bad-args", { name: "forget-network" }],
  ["bad-args", { name: "forget-network", args: { ssid: "" } }],
  ["bad-args", { name: "forget-network", args: { ssid: "☕".repeat(11) } }],
  ["bad-args", { name: "forget-network", args: { ssid: "\ud800" } }],
  ["bad-args", { name: "forget-network", args: { ssid: 7 } }],
])("%s, said with the id: %j", (fault, rest) => {
  expect(parse({ id: "a", ...rest })).toEqual({ id: "a", fault });
});

test.each([
  ["identify", { seconds: 1 }],
  ["identify", { seconds: 300 }],
  ["calibrate-co2", { ppm: 400 }],
  ["calibrate-co2", { ppm: 2_000 }],
  ["forget-network", { ssid: "x" }],
  ["forget-network", { ssid: "x".repeat(32) }],
  ["forget-network", { ssid: "é".repeat(16) }],
])("%s takes the last value in range: %j", (name, args) => {
  expect(parse({ id: "a", name, args, expires: 0 })).toEqual({ id: "a", name, args, expiresUnixSeconds: 0 });
});

test("An id is 1 to 36 of letters, digits, - . _ :, and of nothing beside them in ASCII", () => {
  for (const id of ["x".repeat(36), "09:", "AZ", "az", "-", ".", "_"])
    expect(parse({ id, name: "ping" })).toMatchObject({ id });
  for (const id of ["/", ";", "@", "[", "`", "{", ",", "^", "\u007f", "é"])
    expect(parse({ id, name: "ping" }), id).toEqual({ fault: "bad-id" });
});

test("A member __proto__ is one that the protocol does not have", () => {
  expect(parseCommand(bytes('{"id":"a","name":"ping","__proto__":{}}'))).toEqual({
    id: "a",
    fault: "unknown-member",
  });
  expect(parseCommand(bytes('{"id":"a","name":"identify","args":{"__proto__":5}}'))).toEqual({
    id: "a",
    fault: "bad-args",
  });
});

test("Brackets inside strings are text, escaped quotes too", () => {
  const ssid = '"[[[[{{{{\\"';
  expect(parse({ id: "a", name: "forget-network", args: { ssid } })).toMatchObject({ args: { ssid } });
});

test("Any bytes give a command or a fault", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1_200 }), (input) => {
      expect(parseCommand(input)).toHaveProperty("fault");
    }),
    fuzz(),
  );
});

test("Any JSON gives a command within its table, or a fault", () => {
  const names = fc.oneof(fc.constantFrom(...Object.keys(COMMANDS)), fc.string());
  const message = fc.oneof(
    fc.json({ maxDepth: 8 }),
    fc
      .record(
        {
          id: fc.oneof(fc.uuid(), fc.anything({ maxDepth: 1 })),
          name: names,
          args: fc.oneof(fc.object({ maxDepth: 2 }), fc.record({ seconds: fc.integer() }), fc.constant({})),
          expires: fc.oneof(fc.integer(), fc.double()),
        },
        { requiredKeys: ["name"] },
      )
      .map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(message, (text) => {
      const parsed = parseCommand(bytes(text));
      if ("fault" in parsed) return;
      expect(Object.keys(parsed.args)).toEqual(Object.keys(COMMANDS[parsed.name].args));
      expect(parsed.id).toMatch(/^[\w.:-]{1,36}$/);
    }),
    fuzz(),
  );
});
