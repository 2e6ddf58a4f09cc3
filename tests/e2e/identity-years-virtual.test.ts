// Certificates over years, with the unchanged firmware on virtual time.
import { beforeAll, expect, test } from "vitest";
import { lost } from "../../sim/virtual/fault-run";
import { DAY_MS, Years, type YearsOptions } from "../../sim/virtual/years";
import { createAuthority } from "../../tools/pki/certificates";
import { buildFirmware } from "../support/firmware";
import { renewableDevice } from "../support/renewal-service";
import { LONG, SEED } from "../support/volume";

const START = Date.UTC(2026, 10, 23);
/** Of certificates: 13 months, or as many days as keep the short run short. */
const LIFE = LONG ? 397 : 24;
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
  console.log(years.pki.events, years.states.map((s) => JSON.stringify(s)).join("\n"));
  expect(years.pki.events.filter((line) => line.includes("issued"))).toHaveLength(2);
  expectNothingLost(years);
});

test("An outage longer than the renewal window that ends before the certificate does: it is renewed within the hour", async () => {
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
  await years.until(years.day + 1 / 24);
  expect(years.state, log(years)).toMatchObject({ state: "current", source: "renewed" });
  await years.until(LIFE + 2);
  expectNothingLost(years);
});

test("A service that is away for the whole window but a day, while readings go on: asked at most once a day, and renewed within a day of its return", async () => {
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
});

test("A wrong clock at every time server: nothing is renewed for it that is not due, and it is renewed in time all the same", async () => {
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
  expect(years.pki.events.filter((line) => line.includes("issued")).length).toBeLessThanOrEqual(2);
  expect(lost(years.world), log(years)).toEqual([]);
});
