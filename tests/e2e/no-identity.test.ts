// The unchanged firmware on a board that the factory has not finished, or whose identity was damaged.
import { beforeAll, describe, expect, test } from "vitest";
import { type Identity, parseIdentity } from "../../modules/identity/identity";
import { canUse } from "../../sim/tls/tls-socket";
import { VirtualWorld, type VirtualWorldOptions } from "../../sim/virtual/virtual-world";
import { formatIdentity } from "../../tools/identity/format";
import { parseNetworks } from "../../wifi/saved-networks";
import { buildFirmware } from "../support/firmware";
import { get, join } from "../support/phone-client";
import { issue } from "../support/test-pki";

const MINUTE_MS = 60_000;

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

const damaged = (): Uint8Array => {
  const image = built.identity.slice();
  image[100]! ^= 1;
  return image;
};
const erased = (): Uint8Array => new Uint8Array(8192).fill(0xff);

describe.each<[fault: string, identity: () => Uint8Array | undefined]>([
  ["missing", () => undefined],
  ["missing", erased],
  ["corrupt", damaged],
])("a device whose identity is %s", (fault, identity) => {
  function device(options: Partial<VirtualWorldOptions> = {}): VirtualWorld {
    const virtual = new VirtualWorld({ ...built, seed: 1, ...options, identity: identity() });
    virtual.world.powerOn();
    return virtual;
  }
  const logOf = (virtual: VirtualWorld): string => virtual.trace.join("\n");

  test("can be set up over an open network, says so there, and pulses blue", () => {
    const virtual = device({ networks: [] });
    expect(virtual.runUntilSight("pulse yellow", 10_000)).toBeDefined();
    expect(virtual.time.runUntil(() => virtual.world.phone.accessPoint !== undefined, MINUTE_MS)).toBe(true);
    virtual.run(50);
    expect(virtual.world.phone.accessPoint).toMatchObject({ ssid: "Aerolink-102030" });
    expect(virtual.world.phone.accessPoint).not.toHaveProperty("password");
    expect(get(virtual, "/")?.body).toContain("This device has no identity");
    const id = join(virtual, "Home", "correct horse");
    const connected = () => get(virtual, `/status?attempt=${id}`)?.body.includes("Wi-Fi: connected") ?? false;
    expect(virtual.time.runUntil(connected, MINUTE_MS), logOf(virtual)).toBe(true);
    const stored = virtual.storage.keyValue("aerolink").get("networks") as string;
    expect(parseNetworks(stored)).toEqual([{ ssid: "Home", password: "correct horse" }]);
    expect(virtual.runUntilSight("pulse blue", 15 * MINUTE_MS), logOf(virtual)).toBeDefined();
    expect(logOf(virtual)).toContain(`no identity (${fault})`);
  });

  test("never opens a connection to the cloud, and measures all the same", () => {
    const virtual = device();
    virtual.run(30 * MINUTE_MS);
    expect(virtual.sight).toBe("pulse blue");
    expect(logOf(virtual)).not.toContain("connecting to");
    expect(virtual.truth.absent(Number.POSITIVE_INFINITY).length).toBeGreaterThan(20);
  });
});

test("an identity that was made for another board is used, with a warning", async () => {
  const other = parseIdentity(built.identity);
  if (typeof other === "string") throw new Error(other);
  const identity = formatIdentity({ ...other, mac: "a4:cf:12:00:00:01" });
  const logs = [built.identity, identity].map((image) => {
    const virtual = new VirtualWorld({ ...built, seed: 1, identity: image });
    virtual.world.powerOn();
    expect(virtual.runUntilSight("solid blue", MINUTE_MS)).toBeDefined();
    return virtual.trace.join("\n");
  });
  expect(logs[0]).not.toContain("its label is another's");
  expect(logs[1]).toContain("the identity is that of a4:cf:12:00:00:01, and this board is 02:00:5e:10:20:30");
});

test("a device whose key is not its certificate's says so at its start, and not out of a callback later", async () => {
  const mine = parseIdentity(built.identity) as Identity;
  const other = await issue({ commonName: "another device" });
  const image = formatIdentity({ ...mine, privateKey: other.key });
  expect(canUse(mine)).toBe(true);
  const virtual = new VirtualWorld({ ...built, seed: 1, identity: image, canUse });
  virtual.world.powerOn();
  virtual.run(5 * MINUTE_MS);
  expect(virtual.trace.join("\n")).toContain("no identity (unusable)");
  expect(virtual.sight).toBe("pulse blue");
});
