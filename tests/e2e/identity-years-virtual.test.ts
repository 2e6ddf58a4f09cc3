// Certificates over years, with the unchanged firmware on virtual time.
import { beforeAll, expect, test } from "vitest";
import { seedSettings } from "../../sim/device/seed-settings";
import { lost } from "../../sim/virtual/fault-run";
import { standInServer } from "../../sim/virtual/tls-stand-in";
import { DAY_MS, Years, type YearsOptions } from "../../sim/virtual/years";
import { CLOUD_ADDRESS } from "../../sim/world/names";
import { createAuthority } from "../../tools/pki/certificates";
import { buildFirmware } from "../support/firmware";
import { renewableDevice } from "../support/renewal-service";
import { LONG, SEED } from "../support/volume";

const START = Date.UTC(2026, 10, 23);
/** Of certificates: 13 months, or as many days as keep the short run short. */
const LIFE = LONG ? 397 : 9;
/** Two years, in lifetimes. */
const END = Math.round((730 / 397) * LIFE);
/** The part of a life in which a certificate is renewed. */
const WINDOW = LIFE / 3;

let built: Awaited<ReturnType<typeof buildFirmware>>;
let made: Awaited<ReturnType<typeof renewableDevice>>;
let next: Uint8Array;
beforeAll(async () => {
  built = await buildFirmware();
  made = await renewableDevice({ fromMs: START - DAY_MS / 2, untilMs: START + LIFE * DAY_MS });
  next = (await createAuthority("Broker CA, the next one", { usage: "server", notBefore: new Date(START) }))
    .certificate;
});

async function start(over: Partial<YearsOptions> = {}): Promise<Years> {
  const years = new Years({
    ...built,
    identity: made.image,
    devices: made.devices,
    broker: made.broker.certificate,
    leaf: made.identity.certificateChain[0]!,
    listKey: built.releases.key,
    lifetimeMs: LIFE * DAY_MS,
    seed: SEED,
    startUnixMs: START,
    settings: { samplingSeconds: 3_600 },
    ...over,
  });
  await years.begin();
  return years;
}

const log = ({ world, pki }: Years): string => [...pki.events, ...world.trace.slice(-50)].join("\n");

function expectNothingLost(years: Years): void {
  expect({ lost: lost(years.world), misdated: years.world.misdated }, log(years)).toEqual({
    lost: [],
    misdated: [],
  });
}

test("Two years: the certificate is renewed in time, the broker's authority changes, and the light is blue every noon", async () => {
  const years = await start();
  await years.until(0.75 * LIFE);
  expect(years.state, log(years)).toMatchObject({ state: "current", source: "renewed", list: 0 });
  years.announce(1, [made.broker.certificate, next]);
  await years.until(0.75 * LIFE + 1);
  expect(years.state, log(years)).toMatchObject({ state: "current", list: 1 });
  years.show(next);
  await years.until(LIFE);
  years.announce(2, [next]);
  await years.until(END + 1);
  expect(years.state, log(years)).toMatchObject({ state: "current", source: "renewed", list: 2 });
  expect(years.dark, log(years)).toEqual([]);
  // Short lives may just have begun their third renewal.
  expect([2, 3]).toContain(years.pki.events.filter((line) => line.includes("issued")).length);
  expectNothingLost(years);
});

test.runIf(LONG)(
  "An outage longer than the renewal window that ends before the certificate does: it is renewed within two hours of its end",
  async () => {
    const years = await start();
    await years.until(LIFE - 1 - 1.05 * WINDOW);
    // Without power: virtual time goes slowly where a light pulses.
    years.world.cutPower();
    await years.until(LIFE - 1);
    expect(years.state).toMatchObject({ source: "factory" });
    years.internet(false);
    years.world.world.powerOn();
    await years.until(LIFE - 0.9);
    years.internet(true);
    expect(await years.untilBlue(10), log(years)).toBeDefined();
    await years.until(years.day + 2 / 24);
    expect(years.state, log(years)).toMatchObject({ state: "current", source: "renewed" });
    await years.until(LIFE + 2);
    expectNothingLost(years);
  },
);

test.runIf(LONG)(
  "A service that is away for the whole window but a day, while readings go on: asked at most once a day, and renewed within a day of its return",
  async () => {
    let requests = 0;
    const years = await start({
      onMessage: (topic) => {
        if (topic.endsWith("/identity/request")) requests++;
      },
    });
    years.pki.isServing = false;
    await years.until(LIFE - 1.5);
    expect(years.state).toMatchObject({ state: "refused", reason: "no-answer", source: "factory" });
    expect(requests).toBeGreaterThan(2);
    expect(requests).toBeLessThan(2.2 * WINDOW + 6);
    years.pki.isServing = true;
    await years.until(LIFE - 0.4);
    expect(years.state, log(years)).toMatchObject({ state: "current", source: "renewed" });
    expect(years.dark).toEqual([]);
    expectNothingLost(years);
  },
);

test.runIf(LONG)(
  "A wrong clock at every time server: what is asked for in vain stays within the policy, and it is renewed in time all the same",
  async () => {
    const years = await start();
    await years.until(2);
    years.world.faults.sntp = { lieMs: 3 * 365 * DAY_MS };
    await years.until(3);
    years.world.faults.sntp = { lieMs: -400 * DAY_MS };
    await years.until(4);
    delete years.world.faults.sntp;
    await years.until(5);
    expect(await years.untilBlue(60), log(years)).toBeDefined();
    await years.until(LIFE);
    expect(years.state, log(years)).toMatchObject({ state: "current", source: "renewed" });
    // Four a day for the two days on which the clock was wrong, and the one that was due.
    expect(years.pki.events.filter((line) => line.includes("issued")).length).toBeLessThanOrEqual(9);
    expect(lost(years.world), log(years)).toEqual([]);
  },
);

test("Away until its certificate has expired: no reading is lost, the reason is named, and the rescue door mends it from setup mode", async () => {
  const years = await start();
  await years.until(3);
  years.world.cutPower();
  await years.until(LIFE + 5);
  years.world.world.powerOn();
  const { world } = years;
  await years.until(LIFE + 5.02);
  expect(world.sight).toBe("pulse blue");
  expect(log(years)).toContain("client-certificate-refused");
  // The door asks for all that the broker asks for but the date; a person gives its port on the setup page. The page's
  // form is tests/e2e/broker-profile-virtual's; what it stores is this.
  const { services, broker } = world;
  services.tcp.set(
    `${CLOUD_ADDRESS}:8885`,
    standInServer(broker, (_host, certificate) =>
      certificate && years.pki.isGood(certificate, world.unixMs, { dated: false })
        ? years.pki.server
        : "client-certificate-refused",
    ),
  );
  world.cutPower();
  await new Promise((resolve) => setImmediate(resolve));
  seedSettings(world.storage, undefined, { brokerPort: 8885 });
  world.world.powerOn();
  expect(await years.untilBlue(15), log(years)).toBeDefined();
  await years.until(years.day + 2 / 24);
  expect(years.state, log(years)).toMatchObject({ state: "current", source: "renewed" });
  const desired = { version: 1, settings: { brokerPort: 8883 } };
  world.broker.publish(
    `aerolink/v1/${world.deviceId}/config/desired`,
    new TextEncoder().encode(JSON.stringify(desired)),
    { retain: true },
  );
  await years.until(years.day + 0.1);
  services.tcp.delete(`${CLOUD_ADDRESS}:8885`);
  await years.until(years.day + 1);
  expect(world.sight, log(years)).toBe("solid blue");
  expectNothingLost(years);
});
