// Updates by the owner's will, at the right moment, and beside readings: through the whole firmware, in virtual time.
import { beforeAll, describe, expect, test } from "vitest";
import { OfferKey, publishOffer } from "../../sim/virtual/offer";
import { topicOf } from "../../tools/cloud/protocol";
import { buildFirmware } from "../support/firmware";
import { faultsOf, SCHEMA_OF_TOPIC } from "../support/schemas";
import { HOUR_MS, MINUTE_MS, UpdateRun, type UpdateState } from "../support/update-run";
import { SEED } from "../support/volume";

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

interface Result {
  readonly id: string;
  readonly ok: boolean;
  readonly error?: string;
  readonly result?: unknown;
}

/** A device that is solid blue, and its cloud. Everything that it says is held to docs/schemas. */
class Owned extends UpdateRun {
  readonly results: Result[] = [];
  #count = 0;

  constructor(settings: Record<string, string | number | boolean> = {}) {
    super({ ...built, seed: SEED, settings: { ...settings } as never });
    const { broker, deviceId } = this.world;
    const before = broker.onPublish;
    broker.onPublish = (publication) => {
      before(publication);
      const name = publication.topic.slice(`aerolink/v1/${deviceId}/`.length);
      const text = Buffer.from(publication.payload).toString();
      const schema = SCHEMA_OF_TOPIC[name];
      if (!schema || text === "") return;
      expect(faultsOf(schema, JSON.parse(text)), text).toBe("");
      if (name === "command/result") this.results.push(JSON.parse(text));
    };
    this.online();
  }

  online(): void {
    expect(
      this.until(() => this.world.sight === "solid blue", 5 * MINUTE_MS),
      this.log,
    ).toBe(true);
  }

  ask(name: string, args: object = {}): Omit<Result, "id"> {
    const id = `c${++this.#count}`;
    const text = JSON.stringify({ id, name, args });
    this.world.broker.publish(topicOf(this.world.deviceId, "command"), new Uint8Array(Buffer.from(text)));
    expect(
      this.until(() => this.results.some((each) => each.id === id), MINUTE_MS),
      this.log,
    ).toBe(true);
    const { id: _, ...result } = this.results.find((each) => each.id === id)!;
    return result;
  }

  desire(version: number, settings: object): void {
    const text = JSON.stringify({ version, settings });
    const topic = topicOf(this.world.deviceId, "config/desired");
    this.world.broker.publish(topic, new Uint8Array(Buffer.from(text)), { retain: true });
    this.run(5_000);
  }

  get waits(): readonly (string | undefined)[] {
    return this.states.map((state) => (state as UpdateState & { readonly wait?: string }).wait);
  }

  /** Whether an image is asked for in so long. */
  fetchesIn(ms: number): boolean {
    const { served } = this.world.updates;
    const before = served.length;
    return this.until(() => served.length > before, ms);
  }
}

