// The button of the unchanged firmware, from every state of the application note's table, in virtual time.
import { beforeAll, describe, expect, test } from "vitest";
import type { Status } from "../../modules/device/status";
import { VirtualWorld, type VirtualWorldOptions } from "../../sim/virtual/virtual-world";
import { SIGHT_OF_STATUS } from "../../sim/world/led-observer";
import { homeRouter } from "../../sim/world/router";
import { parseNetworks } from "../../wifi/saved-networks";
import { buildFirmware } from "../support/firmware";

const MINUTE_MS = 60_000;

/** What brings a device into each state, and keeps it there for long enough. */
const WORLDS: Record<Status, Partial<VirtualWorldOptions>> = {
  setup: { networks: [] },
  // It waits for an address.
  joining: { routers: [homeRouter({ dhcp: false })] },
  connecting: { routers: [homeRouter({ internet: false })] },
  online: {},
  offline: { routers: [homeRouter({ on: false })] },
};

type Light = "dark" | "yellow" | "red" | "other";

const lightOf = ({ r, g, b }: { r: number; g: number; b: number }): Light => {
  if (r + g + b === 0) return "dark";
  if (r > 0 && b === 0) return g > 0 ? "yellow" : "red";
  return "other";
};

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

describe.each(Object.keys(WORLDS) as Status[])("a device that is %s", (status) => {
  function device(): { virtual: VirtualWorld; lights: Light[] } {
    const lights: Light[] = [];
    const virtual = new VirtualWorld({
      ...built,
      seed: 1,
      button: true,
      onLed: (colour) => lights.push(lightOf(colour)),
      ...WORLDS[status],
    });
    virtual.world.powerOn();
    expect(virtual.runUntilSight(SIGHT_OF_STATUS[status], MINUTE_MS), virtual.trace.join("\n")).toBeDefined();
    return { virtual, lights };
  }
  const isOpen = (virtual: VirtualWorld): boolean => virtual.world.phone.accessPoint !== undefined;
  const saved = (virtual: VirtualWorld): number =>
    parseNetworks((virtual.storage.keyValue("aerolink").get("networks") as string | undefined) ?? "")!.length;

  test("does nothing when the button is pressed for less than three seconds", () => {
    const { virtual } = device();
    virtual.world.pressButton(true);
    virtual.run(2_900);
    virtual.world.pressButton(false);
    virtual.run(10_000);
    expect(isOpen(virtual)).toBe(status === "setup");
    expect(saved(virtual)).toBe(status === "setup" ? 0 : 1);
  });

  test("blinks yellow after three seconds, and is in setup mode when the button is let go, its networks kept", () => {
    const { virtual, lights } = device();
    virtual.world.pressButton(true);
    virtual.run(3_100);
    lights.length = 0;
    virtual.run(3_000);
    expect(lights.filter((light, i) => light !== lights[i - 1]).length).toBeGreaterThanOrEqual(10);
    expect(new Set(lights)).toEqual(new Set(["yellow", "dark"]));
    virtual.world.pressButton(false);
    expect(virtual.runUntilSight("pulse yellow", 10_000)).toBeDefined();
    expect(virtual.time.runUntil(() => isOpen(virtual), MINUTE_MS)).toBe(true);
    expect(saved(virtual)).toBe(status === "setup" ? 0 : 1);
  });

  test("is solid red after ten seconds, and has forgotten everything when the button is let go", () => {
    const { virtual, lights } = device();
    virtual.world.pressButton(true);
    virtual.run(9_800);
    expect(lights).not.toContain("red");
    virtual.run(400);
    expect(lights.at(-1)).toBe("red");
    lights.length = 0;
    virtual.run(3_000);
    expect(lights.filter((light) => light !== "red")).toEqual([]);
    virtual.world.pressButton(false);
    virtual.run(1_000);
    expect(saved(virtual)).toBe(0);
    expect(virtual.runUntilSight("pulse yellow", MINUTE_MS)).toBeDefined();
    expect(virtual.time.runUntil(() => isOpen(virtual), MINUTE_MS)).toBe(true);
  });
});
