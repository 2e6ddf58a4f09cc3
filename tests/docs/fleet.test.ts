// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of the brokers
// The access rule as docs/fleet/ has it for brokers that cannot be run here, held to the rule that the tests run
// (sim/world/access-rule.ts). How each broker reads its file is after its documentation and source.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Client, mayPublish, maySubscribe } from "../../sim/world/access-rule";

const fleet = (name: string): string =>
  readFileSync(new URL(`../../docs/fleet/${name}`, import.meta.url), "utf8");

type Ask = (name: string, action: "publish" | "subscribe", topic: string, address?: string) => boolean;
/** Where operators connect from, by the file for EMQX, and where devices do. */
const INSIDE = "127.0.0.1";
const OUTSIDE = "203.0.113.7";

/** MQTT's matching. A wildcard in `topic`, which a subscription may have, is matched by the same one or by #. */
function matches(topic: string, filter: string): boolean {
  const parts = topic.split("/");
  const wanted = filter.split("/");
  for (const [i, part] of wanted.entries()) {
    if (part === "#") return true;
    if (parts[i] === undefined || (part !== "+" && part !== parts[i])) return false;
    if (part === "+" && parts[i] === "#") return false;
  }
  return parts.length === wanted.length;
}

/** EMQX 5: rules from the top, the first that matches decides (apps/emqx_auth, emqx_authz_rule.erl). */
function emqx(text: string): Ask {
  const rules = [...text.replaceAll(/%%.*$/gm, "").matchAll(/\{(allow|deny), ([\s\S]*?)\}\.\n/g)].map(
    ([, permission, rest]) => {
      const both = `\\{'and', \\[\\{user, "(\\w+)"\\}, \\{ipaddr, "([\\d.]+)"\\}\\]\\}`;
      const match = new RegExp(`^(?:all|${both})(?:, (publish|subscribe), \\[([\\s\\S]*)\\])?$`).exec(rest!);
      if (!match) throw new Error(`not read: ${rest}`);
      const [, user, from, action, list] = match;
      const topics = [...(list ?? '"#"').matchAll(/(\{eq, )?"([^"]+)"/g)].map(([, eq, topic]) => ({
        eq,
        topic,
      }));
      return { permission, user, from, action, topics };
    },
  );
  return (name, action, asked, address = OUTSIDE) => {
    for (const rule of rules) {
      if (rule.user !== undefined && (rule.user !== name || rule.from !== address)) continue;
      if (rule.action !== undefined && rule.action !== action) continue;
      const hit = rule.topics.some(({ eq, topic }) =>
        // compile_topic({eq, …}) knows no placeholders.
        eq ? asked === topic : matches(asked, topic!.replaceAll("${username}", name)),
      );
      if (hit) return rule.permission === "allow";
    }
    return false;
  };
}

/** An AWS IoT policy: a topic is a resource, `*` any characters, and MQTT's wildcards are characters like others. */
function aws(text: string): Ask {
  const { Statement } = JSON.parse(text) as {
    Statement: { Effect: string; Action: string | string[]; Resource: string | string[] }[];
  };
  const ACTIONS = { publish: ["iot:Publish", "topic"], subscribe: ["iot:Subscribe", "topicfilter"] } as const;
  return (name, action, asked) => {
    const [wanted, kind] = ACTIONS[action];
    return Statement.some(({ Effect, Action, Resource }) => {
      if (Effect !== "Allow" || ![Action].flat().includes(wanted)) return false;
      return [Resource].flat().some((resource) => {
        const pattern = resource
          .replaceAll("${iot:Certificate.Subject.CommonName}", name)
          .replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&")
          .replaceAll("*", ".*");
        return new RegExp(`^${pattern}$`).test(`arn:aws:iot:REGION:ACCOUNT:${kind}/${asked}`);
      });
    });
  };
}

const rule =
  (client: Client) =>
  (action: "publish" | "subscribe", topic: string): boolean =>
    action === "publish" ? mayPublish(client, topic) : maySubscribe(client, topic);