describe("The owner's will is obeyed", () => {
  test("off: nothing is fetched, not even when asked for; and taken when it is allowed again", () => {
    const owned = new Owned({ updates: "off" });
    owned.offer(2);
    expect(owned.fetchesIn(HOUR_MS), owned.log).toBe(false);
    expect(owned.state).toMatchObject({ state: "waiting", wait: "off", release: 2, updates: "off" });
    expect(owned.ask("update", { release: 2 })).toEqual({ ok: false, error: "off" });
    owned.desire(1, { updates: "automatic" });
    expect(owned.untilState("confirmed"), owned.log).toBe(true);
  });

  test("off in the middle of a download ends it, and what has come is not fetched again", () => {
    const owned = new Owned();
    owned.world.updates.faults.bytesPerSecond = 4_000;
    owned.offer(2);
    expect(
      owned.until(() => owned.state?.progress === 2, 30 * MINUTE_MS),
      owned.log,
    ).toBe(true);
    owned.desire(1, { updates: "off" });
    expect(owned.fetchesIn(HOUR_MS)).toBe(false);
    expect(owned.state).toMatchObject({ state: "waiting", wait: "off" });
    const { sentBytes } = owned.world.updates;
    owned.desire(2, { updates: "automatic" });
    expect(owned.untilState("confirmed"), owned.log).toBe(true);
    const image = built.releases.image(2).length;
    expect(owned.world.updates.sentBytes - sentBytes).toBeLessThan(image / 2 + 65_536 + 20_000);
  });

  test("manual: it waits for the command, which needs no jitter", () => {
    const owned = new Owned({ updates: "manual" });
    owned.offer(2);
    expect(owned.fetchesIn(HOUR_MS)).toBe(false);
    expect(owned.state).toMatchObject({ state: "waiting", wait: "manual" });
    expect(owned.ask("update", { release: 3 })).toEqual({ ok: false, error: "not-offered" });
    expect(owned.ask("update", { release: 2 })).toEqual({ ok: true, result: {} });
    expect(owned.fetchesIn(10_000), owned.log).toBe(true);
    expect(owned.untilState("confirmed", 10 * MINUTE_MS), owned.log).toBe(true);
  });

  test("automatic: within ten minutes", () => {
    const owned = new Owned();
    owned.offer(2);
    expect(owned.fetchesIn(10 * MINUTE_MS + 5_000), owned.log).toBe(true);
  });

  test("An offer that is taken back is forgotten", () => {
    const owned = new Owned({ updates: "manual" });
    owned.offer(2);
    owned.run(10_000);
    publishOffer(owned.world, "");
    owned.run(10_000);
    expect(owned.state).toMatchObject({ state: "idle", release: null });
    expect(owned.ask("update", { release: 2 })).toEqual({ ok: false, error: "not-offered" });
  });

  test("boot-previous goes back to the image before, which proves itself; the newer one is not taken again", () => {
    const owned = new Owned();
    expect(owned.ask("boot-previous")).toEqual({ ok: false, error: "no-previous" });
    owned.offer(2);
    expect(owned.untilState("trial"), owned.log).toBe(true);
    expect(owned.ask("boot-previous")).toEqual({ ok: false, error: "on-trial" });
    expect(owned.ask("update", { release: 2 })).toEqual({ ok: false, error: "on-trial" });
    expect(owned.untilState("confirmed"), owned.log).toBe(true);
    expect(owned.ask("boot-previous")).toEqual({ ok: true, result: { release: 1 } });
    expect(
      owned.until(() => owned.release === 1, MINUTE_MS),
      owned.log,
    ).toBe(true);
    expect(owned.until(() => owned.state?.running === 1 && owned.state.state === "trial", MINUTE_MS)).toBe(
      true,
    );
    expect(owned.untilState("failed", 10 * MINUTE_MS), owned.log).toBe(true);
    expect(owned.state).toMatchObject({ running: 1, reason: "not-newer", confirmed: 2 });
    owned.run(HOUR_MS);
    expect(owned.release).toBe(1);
    owned.offer(3);
    expect(
      owned.until(() => owned.state?.state === "confirmed" && owned.state.running === 3, HOUR_MS),
      owned.log,
    ).toBe(true);
  });

  test("boot-previous does not go below the floor of what runs", () => {
    const owned = new Owned();
    owned.offer(2, { manifest: { floor: 2 } });
    expect(owned.untilState("confirmed"), owned.log).toBe(true);
    expect(owned.ask("boot-previous")).toEqual({ ok: false, error: "below-floor" });
    expect(owned.release).toBe(2);
  });
});

