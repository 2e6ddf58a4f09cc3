// The device's certificate and its authorities changed in the field, with the unchanged firmware on virtual time.
import { X509Certificate } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { HOLD_MS, TRIAL_MS } from "../../modules/credentials/credentials";
import { VirtualWorld, type VirtualWorldOptions } from "../../sim/virtual/virtual-world";
import { type Authority, createAuthority } from "../../tools/pki/certificates";
import { buildFirmware } from "../support/firmware";
import { limit } from "../support/limit";
import { DAY_MS, issueFor, NAME, renewableDevice } from "../support/renewal-service";
import { faultsOf } from "../support/schemas";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 10, 23);
const LIFE_MS = 397 * DAY_MS;
/** Two thirds and a twentieth of the life are over. */
const DUE = { fromMs: START - 0.72 * LIFE_MS, untilMs: START + 0.28 * LIFE_MS };
const FRESH = { fromMs: START - DAY_MS, untilMs: START + 396 * DAY_MS };

let built: Awaited<ReturnType<typeof buildFirmware>>;
let made: Awaited<ReturnType<typeof renewableDevice>>;
let stranger: Authority;
beforeAll(async () => {
  built = await buildFirmware();
  made = await renewableDevice(DUE);
  stranger = await createAuthority("Another CA", { usage: "client", notBefore: new Date(DUE.fromMs) });
}, limit(60_000));

class Rig {
  readonly world: VirtualWorld;
  readonly requests: { id: string; csr: string }[] = [];
  readonly states: { state: string; reason?: string }[] = [];

  constructor(over: Partial<VirtualWorldOptions> = {}) {
    this.world = new VirtualWorld({
      ...built,
      identity: made.image,
      seed: 1,
      startUnixMs: START,
      onMessage: (topic, payload) => {
        const name = topic.split("/").slice(3).join("/");
        if (!name.startsWith("identity/")) return;
        const message = JSON.parse(new TextDecoder().decode(payload));
        expect(faultsOf(name.replace("/", "-"), message), name).toBe("");
        if (name === "identity/request") this.requests.push(message);
        else this.states.push(message);
      },
      ...over,
    });
    this.world.world.powerOn();
    this.online();
  }

  online(limitMs = 12 * MINUTE_MS): void {
    expect(this.world.runUntilSight("solid blue", limitMs), this.log).toBeDefined();
  }

  get log(): string {
    return this.world.trace.slice(-60).join("\n");
  }

  get state() {
    return this.states.at(-1) as Record<string, unknown> & { state: string };
  }

  say(name: string, message: object | string, retain = false): void {
    const text = typeof message === "string" ? message : JSON.stringify(message);
    this.world.broker.publish(`aerolink/v1/${NAME}/identity/${name}`, new TextEncoder().encode(text), {
      retain,
    });
  }

  /** Answers the last request. */
  async answer(authority = made.devices, validity = FRESH, over: object = {}): Promise<void> {
    const { id, csr } = this.requests.at(-1)!;
    this.say("renew", { id, certificates: await issueFor(csr, authority, validity), ...over });
  }

  command(name: string): void {
    const payload = new TextEncoder().encode(
      JSON.stringify({ id: `${name}-${this.world.time.now()}`, name }),
    );
    this.world.broker.publish(`aerolink/v1/${NAME}/command`, payload);
  }

  async restart(): Promise<void> {
    this.world.cutPower();
    this.world.run(2_000);
    // The world restarts a board in promises, which virtual time does not run.
    await new Promise((resolve) => setImmediate(resolve));
    this.world.world.powerOn();
  }
}

const expiry = ({ untilMs }: { untilMs: number }) => Math.floor(untilMs / 1000);

