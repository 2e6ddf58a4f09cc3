import fc from "fast-check";
import { expect, test } from "vitest";
import { silentLogger } from "../../../modules/base/logger";
import { Monitor } from "../../../modules/device/monitor";
import type { Status } from "../../../modules/device/status";
import { fuzz } from "../../support/volume";

function build(options: { networks?: boolean } = {}) {
  const calls: string[] = [];
  const statuses: Status[] = [];
  const part = (name: string) => ({
    start: () => calls.push(`${name} starts`),
    stop: () => calls.push(`${name} stops`),
  });
  const has = { networks: options.networks ?? true, reached: "nothing" as "nothing" | "address" | "cloud" };
  const monitor = new Monitor({
    log: silentLogger,
    station: { ...part("station"), reject: (reason) => calls.push(`station rejects: ${reason}`) },
    link: part("link"),
    setup: {
      ...part("setup"),
      start: (over) => calls.push(over === undefined ? "setup starts" : `setup starts over ${over}`),
    },
    hasNetworks: () => has.networks,
    reached: () => has.reached,
    onStatus: (status) => statuses.push(status),
  });
  const told = (): string[] => calls.splice(0);
  return { monitor, calls, statuses, has, told };
}

test("With a saved network the device starts by joining it", () => {
  const { monitor, told } = build();
  monitor.start();
  expect(monitor.status).toBe("joining");
  expect(told()).toEqual(["station starts"]);
});

test("Without a saved network it starts in setup mode", () => {
  const { monitor, told } = build({ networks: false });
  monitor.start();
  expect(monitor.status).toBe("setup");
  expect(told()).toEqual(["setup starts"]);
});

test("It starts once: a second start begins nothing anew", () => {
  const { monitor, told, statuses } = build();
  monitor.start();
  monitor.start();
  expect(told()).toEqual(["station starts"]);
  expect(statuses).toEqual(["joining"]);
});

test("Before it is started nothing that it is told begins anything", () => {
  const { monitor, told, statuses } = build();
  monitor.addressGot();
  monitor.setupRequested();
  expect(monitor.status).toBeUndefined();
  expect([told(), statuses]).toEqual([[], []]);
});

test("A round that found no network to join is told, and the station goes on looking", () => {
  const { monitor, told } = build();
  monitor.start();
  told();
  monitor.roundFailed();
  expect(monitor.status).toBe("offline");
  expect(told()).toEqual([]);
});

test("An address starts the cloud link, and its loss stops it", () => {
  const { monitor, told } = build();
  monitor.start();
  told();
  monitor.addressGot();
  expect(told()).toEqual(["link starts"]);
  monitor.cloudUp();
  expect(monitor.status).toBe("online");
  expect(told()).toEqual([]);
  monitor.networkLost();
  expect(monitor.status).toBe("joining");
  expect(told()).toEqual(["link stops"]);
});

test("A lost cloud is pulse blue again, and the link goes on by itself", () => {
  const { monitor, told, statuses } = build();
  monitor.start();
  monitor.addressGot();
  monitor.cloudUp();
  told();
  monitor.cloudDown();
  expect(statuses).toEqual(["joining", "connecting", "online", "connecting"]);
  expect(told()).toEqual([]);
});

test("A sign-in page counts as a failed join: the station is told to go on", () => {
  const { monitor, told } = build();
  monitor.start();
  monitor.addressGot();
  told();
  monitor.captivePortal();
  expect(monitor.status).toBe("joining");
  expect(told()).toEqual(["link stops", "station rejects: captive-portal"]);
});

test("A sign-in page told after the network was lost changes nothing", () => {
  const { monitor, told } = build();
  monitor.start();
  told();
  monitor.captivePortal();
  expect(monitor.status).toBe("joining");
  expect(told()).toEqual([]);
});

test("Setup mode is entered from every status, stops what was running, and is told over what it comes", () => {
  for (const steps of [[], ["addressGot"], ["addressGot", "cloudUp"], ["roundFailed"]] as const) {
    const { monitor, told, statuses } = build();
    monitor.start();
    for (const step of steps) monitor[step]();
    told();
    monitor.setupRequested();
    expect(monitor.status).toBe("setup");
    const linked = (steps as readonly string[]).includes("addressGot");
    const [over] = statuses.slice(-2);
    expect(told()).toEqual([...(linked ? ["link stops"] : []), "station stops", `setup starts over ${over}`]);
  }
});

test("What an attempt in setup mode reached counts as soon as it ends, and nothing is started twice", () => {
  for (const [reached, status] of [
    ["nothing", "joining"],
    ["address", "connecting"],
    ["cloud", "online"],
  ] as const) {
    const { monitor, has, told } = build({ networks: false });
    monitor.start();
    monitor.addressGot();
    monitor.cloudUp();
    expect(monitor.status).toBe("setup");
    Object.assign(has, { networks: true, reached });
    told();
    monitor.setupEnded();
    expect(monitor.status).toBe(status);
    const link = reached === "nothing" ? [] : ["link starts"];
    expect(told()).toEqual(["setup stops", "station starts", ...link]);
    monitor.setupEnded();
    expect(monitor.status).toBe(status);
  }
});

test("Setup mode stays when there is still nowhere to go", () => {
  const { monitor, has } = build({ networks: false });
  monitor.start();
  monitor.setupEnded();
  expect(monitor.status).toBe("setup");
  has.networks = true;
  monitor.setupEnded();
  expect(monitor.status).toBe("joining");
});

test("Whatever the rooms tell, in whatever order, what runs fits the status", () => {
  const steps = [
    "setupRequested",
    "setupEnded",
    "addressGot",
    "networkLost",
    "roundFailed",
    "cloudUp",
    "cloudDown",
    "captivePortal",
  ] as const;
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...steps)), (sequence) => {
      const running = { station: 0, link: 0, setup: 0 };
      const part = (name: keyof typeof running) => ({
        start: () => running[name]++,
        stop: () => running[name]--,
      });
      const monitor = new Monitor({
        log: silentLogger,
        station: { ...part("station"), reject() {} },
        link: part("link"),
        setup: part("setup"),
        hasNetworks: () => true,
        reached: () => "nothing",
        onStatus() {},
      });
      monitor.start();
      for (const step of sequence) {
        monitor[step]();
        const { status } = monitor;
        expect(running.setup).toBe(status === "setup" ? 1 : 0);
        expect(running.station).toBe(status === "setup" ? 0 : 1);
        expect(running.link).toBe(status === "connecting" || status === "online" ? 1 : 0);
      }
    }),
    fuzz(500),
  );
});
