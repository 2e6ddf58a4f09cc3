import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Broker } from "../../../sim/world/broker";
import { MqttControl } from "../../../tools/cloud/control";
import { type DevelopmentPki, ensureDevelopmentPki } from "../../../tools/pki/development";

const folder = mkdtempSync(join(tmpdir(), "aerolink-control-"));
const BASE = "aerolink/v1/one";
let pki: DevelopmentPki;
let broker: Broker;
let control: MqttControl;

beforeAll(async () => {
  pki = await ensureDevelopmentPki(folder, { mac: "02:00:5e:10:20:30" });
  broker = await Broker.start({
    key: pki.broker.keyPem,
    certificateChain: pki.broker.certificatePem,
    deviceAuthority: pki.deviceAuthorityPem,
    operatorAuthority: pki.operatorAuthorityPem,
  });
  control = new MqttControl({ ...access(), retainedMs: 200, connectMs: 5_000 });
});

const access = () => ({
  url: `mqtts://localhost:${broker.port}`,
  ca: pki.authorityPem,
  cert: pki.cloud.certificatePem,
  key: pki.cloud.keyPem,
});
afterAll(async () => {
  await control.close();
  await broker.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Hears what goes to the device, at the broker itself. Returns how to stop. */
function hear(name: string, take: (text: string) => void): () => void {
  const listener = ({ topic, payload }: { topic: string; payload: Buffer | string }): void => {
    if (topic === `${BASE}/${name}`) take(payload.toString());
  };
  broker.aedes.on("publish", listener);
  return () => broker.aedes.off("publish", listener);
}

/** The next message to the device on that topic, answered as the device would. */
const answer = (
  name: string,
  topic: string,
  reply: (message: Record<string, unknown>) => object,
  retain = false,
): Promise<Record<string, unknown>> =>
  new Promise((resolve) => {
    const stop = hear(name, (text) => {
      stop();
      const message = JSON.parse(text);
      const payload = Buffer.from(JSON.stringify(reply(message)));
      broker.aedes.publish(
        { cmd: "publish", topic: `${BASE}/${topic}`, payload, qos: 1, retain, dup: false },
        () => {},
      );
      resolve(message);
    });
  });

test("A command goes to the device and its result comes back", async () => {
  const sent = answer("command", "command/result", ({ id }) => ({ id, ok: true, result: { boot: 3 } }));
  expect(await control.command("one", "ping", undefined)).toMatchObject({ ok: true, result: { boot: 3 } });
  expect(await sent).toMatchObject({ name: "ping", expires: expect.any(Number) });
});

test("What is desired is retained, on top of what stood, and the device's report comes back", async () => {
  const report = ({ version }: Record<string, unknown>) => ({
    version,
    newest: version,
    state: "applied",
    settings: {},
  });
  for (const changes of [{ samplingSeconds: 30 }, { logLevel: "debug" }]) {
    const sent = answer("config/desired", "config/reported", report, true);
    expect(await control.desire("one", changes)).toMatchObject({ state: "applied" });
    await sent;
  }
  expect(await control.desired("one")).toMatchObject({
    settings: { samplingSeconds: 30, logLevel: "debug" },
  });
  expect(await control.reported("one")).toMatchObject({ state: "applied" });
});

test("An update is offered, retained, and taken back by an empty message", async () => {
  const offers: string[] = [];
  const stop = hear("update/offer", (text) => void offers.push(text));
  await control.offer(["one"], "a.b.c");
  await control.offer(["one"], "");
  stop();
  expect(offers).toEqual(["a.b.c", ""]);
});

test("A fleet is offered an update over one connection, and one bad name among its devices tells nobody", async () => {
  let connections = 0;
  const ids = Array.from({ length: 250 }, (_, i) => `fleet-${i}`);
  const offered = new Set<string>();
  const count = (): void => void connections++;
  const listener = ({ topic }: { topic: string }): void => {
    const [, id] = /^aerolink\/v1\/(fleet-\d+)\/update\/offer$/.exec(topic) ?? [];
    if (id !== undefined) offered.add(id);
  };
  broker.aedes.on("client", count);
  broker.aedes.on("publish", listener);
  await expect(control.offer([...ids, "a/b"], "a.b.c")).rejects.toMatchObject({ fault: "refused" });
  expect(offered.size).toBe(0);
  await control.offer(ids, "a.b.c");
  broker.aedes.off("publish", listener);
  broker.aedes.off("client", count);
  expect([connections, offered.size]).toEqual([1, 250]);
});

test("A broker that takes an offer and says nothing is no answer, and nobody waits for ever", async () => {
  const { authorizePublish } = broker.aedes;
  broker.aedes.authorizePublish = () => {};
  try {
    const brief = new MqttControl({ ...access(), acknowledgeMs: 50 });
    await expect(brief.offer(["one"], "a.b.c")).rejects.toMatchObject({ fault: "no-answer" });
    await brief.close();
  } finally {
    broker.aedes.authorizePublish = authorizePublish;
  }
});

test.each(["+", "#", "a/b", ""])("No message goes to %j, which is no device's name", async (id) => {
  await expect(control.command(id, "ping", undefined)).rejects.toMatchObject({ fault: "refused" });
});

test("A setting that has no default cannot be put back to it", async () => {
  await expect(control.desire("one", { colour: null })).rejects.toMatchObject({ fault: "refused" });
});

test("A broker that is not there is no answer", async () => {
  const away = new MqttControl({
    url: "mqtts://localhost:1",
    ca: pki.authorityPem,
    cert: pki.cloud.certificatePem,
    key: pki.cloud.keyPem,
    connectMs: 100,
  });
  await expect(away.offer(["one"], "a.b.c")).rejects.toMatchObject({ fault: "no-answer" });
  await away.close();
});