test("A certificate that is old is renewed, tried and kept, over a restart and a factory reset too", async () => {
  const rig = new Rig();
  rig.world.run(MINUTE_MS);
  expect(rig.requests).toHaveLength(1);
  expect(rig.state).toMatchObject({ state: "requested", source: "factory", expires: expiry(DUE) });
  await rig.answer();
  rig.world.run(5_000);
  expect(rig.state, rig.log).toMatchObject({ state: "trial", trial: "certificate", source: "renewed" });
  rig.world.run(HOLD_MS + 10_000);
  expect(rig.state, rig.log).toMatchObject({ state: "current", source: "renewed", expires: expiry(FRESH) });
  await rig.restart();
  rig.online();
  rig.world.run(MINUTE_MS);
  expect(rig.state).toMatchObject({ state: "current", source: "renewed", daysLeft: 395 });
  expect(rig.requests).toHaveLength(1);
  const before = rig.world.credentials.cells.slice();
  rig.world.storage.keyValue("aerolink").set("resetting", "1");
  await rig.restart();
  for (let boot = 0; boot < 3; boot++) {
    rig.world.run(MINUTE_MS);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(rig.world.sight, rig.log).toBe("pulse yellow");
  expect(rig.world.credentials.cells).toEqual(before);
});

test("A session that does not hold brings the old one back, with the reason, and it is tried again later", async () => {
  const rig = new Rig();
  rig.world.run(MINUTE_MS);
  await rig.answer();
  rig.world.run(5_000);
  rig.world.faults.brokerTls = "client-certificate-refused";
  rig.world.broker.crash();
  rig.world.run(TRIAL_MS + 10_000);
  delete rig.world.faults.brokerTls;
  rig.online();
  rig.world.run(5_000);
  expect(rig.state, rig.log).toMatchObject({
    ...{ state: "refused", reason: "trial-failed", failure: "client-certificate-refused", source: "factory" },
    expires: expiry(DUE),
  });
  for (let minute = 0; minute < 65 && rig.requests.length < 2; minute++) rig.world.run(MINUTE_MS);
  expect(rig.requests).toHaveLength(2);
  await rig.answer();
  rig.world.run(2 * MINUTE_MS);
  expect(rig.state).toMatchObject({ state: "current", source: "renewed" });
});

test("A power cut in a trial lets it go on, and three boots that get nowhere end it", async () => {
  const rig = new Rig();
  rig.world.run(MINUTE_MS);
  await rig.answer();
  rig.world.run(5_000);
  for (let boot = 0; boot < 2; boot++) {
    await rig.restart();
    rig.online();
    rig.world.run(10_000);
    expect(rig.state, `${boot}`).toMatchObject({ state: "trial", source: "renewed" });
  }
  await rig.restart();
  rig.online();
  rig.world.run(5_000);
  expect(rig.state).toMatchObject({ source: "factory" });
});

test("What is issued wrongly is refused with its reason, and the old one stays", async () => {
  const rig = new Rig();
  const refused = async (reason: string, answer: () => Promise<void> | void): Promise<void> => {
    rig.command("renew-certificate");
    rig.world.run(10_000);
    const { length } = rig.requests;
    await answer();
    rig.world.run(5_000);
    expect(rig.state, `${reason}\n${rig.log}`).toMatchObject({ state: "refused", reason, source: "factory" });
    expect(rig.requests).toHaveLength(length);
  };
  rig.world.run(MINUTE_MS);
  const earlier = rig.requests.at(-1)!;
  await refused("unknown-authority", () => rig.answer(stranger));
  await refused("expired", () =>
    rig.answer(made.devices, { fromMs: START - 9 * DAY_MS, untilMs: START - DAY_MS }),
  );
  await refused("not-yet-valid", () =>
    rig.answer(made.devices, { fromMs: START + DAY_MS, untilMs: START + 9 * DAY_MS }),
  );
  await refused("wrong-name", async () => {
    const { id, csr } = rig.requests.at(-1)!;
    rig.say("renew", { id, certificates: await issueFor(csr, made.devices, FRESH, "CN=somebody-else") });
  });
  await refused("wrong-key", async () => {
    rig.say("renew", {
      id: rig.requests.at(-1)!.id,
      certificates: await issueFor(earlier.csr, made.devices, FRESH),
    });
  });
  await refused("rate", () =>
    rig.say("renew", { id: rig.requests.at(-1)!.id, error: "rate", retryAfter: 7_200 }),
  );
  await refused("bad-answer", () => rig.say("renew", { id: rig.requests.at(-1)!.id, certificates: [] }));
  await refused("no-answer", () => rig.world.run(11 * MINUTE_MS));
  // Replayed: nobody asked for it now.
  rig.command("renew-certificate");
  rig.world.run(10_000);
  rig.say("renew", { id: earlier.id, certificates: await issueFor(earlier.csr, made.devices, FRESH) });
  rig.world.run(5_000);
  expect(rig.state).toMatchObject({ state: "requested", source: "factory" });
});

test("A service's own pause is kept", async () => {
  const rig = new Rig();
  rig.world.run(MINUTE_MS);
  rig.say("renew", { id: rig.requests.at(-1)!.id, error: "busy", retryAfter: 5 * 3_600 });
  rig.world.run(4.9 * HOUR_MS);
  expect(rig.requests).toHaveLength(1);
  rig.world.run(0.2 * HOUR_MS);
  expect(rig.requests).toHaveLength(2);
});

test("A device without a renewal service asks nobody, and tells the days that are left", async () => {
  const { image } = await renewableDevice(DUE, { renewal: undefined as never });
  const rig = new Rig({ identity: image });
  rig.command("renew-certificate");
  rig.world.run(HOUR_MS);
  expect(rig.requests).toEqual([]);
  expect(rig.state).toMatchObject({ state: "current", renewal: false, expires: expiry(DUE) });
  const status = rig.world.broker.retained.get(`aerolink/v1/${NAME}/status`)!;
  expect(JSON.parse(new TextDecoder().decode(status)).certificate).toEqual({
    expires: expiry(DUE),
    daysLeft: Math.floor((DUE.untilMs - START) / DAY_MS),
  });
  expect(rig.world.trace.join("\n")).not.toContain("on trial");
});

test("A trust list brings authorities in, old and new side by side, by number and signature alone", async () => {
  const next = await createAuthority("Next broker CA", { usage: "server" });
  const rig = new Rig();
  rig.world.run(MINUTE_MS);
  await rig.answer();
  rig.world.run(2 * MINUTE_MS);
  const list = (number: number, ...authorities: Authority[]): string =>
    built.releases.key.sign(
      {
        ...{ v: 1, list: number, iat: START / 1000 },
        authorities: authorities.map(({ certificate }) => Buffer.from(certificate).toString("base64url")),
      },
      { typ: "aerolink-trust+jwt" },
    );
  rig.say("trust", list(3, made.broker, next), true);
  rig.world.run(20_000);
  expect(rig.state, rig.log).toMatchObject({ state: "trial", trial: "authorities", list: 3 });
  rig.world.run(HOLD_MS);
  expect(rig.state).toMatchObject({ state: "current", list: 3, source: "renewed" });
  rig.say("trust", list(2, next), true);
  rig.world.run(20_000);
  expect(rig.state).toMatchObject({ state: "refused", reason: "not-newer", list: 3 });
  rig.say("trust", built.releases.key.sign({ v: 1, list: 4 }, {}), true);
  rig.world.run(20_000);
  expect(rig.state).toMatchObject({ reason: "wrong-type", list: 3 });
  await rig.restart();
  rig.online();
  rig.world.run(20_000);
  expect(rig.state).toMatchObject({ list: 3, source: "renewed" });
});

test("Authorities that no session holds with are given up, and tried again an hour later", async () => {
  const next = await createAuthority("Next broker CA", { usage: "server" });
  const rig = new Rig();
  const jws = built.releases.key.sign(
    { v: 1, list: 1, iat: START / 1000, authorities: [Buffer.from(next.certificate).toString("base64url")] },
    { typ: "aerolink-trust+jwt" },
  );
  rig.say("trust", jws, true);
  rig.world.run(15_000);
  expect(rig.state, rig.log).toMatchObject({ state: "trial", trial: "authorities" });
  rig.world.faults.brokerTls = "unknown-ca";
  rig.world.broker.crash();
  rig.world.run(TRIAL_MS + 5_000);
  delete rig.world.faults.brokerTls;
  rig.online();
  rig.world.run(5_000);
  expect(rig.state, rig.log).toMatchObject({ reason: "trial-failed", failure: "unknown-ca", list: 0 });
  rig.world.run(62 * MINUTE_MS);
  expect(rig.state).toMatchObject({ list: 1 });
});

test("A private key is in no line of the console and in no message", async () => {
  const lines: string[] = [];
  const rig = new Rig({ onTrace: (line) => lines.push(line) });
  rig.world.run(MINUTE_MS);
  await rig.answer();
  rig.world.run(3 * MINUTE_MS);
  const { cells } = rig.world.credentials;
  // PKCS#8: the secret is 32 bytes after this.
  const at = Buffer.from(cells).indexOf(Buffer.from("306b0201010420", "hex")) + 7;
  const secret = Buffer.from(cells.subarray(at, at + 32));
  const text = JSON.stringify([lines, rig.requests, rig.states]);
  for (const form of ["hex", "base64url", "base64"] as const)
    expect(text).not.toContain(secret.toString(form).slice(0, 20));
  expect(new X509Certificate(made.identity.certificateChain[0]!).subject).toBe(`CN=${NAME}`);
});
