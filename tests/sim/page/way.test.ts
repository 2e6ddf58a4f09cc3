import { expect, test } from "vitest";
import { NO_HOPS } from "../../../sim/live/no-hops";
import { HOPS, type Hops, type State } from "../../../sim/live/protocol";
import { gone } from "../../../sim/page/gone";
import { PLACE_OF_HOP } from "../../../sim/page/hop-words";
import { LAYOUTS } from "../../../sim/page/picture/layout";
import { faultsOn, saysOf } from "../../../sim/page/picture/way";

const GOOD: Hops = Object.fromEntries(HOPS.map((name) => [name, { state: "good" }])) as unknown as Hops;
const state = (hops: Hops, changes: object = {}): State =>
  ({ hops, device: { on: true, status: "online" }, phone: {}, ...changes }) as unknown as State;

test("What fails is named before what only misses something, each in its order on the way", () => {
  const hops: Hops = {
    ...GOOD,
    sntp: { state: "warning", reason: "sntp-blocked", says: "No time server answers." },
    broker: { state: "failed", reason: "cloud-tls", says: "The certificate is not valid." },
  };
  expect(faultsOn(hops)).toEqual(["broker", "sntp"]);
  expect(saysOf(state(hops), true)).toEqual([
    { reason: "cloud-tls", says: "The certificate is not valid." },
    { reason: "sntp-blocked", says: "No time server answers." },
  ]);
});

test("Only where every hop is good it says so", () => {
  expect(saysOf(state(GOOD), true)[0]!.says).toBe("Every hop is good: readings flow.");
  const hops: Hops = { ...GOOD, sntp: { state: "trying" } };
  expect(saysOf(state(hops), true)[0]!.says).toBe("Readings flow.");
  expect(saysOf(state(NO_HOPS, { device: { on: false } }), true)[0]!.says).toContain("No power");
});

test("When the simulator is gone nothing is known of the device, and no fault is left over", () => {
  const hops: Hops = { ...GOOD, router: { state: "failed", reason: "rejected" } };
  const left = gone(state(hops, { joined: 0, tls: {}, phone: { sees: "A", url: "http://127.0.0.1:1/" } }));
  expect(left.device).toMatchObject({ on: false, status: undefined, sight: undefined });
  expect(left.phone.url).toBeUndefined();
  expect(faultsOn(left.hops)).toEqual([]);
  expect(saysOf(left, false)[0]!.says).toContain("gone");
});

test("In either picture everything lies within it, and every stretch can break", () => {
  for (const { width, height, things, plates, areas, way } of Object.values(LAYOUTS)) {
    for (const { x, y } of [...Object.values(things), ...Object.values(plates)]) {
      expect(x).toBeGreaterThan(0);
      expect(x).toBeLessThan(width);
      expect(y).toBeGreaterThan(0);
      expect(y).toBeLessThan(height);
    }
    for (const each of Object.values(areas)) {
      expect(each.x + each.width).toBeLessThanOrEqual(width);
      expect(each.y + each.height).toBeLessThanOrEqual(height);
      // A finger finds it (WCAG 2.5.8).
      expect(Math.min(each.width, each.height)).toBeGreaterThanOrEqual(24);
    }
    for (const { breaks } of Object.values(way)) {
      expect(breaks.x).toBeLessThan(width);
      expect(breaks.y).toBeLessThan(height);
    }
  }
  expect(Object.keys(PLACE_OF_HOP)).toEqual([...HOPS]);
});
