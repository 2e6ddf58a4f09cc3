import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseAction } from "../../../sim/live/actions";
import { fuzz } from "../../support/volume";

const sound = [
  { do: "power", on: false },
  { do: "button", pressed: true },
  { do: "router", index: 0, change: { channel: null } },
  { do: "router", index: 3, change: { port: 8883, blocked: true } },
  { do: "router", index: 0, change: { password: "" } },
  { do: "add-router" },
  { do: "scene", id: "success" },
  { do: "mode", mode: "virtual" },
  { do: "speed", speed: 1440 },
  { do: "phone", joined: true },
  { do: "command", name: "ping", args: {} },
  { do: "configure", desired: { ledBrightness: 40 } },
  { do: "release", kind: "never-blue" },
  { do: "sensor", sensor: "S8", fault: "unplugged", on: true },
  { do: "carry", room: "office" },
  { do: "plug", at: 50 },
  { do: "plug", at: null },
];

test.each(sound)("%j is an action", (action) => {
  expect(parseAction(JSON.stringify(action))).toEqual(action);
});

test.each([
  "",
  "null",
  "[]",
  '"power"',
  '{"do":"toString"}',
  '{"do":"power"}',
  '{"do":"power","on":1}',
  '{"do":"power","on":true,"more":1}',
  '{"do":"speed","speed":2}',
  '{"do":"router","index":-1,"change":{"on":true}}',
  '{"do":"router","index":0,"change":{}}',
  '{"do":"router","index":0,"change":{"on":true,"dhcp":true}}',
  '{"do":"router","index":0,"change":{"bssid":"02:00:00:00:00:00"}}',
  '{"do":"router","index":0,"change":{"__proto__":{}}}',
  '{"do":"router","index":0,"change":{"channel":14}}',
  '{"do":"router","index":0,"change":{"port":80,"blocked":true}}',
  `{"do":"router","index":0,"change":{"ssid":"${"é".repeat(17)}"}}`,
  '{"do":"command","name":"ping","args":[]}',
  '{"do":"release","kind":"best"}',
  '{"do":"plug","at":100}',
  '{"do":"sensor","sensor":"S8","fault":"stolen","on":true}',
  '{"do":"carry","room":"cellar"}',
])("%s is none", (text) => {
  expect(parseAction(text)).toBeUndefined();
});

test("Whatever comes, the parser answers with an action or nothing", () => {
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc.record({ do: fc.constantFrom(...sound.map((each) => each.do)), on: fc.anything() }).map((value) => {
      try {
        return JSON.stringify(value);
      } catch {
        return "{}";
      }
    }),
  );
  fc.assert(
    fc.property(text, (body) => {
      const action = parseAction(body);
      expect(action === undefined || typeof action.do === "string").toBe(true);
    }),
    fuzz(),
  );
});
