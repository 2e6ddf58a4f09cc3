// The unchanged firmware on virtual time: brokers with several addresses, and what it says of those that are not reached.
import { beforeAll, describe, expect, test } from "vitest";
import { standInServer } from "../../sim/virtual/tls-stand-in";
import { VirtualWorld, type VirtualWorldOptions } from "../../sim/virtual/virtual-world";
import type { TcpService } from "../../sim/world/gateway";
import { CLOUD_ADDRESS, CLOUD_HOST } from "../../sim/world/names";
import { buildFirmware } from "../support/firmware";

const MINUTE_MS = 60_000;
const OTHER = "198.51.100.20";

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

/** Answers no TCP opening. */
const SILENT: TcpService = { connect: () => ({ remoteAddress: "", remotePort: 0, send() {}, close() {} }) };

function open(options: Partial<VirtualWorldOptions> = {}): VirtualWorld {
  return new VirtualWorld({ ...built, seed: 1, ...options });
}

function online(world: VirtualWorld, limitMs = 12 * MINUTE_MS): void {
  expect(world.runUntilSight("solid blue", limitMs), world.trace.slice(-60).join("\n")).toBeDefined();
}

/** Verdicts of the link, each once, in order. */
function verdicts(world: VirtualWorld): string[] {
  const found = world.trace.flatMap((line) => /cloud: ([a-z0-9-]+) \(.*next attempt/.exec(line)?.[1] ?? []);
  return [...new Set(found)];
}

describe("A broker with several addresses", () => {
  const kinds = ["silent", "refusing"] as const;
  test.each(kinds.flatMap((kind) => [[kind, 0] as const, [kind, 1] as const]))(
    "is reached though one is %s (at place %i)",
    (kind, place) => {
      const world = open();
      const dead = "198.51.100.99";
      world.zoneExtra[CLOUD_HOST] = { a: place === 0 ? [dead, CLOUD_ADDRESS] : [CLOUD_ADDRESS, dead] };
      if (kind === "silent") world.services.tcp.set(`${dead}:8883`, SILENT);
      world.world.powerOn();
      online(world, MINUTE_MS);
    },
  );

  test.each(kinds)("is reached again when the one in use becomes %s", (kind) => {
    const world = open();
    world.zoneExtra[CLOUD_HOST] = { a: [CLOUD_ADDRESS, OTHER] };
    world.services.tcp.set(
      `${OTHER}:8883`,
      standInServer(world.broker, () => "ok"),
    );
    world.world.powerOn();
    online(world);
    for (const port of [8883, 443]) {
      world.services.tcp.delete(`${CLOUD_ADDRESS}:${port}`);
      if (kind === "silent") world.services.tcp.set(`${CLOUD_ADDRESS}:${port}`, SILENT);
    }
    world.broker.crash();
    world.run(5_000);
    online(world, MINUTE_MS);
    expect(verdicts(world)).toEqual(["closed"]);
  });

  test("has one verdict over all of them", () => {
    const world = open();
    world.zoneExtra[CLOUD_HOST] = { a: ["198.51.100.97", "198.51.100.98", "198.51.100.99"] };
    world.services.tcp.set("198.51.100.97:8883", SILENT);
    world.services.tcp.set("198.51.100.97:443", SILENT);
    const web = world.services.tcp.get(`${CLOUD_ADDRESS}:443`)!;
    world.services.tcp.set("198.51.100.99:443", web);
    world.world.powerOn();
    world.run(3 * MINUTE_MS);
    expect(verdicts(world), world.trace.slice(-40).join("\n")).toEqual(["broker-down"]);
  });
});

describe("What the device says of a broker that is not reached", () => {
  const down = (world: VirtualWorld): void => {
    world.broker.faults.down = true;
  };
  const closeWeb = (world: VirtualWorld): void => void world.services.tcp.delete(`${CLOUD_ADDRESS}:443`);
  const cases: [string, string, (world: VirtualWorld) => void][] = [
    ["that is down, on a host that answers on 443", "broker-down", down],
    [
      "that is down, on a host whose 443 is closed",
      "broker-down",
      (world) => {
        down(world);
        closeWeb(world);
      },
    ],
    [
      "whose host is switched off",
      "broker-down",
      (world) => {
        for (const port of [443, 8883]) world.services.tcp.set(`${CLOUD_ADDRESS}:${port}`, SILENT);
      },
    ],
    [
      "that finishes TLS, reads CONNECT and closes",
      "broker-down",
      (world) => {
        world.broker.faults.strike = { at: "connect", by: "reset" };
        closeWeb(world);
      },
    ],
    [
      "that takes CONNECT and says nothing",
      "broker-down",
      (world) => {
        world.broker.faults.mute = "connack";
        closeWeb(world);
      },
    ],
    [
      "whose name leads to a host that refuses",
      "broker-down",
      (world) => {
        world.zoneExtra[CLOUD_HOST] = { a: ["192.0.2.66"] };
      },
    ],
    [
      "behind a firewall that drops 8883",
      "firewall-8883",
      (world) => void world.services.tcp.set(`${CLOUD_ADDRESS}:8883`, SILENT),
    ],
    [
      "behind a line that is dead",
      "no-internet",
      (world) =>
        world.world.change(({ routers }) => {
          routers[0]!.internet = false;
        }),
    ],
  ];

  test.each(cases)("%s: %s", (_what, verdict, begin) => {
    const world = open();
    begin(world);
    world.world.powerOn();
    world.run(4 * MINUTE_MS);
    expect(verdicts(world), world.trace.slice(-40).join("\n")).toEqual([verdict]);
    expect(world.sight).toBe("pulse blue");
  });

  test("is broker-down where a time server has just answered, though names do not", () => {
    const world = open();
    world.world.powerOn();
    online(world);
    world.run(2 * MINUTE_MS);
    world.faults.dns = "silent";
    for (const port of [443, 8883]) world.services.tcp.set(`${CLOUD_ADDRESS}:${port}`, SILENT);
    world.broker.crash();
    world.run(2 * MINUTE_MS);
    const [lost, ...first] = verdicts(world);
    expect([lost, first[0]], world.trace.slice(-40).join("\n")).toEqual(["closed", "broker-down"]);
  });

  test("is not that a firewall drops 8883, after power cuts in quick succession", () => {
    const world = open();
    for (let cut = 0; cut < 25; cut++) {
      world.world.powerOn();
      world.run(2_500 + world.random.below(2_000));
      world.cutPower();
      world.run(world.random.below(300));
    }
    world.world.powerOn();
    online(world);
    expect(verdicts(world)).toEqual([]);
  });
});
