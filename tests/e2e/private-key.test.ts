// What may never leave the device, looked for in everything that does, over real sockets and TLS: the log at its most
// talkative, every page of the portal, every message at the broker.
import { afterAll, expect, test } from "vitest";
import { SIMULATED_MAC } from "../../sim/simulator/simulator";
import { homeRouter } from "../../sim/world/router";
import { formsOf, holdsSecret, privatePart } from "../../tools/test/secrets.mjs";
import { limit } from "../support/limit";
import { startPortal } from "../support/portal";
import { closeAll, seen, until } from "../support/running-simulator";

const WIFI_PASSWORD = "correct horse battery";

afterAll(closeAll);

test(
  "No log line, no page and no message holds the private key or a password",
  async () => {
    const messages: { topic: string; bytes: Buffer }[] = [];
    const pages: string[] = [];
    const each = await startPortal({
      routers: () => [homeRouter({ password: WIFI_PASSWORD })],
      settings: { logLevel: "debug", samplingSeconds: 1, readingsPerBatch: 2 } as never,
      onMessage: (topic, payload) => messages.push({ topic, bytes: Buffer.from(payload) }),
    });
    const { simulator, log } = each;
    const fetchPage = async (path: string, body?: URLSearchParams): Promise<string> => {
      const headers = { origin: each.url.replace(/\/$/, "") };
      const answer = await fetch(new URL(path, each.url), body ? { method: "POST", body, headers } : {});
      const text = [...answer.headers].join("\n") + (await answer.text());
      pages.push(text);
      return `${answer.url}\n${text}`;
    };

    const page = await fetchPage("/");
    await fetchPage("/generate_204");
    for (const path of ["/nowhere", "/join", "/?choose", "/favicon.ico", "/status"]) await fetchPage(path);
    await fetchPage("/meant", new URLSearchParams());
    const form = { net: "other", name: "Home" };
    await fetchPage("/join", new URLSearchParams({ ...form, password: "short" }));
    const answer = await fetchPage("/join", new URLSearchParams({ ...form, password: WIFI_PASSWORD }));
    const attempt = /attempt=(\d+)/.exec(answer)?.[1];
    expect(attempt, answer).toBeDefined();
    for (let i = 0; i < 100 && !pages.at(-1)!.includes("All done"); i++) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      await fetchPage(`/status?attempt=${attempt}`);
    }
    expect(pages.at(-1)).toContain("All done");
    await fetchPage("/");
    await seen(each, "solid blue");

    const { deviceId, identity } = simulator;
    const tell = (topic: string, body: object): void =>
      simulator.publish(`aerolink/v1/${deviceId}/${topic}`, Buffer.from(JSON.stringify(body)));
    for (const name of ["ping", "identify", "read-now", "get-diagnostics", "nonsense"])
      tell("command", { id: name, name, args: {} });
    tell("config/desired", { version: 1, settings: { homeAssistant: true, samplingSeconds: 2 } });
    const has = (topic: string): boolean => messages.some((message) => message.topic.endsWith(topic));
    await until(
      "answers",
      () => messages.filter(({ topic }) => topic.endsWith("command/result")).length >= 5,
      each,
    );
    await until("the configuration", () => has("config/reported"), each);
    await until("telemetry and status", () => has("/telemetry") && has("/status"), each);
    await until("lines of every level", () => log.some((line) => line.startsWith("debug")), each);
    await each.close();

    expect(page).toContain(SIMULATED_MAC);
    const key = privatePart(identity.privateKey);
    const passwords = [WIFI_PASSWORD, identity.setupPassword].map((text) => Buffer.from(text));
    const everything = [
      ...log.map((line) => ["log", Buffer.from(line)] as const),
      ...pages.map((text) => ["page", Buffer.from(text)] as const),
      ...messages.flatMap(
        ({ topic, bytes }) =>
          [
            ["topic", Buffer.from(topic)],
            [topic, bytes],
          ] as const,
      ),
    ];
    expect(everything.length).toBeGreaterThan(100);
    const leaks = everything.filter(
      ([, bytes]) =>
        holdsSecret(bytes, [key]) ||
        passwords.some((each) => formsOf(each).some((form) => bytes.includes(form))),
    );
    expect(leaks.map(([where, bytes]) => `${where}: ${bytes.toString("latin1").slice(0, 200)}`)).toEqual([]);
  },
  limit(60_000),
);
