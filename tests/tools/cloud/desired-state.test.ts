import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { Broker } from "../../../sim/world/broker";
import { main } from "../../../tools/cloud/cli";
import { Cloud, CloudTimeout } from "../../../tools/cloud/cloud";
import {
  conflictsOf,
  DesiredConflict,
  DesiredError,
  formatDesired,
  mergeDesired,
  nextVersion,
  parseDesired,
  withoutRefused,
} from "../../../tools/cloud/desired-state";
import type { ReportedConfiguration } from "../../../tools/cloud/protocol";
import { type DevelopmentPki, ensureDevelopmentPki } from "../../../tools/pki/development";

const STANDING = { version: 7, settings: { samplingSeconds: 30, logLevel: "debug" } };

describe("The whole desired state", () => {
  test("keeps what stands beside a change, and takes null for the default", () => {
    expect(mergeDesired(STANDING, { samplingSeconds: null, ledBrightness: 5 }, 8)).toEqual({
      version: 8,
      settings: { samplingSeconds: 60, logLevel: "debug", ledBrightness: 5 },
    });
    expect(mergeDesired(undefined, { ledBrightness: 5 }, 1).settings).toEqual({ ledBrightness: 5 });
  });

  test.each(["brokerHost", "networks", "colour", "toString"])(
    "knows no default of %s, and says so",
    (key) => {
      expect(() => mergeDesired(STANDING, { [key]: null }, 8)).toThrow(DesiredError);
    },
  );

  test("is refused before it is sent when no device would read it", () => {
    const hosts = ["a", "b", "c"].map((letter) => letter.repeat(700));
    expect(() => formatDesired(mergeDesired(STANDING, { sntpServers: hosts }, 8))).toThrow("2048 bytes");
  });

  test.each([
    "",
    "{",
    "null",
    "[]",
    '{"version":"1","settings":{}}',
    '{"version":1}',
    '{"version":1,"settings":[]}',
  ])("is nothing where %j is retained", (text) => {
    expect(parseDesired(text)).toBeUndefined();
  });

  test("lets go of what the device refused of it, and of nothing that it refused of another", () => {
    const reported = (version: number): ReportedConfiguration => ({
      version,
      newest: 6,
      state: "refused",
      errors: { logLevel: "out-of-range" },
      settings: {},
    });
    expect(withoutRefused(STANDING, reported(7))?.settings).toEqual({ samplingSeconds: 30 });
    expect(withoutRefused(STANDING, reported(6))).toEqual(STANDING);
    expect(withoutRefused(STANDING, undefined)).toEqual(STANDING);
  });

  test("counts its versions up, from the time, from what stands, and past the last number", () => {
    expect(nextVersion([undefined, 7], 1_000)).toBe(1_000);
    expect(nextVersion([1_000, 1_005], 1_000)).toBe(1_006);
    expect(nextVersion([0xffff_ffff], 1_000)).toBe(1_000);
    expect(nextVersion([0xffff_ffff], 0xffff_fff0)).toBe(0);
  });

  test("is in conflict only where both changed the same thing to different values", () => {
    const theirs = { version: 8, settings: { ...STANDING.settings, samplingSeconds: 10, ledBrightness: 5 } };
    expect(conflictsOf(STANDING, theirs, { logLevel: "info" })).toEqual([]);
    expect(conflictsOf(STANDING, theirs, { samplingSeconds: 10, logLevel: "info" })).toEqual([]);
    expect(conflictsOf(STANDING, theirs, { samplingSeconds: 20, ledBrightness: 6 })).toEqual([
      "samplingSeconds",
      "ledBrightness",
    ]);
  });
});