const [ONE, TWO] = ["aerolink-02005e000001", "aerolink-02005e000002"] as const;
const ofDevice = rule({ role: "device", name: ONE });
const TOPICS = [ONE, TWO, "+", "#"].flatMap((device) =>
  [
    "telemetry",
    "status",
    "state",
    "command",
    "command/result",
    "config/desired",
    "config/reported",
    "update/offer",
    "update/state",
    "identity/request",
    "identity/renew",
    "identity/state",
    "identity/trust",
    "identity",
    "config",
    "config/desired/more",
    "telemetry/zd1",
    "telemetry/zd1/more",
    "telemetry/more",
    "#",
    "+",
    "command/#",
  ].map((what) => `aerolink/v1/${device}/${what}`),
);
TOPICS.push("#", "aerolink/#", "aerolink/v1/#", "+/v1/+/command", "$SYS/#", `${ONE}/command`);
const DISCOVERY = [ONE, TWO].map((device) => `homeassistant/sensor/${device}/co2/config`);

/** Publishing to wildcards is nobody's: MQTT itself refuses it [MQTT-3.3.2-2]. */
const QUESTIONS = (["publish", "subscribe"] as const).flatMap((action) =>
  [...TOPICS, ...DISCOVERY]
    .filter((topic) => action === "subscribe" || !/[+#]/.test(topic))
    .map((topic) => [action, topic] as const),
);

describe("EMQX", () => {
  const ask = emqx(fleet("emqx-acl.conf"));

  test("A device may what the rule says, and nothing else", () => {
    for (const [action, topic] of QUESTIONS)
      expect(ask(ONE, action, topic), `${action} ${topic}`).toBe(ofDevice(action, topic));
  });

  test("An operator commands and configures every device, and hears them all", () => {
    const ofOperator = rule({ role: "operator", name: "cloud" });
    for (const [action, topic] of QUESTIONS) {
      const allowed = ask("cloud", action, topic, INSIDE);
      expect(allowed, `${action} ${topic}`).toBe(ofOperator(action, topic));
    }
  });

  test("A device with an operator's name may no more than others", () => {
    const ofNamesake = rule({ role: "device", name: "cloud" });
    for (const [action, topic] of QUESTIONS)
      expect(ask("cloud", action, topic), `${action} ${topic}`).toBe(ofNamesake(action, topic));
  });

  test("A topic in {eq, …} has no name put in: what this file had is seen", () => {
    const before = emqx(
      '{allow, all, subscribe, [{eq, "aerolink/v1/${username}/command"}]}.\n{deny, all}.\n',
    );
    expect(before(ONE, "subscribe", `aerolink/v1/${ONE}/command`)).toBe(false);
  });
});

describe("AWS IoT Core", () => {
  const text = fleet("aws-iot-policy.json");
  const ask = aws(text);

  test("A device may what the rule says, but for Home Assistant, and nothing else", () => {
    for (const [action, topic] of QUESTIONS)
      expect(ask(ONE, action, topic), `${action} ${topic}`).toBe(
        ofDevice(action, topic) && !topic.startsWith("homeassistant/"),
      );
  });

  test("It connects under its own name only, retains what it publishes, and receives what it subscribes to", () => {
    const statements = (JSON.parse(text) as { Statement: { Action: string | string[]; Resource: unknown }[] })
      .Statement;
    const resourcesOf = (action: string): string[] =>
      statements
        .filter(({ Action }) => [Action].flat().includes(action))
        .flatMap(({ Resource }) => Resource as string | string[])
        .map((resource) => resource.replace(/^arn:aws:iot:REGION:ACCOUNT:\w+\//, ""));
    expect(resourcesOf("iot:Connect")).toEqual(["${iot:Certificate.Subject.CommonName}"]);
    expect(resourcesOf("iot:RetainPublish")).toEqual(resourcesOf("iot:Publish"));
    expect(resourcesOf("iot:Receive")).toEqual(resourcesOf("iot:Subscribe"));
  });
});
