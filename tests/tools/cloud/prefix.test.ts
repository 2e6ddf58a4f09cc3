import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCli as parseSimulator } from "../../../sim/cli/options";
import { parseCli, UsageError } from "../../../tools/cloud/cli";
import { filterOf, parseTopic, topicOf } from "../../../tools/cloud/protocol";
import { fuzz } from "../../support/volume";

const level = fc.stringMatching(/^[a-zA-Z0-9._()*^|[\]\\~-]{1,8}$/);
const prefix = fc
  .tuple(fc.array(level, { maxLength: 2 }), level, fc.array(level, { maxLength: 2 }), fc.boolean())
  .map(([before, inner, after, twice]) =>
    [...before, `${inner}{id}`, ...after, ...(twice ? ["{id}"] : [])].join("/"),
  );
const deviceId = fc.stringMatching(/^[A-Za-z0-9._-]{1,20}$/);

test("What a device publishes under any prefix is read back, and matches the filter", () => {
  fc.assert(
    fc.property(prefix, deviceId, fc.constantFrom("status", "command/result"), (each, id, name) => {
      const topic = topicOf(id, name, each);
      expect(parseTopic(topic, each)).toEqual({ deviceId: id, name });
      const filter = filterOf(name, each).split("/");
      const levels = topic.split("/");
      expect(levels).toHaveLength(filter.length);
      expect(filter.every((want, i) => want === "+" || want === levels[i])).toBe(true);
    }),
    fuzz(),
  );
});

test("The default is what it was, and others' topics are none of ours", () => {
  expect(topicOf("a", "status")).toBe("aerolink/v1/a/status");
  expect(filterOf("status")).toBe("aerolink/v1/+/status");
  for (const topic of [
    "aerolink/v1/a",
    "aerolink/v2/a/status",
    "aerolink/v1//status",
    "x/aerolink/v1/a/status",
  ])
    expect(parseTopic(topic), topic).toBeUndefined();
  expect(parseTopic("a/b/status", "a/{id}/{id}")).toBeUndefined();
  expect(parseTopic("a/status", "a")).toBeUndefined();
});

test("A prefix that tells no devices apart, or is none, is wrong usage", () => {
  expect(parseCli(["watch", "--prefix", "site7/{id}/air"])?.prefix).toBe("site7/{id}/air");
  for (const wrong of ["site7", "", "a/#/{id}", "/{id}", "$x/{id}", "{name}"])
    expect(() => parseCli(["watch", "--prefix", wrong]), wrong).toThrow(UsageError);
  const broker = ["--broker", "mqtts://broker.example"];
  expect(parseSimulator([...broker, "--prefix", "site7"])?.topicPrefix).toBe("site7");
  expect(() => parseSimulator(["--prefix", "site7"])).toThrow("--broker");
  expect(() => parseSimulator([...broker, "--prefix", "a/+"])).toThrow("--prefix");
});
