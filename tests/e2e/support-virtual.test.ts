// What the setup page of the unchanged firmware tells whoever helps, in virtual time: also where nothing works.
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { type Identity, parseIdentity } from "../../modules/identity/identity";
import type { InternetFaults } from "../../sim/virtual/virtual-internet";
import { VirtualWorld, type VirtualWorldOptions } from "../../sim/virtual/virtual-world";
import { homeRouter } from "../../sim/world/router";
import { buildFirmware } from "../support/firmware";
import { get, join, request } from "../support/phone-client";
import { fuzz, LONG } from "../support/volume";

const MINUTE_MS = 60_000;

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

/** A device whose portal is open; with networks, because they are not there and its button was held. */
function portal(options: Partial<VirtualWorldOptions> = {}, faults: InternetFaults = {}): VirtualWorld {
  const virtual = new VirtualWorld({ ...built, seed: 1, networks: [], button: true, ...options });
  Object.assign(virtual.faults, faults);
  virtual.world.powerOn();
  if (options.networks?.length) {
    virtual.run(30_000);
    virtual.world.pressButton(true);
    virtual.run(3_500);
    virtual.world.pressButton(false);
  }
  expect(virtual.time.runUntil(() => virtual.world.phone.accessPoint !== undefined, MINUTE_MS)).toBe(true);
  virtual.run(50);
  return virtual;
}

/** The file, its page beside it holding the same. */
function reportOf(virtual: VirtualWorld) {
  const file = get(virtual, "/support.json")!;
  const page = get(virtual, "/support")!;
  const report = JSON.parse(file.body);
  const shown = /<pre>([\s\S]*)<\/pre>/.exec(page.body)![1]!.replaceAll("&lt;", "<").replaceAll("&amp;", "&");
  expect(Object.keys(JSON.parse(shown))).toEqual(Object.keys(report));
  return { file, page: page.body, report };
}

test("A device that never joined a network tells what was tried, before it knows the time, and names its file", () => {
  const virtual = portal();
  expect(get(virtual, "/")!.body).toContain('href="/support"');
  const id = join(virtual, "Home", "battery staple");
  const refused = () => get(virtual, `/status?attempt=${id}`)!.body.includes("The password is not right");
  expect(virtual.time.runUntil(refused, MINUTE_MS)).toBe(true);
  const { file, page, report } = reportOf(virtual);
  const { deviceId } = parseIdentity(built.identity) as Identity;
  expect(file.status).toBe(200);
  expect(file.head).toContain("Content-Type: application/json\r\n");
  expect(file.head).toContain(`Content-Disposition: attachment; filename="${deviceId}.json"\r\n`);
  expect(report).toMatchObject({
    v: 1,
    device: deviceId,
    diagnostics: {
      boot: 1,
      clock: { quality: "none", time: null },
      failures: { "wrong-password": 1 },
      recentFailures: [{ reason: "wrong-password", detail: "15 4WAY_HANDSHAKE_TIMEOUT" }],
    },
  });
  expect(page).toContain("The password is not right.");
  expect(page).toContain("not known yet");
  expect(request(virtual, "HEAD", "/support.json")?.body).toBe("");
});

test("A device without an identity tells that, too", () => {
  const { file, page, report } = reportOf(portal({ identity: undefined }));
  expect(file.head).toContain('filename="Aerolink-102030.json"\r\n');
  expect(report).toMatchObject({
    device: "",
    diagnostics: {
      recentFailures: [],
      certificate: { expires: null, daysLeft: null },
      commands: null,
      connects: 0,
    },
  });
  expect(page).toContain("None since the start.");
});

test("A device whose cloud has an authority that it does not know tells that, in words and with its certificate's days", () => {
  const networks = [{ ssid: "Home", password: "correct horse" }];
  const { page, report } = reportOf(portal({ networks }, { brokerTls: "unknown-ca" }));
  expect(report.diagnostics.recentFailures.at(-1)).toEqual({
    reason: "cloud-tls",
    detail: "unknown-ca",
    atMs: expect.any(Number),
  });
  expect(report.diagnostics.recentFailures.length).toBeLessThanOrEqual(6);
  expect(report.diagnostics).toMatchObject({
    connects: 0,
    clock: { quality: "synced" },
    certificate: { daysLeft: expect.any(Number) },
  });
  expect(page).toContain("is not from our certificate authority");
  expect(page).toContain(`${report.diagnostics.certificate.daysLeft} days left`);
});

test("A search for a network that is not there is one failure of it, however often it is looked for", () => {
  const virtual = portal({ routers: [] });
  join(virtual, "Home", "correct horse");
  virtual.run(MINUTE_MS);
  const { report } = reportOf(virtual);
  expect(report.diagnostics.failures).toEqual({ "not-found": 1 });
  expect(report.diagnostics.recentFailures).toMatchObject([{ reason: "not-found" }]);
});

test("No secret of the settings or the identity is in it, whatever they are", () => {
  const printable = (min: number, max: number) =>
    fc
      .array(fc.integer({ min: 0x21, max: 0x7e }), { minLength: min, maxLength: max })
      .map((codes) => String.fromCharCode(...codes));
  const { setupPassword } = parseIdentity(built.identity) as Identity;
  fc.assert(
    fc.property(printable(8, 63), printable(8, 63), printable(12, 32), (password, brokerPassword, ssid) => {
      const networks = [{ ssid, password }];
      const virtual = portal({
        networks,
        routers: [homeRouter({ ssid, password: `${password}x`.slice(-63) })],
        settings: { brokerPassword },
      });
      const { file, page } = reportOf(virtual);
      for (const secret of [password, brokerPassword, ssid, setupPassword]) {
        expect(file.body + file.head).not.toContain(secret);
        // What goes into the page is escaped.
        expect(page.replaceAll("&lt;", "<").replaceAll("&amp;", "&")).not.toContain(secret);
      }
    }),
    fuzz(LONG ? 50 : 4),
  );
});