describe("An offer that is not for this device is refused with its reason, and nothing is fetched", () => {
  const wrong: [string, (owned: Owned) => void][] = [
    ["wrong-board", (owned) => owned.offer(2, { manifest: { boards: ["esp32/m5atom_lite"] } })],
    ["stepping-stone", (owned) => owned.offer(3, { manifest: { from: 2 } })],
    [
      "formats",
      (owned) => owned.offer(2, { manifest: { formats: { journal: 3, settings: 1, credentials: 1 } } }),
    ],
    ["expired", (owned) => owned.offer(2, { manifest: { expires: Date.UTC(2026, 10, 22, 12) / 1000 } })],
    ["bad-signature", (owned) => owned.offer(2, { key: new OfferKey() })],
    ["wrong-alg", (owned) => owned.offer(2, { header: { alg: "none" } })],
    ["wrong-type", (owned) => owned.offer(2, { header: { typ: "aerolink-trust+jwt" } })],
    ["unknown-header", (owned) => owned.offer(2, { header: { crit: ["exp"] } })],
    ["bad-blocks", (owned) => owned.offer(2, { manifest: { blocks: "AAAA" } })],
    ["bad-manifest", (owned) => owned.offer(2, { manifest: { sha256: "00" } })],
    ["manifest-version", (owned) => owned.offer(2, { manifest: { v: 2 } })],
    ["not-signed", (owned) => publishOffer(owned.world, "{}")],
    ["too-long", (owned) => publishOffer(owned.world, "x".repeat(2_049))],
  ];
  test("each of them, one after the other, and the right one after all", () => {
    const owned = new Owned();
    for (const [reason, offer] of wrong) {
      offer(owned);
      expect(
        owned.until(() => owned.state?.reason === reason, 10_000),
        `${reason}\n${owned.log}`,
      ).toBe(true);
      expect(owned.state?.state).toBe("failed");
    }
    expect(owned.world.updates.served).toEqual([]);
    owned.offer(2);
    expect(owned.untilState("confirmed"), owned.log).toBe(true);
  });

  test("The wrong image under the right hashes is told by its own marker, and not tried", () => {
    const owned = new Owned();
    const image = built.releases.image(3);
    owned.offer(3, { manifest: { release: 2 } });
    expect(owned.untilState("failed"), owned.log).toBe(true);
    expect(owned.state).toMatchObject({ reason: "wrong-image" });
    expect(owned.world.updates.sentBytes).toBeLessThan(image.length + 20_000);
    expect(owned.boots).toHaveLength(1);
  });
});

describe("It begins when nothing speaks against it", () => {
  test("not while readings wait for the broker", () => {
    const owned = new Owned({ samplingSeconds: 2 });
    owned.world.broker.faults.down = true;
    owned.world.broker.crash();
    owned.run(20 * MINUTE_MS);
    owned.offer(2);
    owned.world.broker.faults.down = false;
    expect(
      owned.until(() => owned.waits.includes("backlog"), 20 * MINUTE_MS),
      owned.log,
    ).toBe(true);
    expect(owned.world.updates.served).toEqual([]);
    expect(owned.untilState("confirmed", 2 * HOUR_MS), owned.log).toBe(true);
    owned.run(MINUTE_MS);
    expect(owned.lost).toEqual([]);
  });

  test("not in setup mode, which also ends a download", () => {
    const owned = new Owned();
    owned.world.updates.faults.bytesPerSecond = 4_000;
    owned.offer(2);
    expect(
      owned.until(() => owned.state?.progress === 1, 30 * MINUTE_MS),
      owned.log,
    ).toBe(true);
    expect(owned.ask("setup-mode")).toMatchObject({ ok: true });
    owned.run(10_000);
    expect(owned.world.sight).toBe("pulse yellow");
    expect(owned.fetchesIn(5 * MINUTE_MS)).toBe(false);
    expect(owned.untilState("confirmed", HOUR_MS), owned.log).toBe(true);
  });
});

test("Readings flow during a download over a slow link: none is late by more than two batches, and the light stays solid blue", () => {
  const owned = new Owned({ samplingSeconds: 10, readingsPerBatch: 1 });
  owned.run(5 * MINUTE_MS);
  const before = owned.latest;
  owned.latest = 0;
  owned.world.updates.faults.bytesPerSecond = 1_000;
  owned.offer(2);
  expect(
    owned.until(() => owned.state?.state === "downloading", 15 * MINUTE_MS),
    owned.log,
  ).toBe(true);
  const seconds = built.releases.image(2).length / 1_000;
  let sights = new Set<string>();
  expect(
    owned.until(
      () => {
        sights.add(owned.world.sight as string);
        return owned.state?.state !== "downloading";
      },
      2 * seconds * 1_000,
    ),
    owned.log,
  ).toBe(true);
  expect([...sights]).toEqual(["solid blue"]);
  expect(owned.latest, `before: ${before} ms`).toBeLessThanOrEqual(2 * 10_000);
  sights = new Set();
  expect(owned.untilState("confirmed"), owned.log).toBe(true);
  owned.run(MINUTE_MS);
  expect({ lost: owned.lost, violations: owned.referee.violations }).toEqual({ lost: [], violations: [] });
});

test("A signature shows that it is later: the clock's floor rises to it", () => {
  const owned = new Owned({ updates: "off" });
  const iat = Date.UTC(2026, 10, 22, 23) / 1000;
  owned.offer(2, { manifest: { iat } });
  owned.run(10_000);
  expect(owned.world.storage.keyValue("aerolink").get("timeFloor")).toBe(String(iat));
});