describe("On a broker, with the device away", () => {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-desired-"));
  const device = "aerolink-02005e102030";
  const topic = `aerolink/v1/${device}/config/desired`;
  const clients: (Cloud | MqttClient)[] = [];
  let pki: DevelopmentPki;
  let broker: Broker;

  beforeAll(async () => {
    pki = await ensureDevelopmentPki(folder, { mac: "02:00:5e:10:20:30" });
  });
  afterEach(async () => {
    for (const each of clients.splice(0)) await (each instanceof Cloud ? each.close() : each.endAsync(true));
    await broker.close();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const startBroker = async (): Promise<void> => {
    broker = await Broker.start({
      key: pki.broker.keyPem,
      certificateChain: pki.broker.certificatePem,
      deviceAuthority: pki.deviceAuthorityPem,
      operatorAuthority: pki.operatorAuthorityPem,
    });
  };
  const connection = () => ({
    url: `mqtts://localhost:${broker.port}`,
    ca: pki.authorityPem,
    cert: pki.cloud.certificatePem,
    key: pki.cloud.keyPem,
  });
  const tool = async (): Promise<Cloud> => {
    const cloud = await Cloud.connect({ ...connection(), retainedMs: 200 });
    clients.push(cloud);
    return cloud;
  };
  const desire = (cloud: Cloud, changes: object): Promise<unknown> =>
    expect(cloud.desire(device, changes as Record<string, unknown>, { timeoutMs: 50 })).rejects.toThrow(
      CloudTimeout,
    );

  test("two changes by two tools, one after the other, are both kept", async () => {
    await startBroker();
    await desire(await tool(), { samplingSeconds: 30 });
    await desire(await tool(), { logLevel: "debug" });
    const kept = await (await tool()).desired(device);
    expect(kept?.settings).toEqual({ samplingSeconds: 30, logLevel: "debug" });
  });

  test("two tools at once lose nothing of each other, and whoever was second is told what it did not get", async () => {
    await startBroker();
    await desire(await tool(), { ledBrightness: 50 });
    const [first, second] = [await tool(), await tool()];
    const outcomes = await Promise.allSettled([
      first.desire(device, { samplingSeconds: 30, logLevel: "debug" }, { timeoutMs: 50 }),
      second.desire(device, { samplingSeconds: 20, publishSeconds: 60 }, { timeoutMs: 50 }),
    ]);
    const errors = outcomes.map((each) => (each.status === "rejected" ? each.reason : undefined));
    expect(errors.filter((each) => each instanceof DesiredConflict)).toHaveLength(1);
    const told = errors.findIndex((each) => each instanceof DesiredConflict);
    expect(errors[told].message).toContain("samplingSeconds");
    const { settings } = (await (await tool()).desired(device))!;
    expect(settings).toEqual({
      ledBrightness: 50,
      logLevel: "debug",
      publishSeconds: 60,
      samplingSeconds: told === 1 ? 30 : 20,
    });
  });

  test("the command line says what the broker keeps, all of it", async () => {
    await startBroker();
    await desire(await tool(), { logLevel: "debug" });
    let said = "";
    const spy = vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
      said += String(chunk);
      return true;
    });
    const { url } = connection();
    try {
      const args = ["config", device, "samplingSeconds=30", "--broker", url, "--pki", folder, "--wait", "1"];
      expect(await main(args)).toBe(1);
    } finally {
      spy.mockRestore();
    }
    expect(said).toContain('"settings":{"logLevel":"debug","samplingSeconds":30}');
    expect(said).toContain("until it comes");
  });

  test("what no device would take is not sent", async () => {
    await startBroker();
    const cloud = await tool();
    await expect(cloud.desire(device, { networks: null })).rejects.toThrow(DesiredError);
    expect(await cloud.desired(device)).toBeUndefined();
  });

  test("what somebody retains there that is no state is replaced", async () => {
    await startBroker();
    const { url, ...tls } = connection();
    const other = await mqtt.connectAsync(url, { ...tls, clientId: "cloud-other" });
    clients.push(other);
    await other.publishAsync(topic, "nonsense", { qos: 1, retain: true });
    const cloud = await tool();
    await desire(cloud, { logLevel: "warn" });
    expect((await cloud.desired(device))?.settings).toEqual({ logLevel: "warn" });
  });
});
