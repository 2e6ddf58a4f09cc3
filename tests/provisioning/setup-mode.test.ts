import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { silentLogger } from "../../modules/base/logger";
import {
  AGAIN_MS,
  IDLE_MS,
  JOIN_DELAY_MS,
  LINGER_MS,
  OPEN,
  PATIENCE_MS,
  QUIET_MS,
  SetupMode,
} from "../../provisioning/setup-mode";
import type { SetupModeOptions } from "../../provisioning/setup-options";
import {
  type AccessPoint,
  type AccessPointOptions,
  accessPointAddress,
  accessPointName,
  sameSubnet,
} from "../../wifi/access-point";
import type { JoinFailureReason } from "../../wifi/join-failure";
import type { Network } from "../../wifi/network";
import type { AccessPointInfo } from "../../wifi/radio";
import type { JoinOnceResult } from "../../wifi/station-options";
import { accessPoint as found } from "../support/fake-radio";
import { savedNetworks } from "../support/saved-networks";

const MAC = "02:00:5e:10:20:30";
const HOME: Network = { ssid: "Home", password: "correct horse" };
const AT = {
  ssid: "Home",
  bssid: "",
  channel: 1,
  address: "192.168.50.23",
  gateway: "192.168.50.1",
  dns: [],
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => vi.useRealTimers());

function build(changes: Partial<SetupModeOptions> = {}, networks: Network[] = []) {
  const calls: string[] = [];
  const saved = savedNetworks(networks);
  const opened: AccessPointOptions[] = [];
  /** As whoever counts failures hears of them. */
  const failed: string[] = [];
  const accessPoint = {
    address: "0.0.0.0",
    ports: { dns: 53, http: 80 },
    interface: "ap",
    clients: 0,
    onClients: () => {},
    start(options: AccessPointOptions) {
      this.address = options.address;
      opened.push(options);
    },
    stop: () => calls.push("access point stops"),
  };
  let onFound: ((found: readonly AccessPointInfo[]) => void) | undefined;
  let onResult: ((result: JoinOnceResult) => void) | undefined;
  const station = {
    failures: [],
    start: () => calls.push("station starts"),
    stop: () => calls.push("station stops"),
    survey: (each: typeof onFound) => {
      onFound = each;
      return true;
    },
    joinOnce: (network: Network, each: typeof onResult) => {
      calls.push(`joins ${network.ssid}`);
      onResult = each;
    },
  };
  const setup = new SetupMode({
    log: silentLogger,
    accessPoint: accessPoint as AccessPoint,
    station: station as never,
    link: { start: () => calls.push("link starts"), stop: () => calls.push("link stops") },
    openServers: (_portal, address) => {
      calls.push(`servers at ${address}`);
      return { close: () => calls.push("servers close") };
    },
    mac: MAC,
    deviceId: "aerolink-1",
    firmware: "1",
    password: () => "label-password",
    networks: saved,
    firstAttempt: 7,
    forgetTime: () => calls.push("forgets the time"),
    onJoinFailed: ({ reason }) => failed.push(reason),
    onEnded: () => calls.push("ends"),
    ...changes,
  });
  const wait = (ms: number): void => void vi.advanceTimersByTime(ms);
  const told = (): string[] => calls.splice(0);
  const survey = (...each: AccessPointInfo[]): void => onFound?.(each);
  const phone = (here: boolean): void => {
    accessPoint.clients = here ? 1 : 0;
    accessPoint.onClients();
  };
  const open = (wasConnected = false): void => {
    setup.start(wasConnected);
    survey(found("Home", { rssi: -40, channel: 11 }), found("Far", { rssi: -80, channel: 1 }));
    told();
  };
  const result = (each: JoinOnceResult): void => onResult?.(each);
  return { setup, saved, failed, opened, told, wait, survey, phone, open, result };
}

test("Name and address come from the MAC, in a range that is nobody's and no private one", () => {
  expect(accessPointName(MAC)).toBe("Aerolink-102030");
  expect(accessPointAddress(MAC)).toBe("198.19.80.1");
  // Modules of one reel, four addresses each: no two side by side share a subnet.
  const reel = Array.from({ length: 64 }, (_, i) => (i * 4 + 0x2030).toString(16).match(/../g)!.join(":"));
  expect(new Set(reel.map((end) => accessPointAddress(`02:00:5e:10:${end}`))).size).toBe(64);
});

test("The address stays away from the station's network, and is never its router's", () => {
  expect(accessPointAddress(MAC, ["192.168.50.23", "192.168.50.1"])).toBe("198.19.80.1");
  expect(accessPointAddress(MAC, ["198.19.3.77", "198.19.0.1"])).toBe("198.18.80.1");
  // A network over the whole range: at least out of the way of all that the device has to reach.
  expect(accessPointAddress(MAC, ["198.19.3.77", "198.18.80.1", "198.18.81.9"])).toBe("198.18.82.1");
});

test("Whether two addresses lie in one subnet", () => {
  expect(sameSubnet("10.1.2.3", "10.1.2.200")).toBe(true);
  for (const other of ["10.1.21.3", "10.1.3.3", "", "10.1.2", "10.1.2.3.4"])
    expect(sameSubnet("10.1.2.3", other)).toBe(false);
});

test("It opens on the strongest network's channel with the label's password", () => {
  const { setup, opened, survey, told } = build();
  setup.start();
  expect(opened).toEqual([]);
  survey(found("Far", { rssi: -80, channel: 1 }), found("Home", { rssi: -40, channel: 11 }));
  expect(opened).toEqual([
    { ssid: "Aerolink-102030", password: "label-password", channel: 11, address: "198.19.80.1" },
  ]);
  expect(told()).toEqual(["servers at 198.19.80.1"]);
  expect(setup.view().networks.map(({ ssid }) => ssid)).toEqual(["Home", "Far"]);
});

test("Open where there is no password", () => {
  const { open, opened } = build({ password: () => OPEN });
  open();
  expect(opened[0]).not.toHaveProperty("password");
});

test("Nothing in reach: it opens all the same", () => {
  const { setup, opened, survey } = build();
  setup.start();
  survey();
  expect(opened[0]).toMatchObject({ channel: 6 });
});

test("A portal that could not open is opened as soon as there is a socket", () => {
  let fails = true;
  const { open, wait, setup } = build({
    openServers: () => {
      if (fails) throw new Error("no socket");
      return { close() {} };
    },
  });
  open();
  wait(3_000);
  fails = false;
  wait(1_000);
  expect(setup.state).toBe("open");
});

test("An attempt begins when its page had time to leave, and its failure saves nothing", () => {
  const { setup, saved, open, wait, told, result } = build();
  open();
  expect(setup.join(HOME)).toBe(7);
  expect(told()).toEqual(["link stops", "station stops"]);
  wait(JOIN_DELAY_MS);
  expect(told()).toEqual(["joins Home"]);
  result({ joined: false, failure: { ssid: "Home", reason: "wrong-password", uptimeMs: 0 } });
  expect(setup.view().attempt).toMatchObject({ id: 7, stage: "join-failed" });
  expect(saved.list).toEqual([]);
  expect(setup.join(HOME)).toBe(8);
});

describe("A network that is not there yet", () => {
  const failed = (reason: JoinFailureReason): JoinOnceResult => ({
    joined: false,
    failure: { ssid: "Home", reason, uptimeMs: 0 },
  });

  test("is tried again for five minutes, nobody in the page or not, and then it is over", () => {
    const rig = build({}, [{ ssid: "Old" }]);
    const { setup, saved, open, wait, told, result, phone } = rig;
    open();
    phone(true);
    setup.join(HOME);
    wait(JOIN_DELAY_MS);
    phone(false);
    told();
    let tries = 0;
    while (setup.view().attempt?.stage !== "join-failed" && tries < 100) {
      result(failed(tries % 2 ? "timeout" : "not-found"));
      if (setup.view().attempt?.stage === "join-failed") break;
      expect(setup.view().attempt?.stage).toBe("looking");
      wait(AGAIN_MS);
      expect(told()).toEqual(["joins Home"]);
      tries++;
    }
    expect(tries).toBe(PATIENCE_MS / AGAIN_MS);
    // Another reason is another failure; the same one again is not.
    expect(rig.failed.slice(0, 3)).toEqual(["not-found", "timeout", "not-found"]);
    expect(saved.list).toEqual([{ ssid: "Old" }]);
    // Now what is saved has its turn again.
    wait(2_000);
    expect(told()).toEqual(["station starts"]);
  });

  test("is saved and followed to the cloud as soon as it is there, by the id that the page knows", () => {
    const { setup, saved, open, wait, result, told } = build();
    open();
    setup.join(HOME);
    wait(JOIN_DELAY_MS);
    result(failed("not-found"));
    wait(AGAIN_MS);
    result({ joined: true, at: AT });
    expect(saved.list).toEqual([HOME]);
    setup.addressGot(AT);
    expect(setup.view().attempt).toEqual({ id: 7, ssid: "Home", stage: "connected" });
    setup.cloudUp();
    expect(setup.view().attempt?.stage).toBe("online");
    wait(LINGER_MS);
    expect(told()).toContain("ends");
  });

  test("gives way to another attempt, and ends with setup", () => {
    const { setup, open, wait, result, told } = build();
    open();
    setup.join(HOME);
    wait(JOIN_DELAY_MS);
    result(failed("no-address"));
    setup.join({ ssid: "Other" });
    wait(AGAIN_MS + JOIN_DELAY_MS);
    expect(told().filter((call) => call.startsWith("joins"))).toEqual(["joins Home", "joins Other"]);
    result(failed("unknown"));
    setup.stop();
    told();
    wait(PATIENCE_MS);
    expect(told()).toEqual([]);
    expect(setup.joinMeant()).toBeUndefined();
  });

  test.each([
    ["wrong-password", "battery staple ", true],
    ["wrong-password", " battery staple", true],
    ["wrong-password", "battery staple", false],
    ["rejected", "battery staple ", false],
    ["unsupported-security", "battery staple", false],
    ["captive-portal", "battery staple", false],
  ] as const)("%s is no such case: it is over at once (%j)", (reason, password, spaces) => {
    const { setup, open, wait, result } = build();
    open();
    setup.join({ ssid: "Home", password });
    wait(JOIN_DELAY_MS);
    result(failed(reason));
    expect(setup.view().attempt).toMatchObject({
      id: 7,
      stage: "join-failed",
      joinFailure: { reason },
      spaces,
    });
    expect(setup.joinMeant()).toBeUndefined();
  });

  test("is joined by the name that was meant, with what was typed otherwise", () => {
    const { setup, saved, open, wait, result, told } = build();
    open();
    setup.join({ ssid: "far", password: "correct horse", hidden: true });
    wait(JOIN_DELAY_MS);
    result(failed("not-found"));
    expect(setup.view().attempt).toMatchObject({ stage: "looking", meant: "Far" });
    told();
    expect(setup.joinMeant()).toBe(8);
    wait(JOIN_DELAY_MS);
    expect(told()).toContain("joins Far");
    result({ joined: true, at: AT });
    expect(saved.list).toEqual([{ ssid: "Far", password: "correct horse", hidden: false }]);
  });
});

test("Two attempts in a row: only the last one joins, and the first one's result counts no more", () => {
  const { setup, open, wait, told, result } = build();
  open();
  setup.join({ ssid: "First" });
  wait(JOIN_DELAY_MS - 1);
  setup.join(HOME);
  wait(JOIN_DELAY_MS);
  expect(told().filter((call) => call.startsWith("joins"))).toEqual(["joins Home"]);
  const late = result;
  setup.join({ ssid: "Third" });
  late({ joined: true, at: AT });
  expect(setup.view().attempt).toMatchObject({ ssid: "Third", stage: "joining" });
});

test("A storage that refuses is told, and the portal stays for another try", () => {
  const { setup, open, wait, result, told } = build({
    networks: savedNetworks([], undefined, { text: "", refuses: true }),
  });
  open();
  setup.join(HOME);
  wait(JOIN_DELAY_MS);
  result({ joined: true, at: AT });
  setup.addressGot(AT);
  setup.cloudUp();
  expect(setup.view().attempt).toMatchObject({ stage: "online", unsaved: true });
  wait(60_000);
  expect(told()).not.toContain("ends");
  expect(setup.state).toBe("open");
});

test.each([
  ["its own address", { address: "198.19.7.9" }, "198.18.80.1"],
  // The network's mask is not known: a router far from the device in a wide one.
  ["its router", { gateway: "198.19.80.1" }, "198.18.80.1"],
  ["a name server", { dns: ["192.168.50.1", "198.19.0.2"] }, "198.18.80.1"],
  ["no part", {}, undefined],
])("A network that has %s in the access point's range makes it move out of the way", (_, changes, moved) => {
  const { setup, open, opened, wait, result, told } = build();
  open();
  setup.join(HOME);
  wait(JOIN_DELAY_MS);
  const at = { ...AT, ...changes };
  result({ joined: true, at });
  told();
  setup.addressGot(at);
  expect(opened.at(-1)?.address).toBe(moved ?? "198.19.80.1");
  expect(told()).toEqual(moved ? ["servers close", `servers at ${moved}`, "link starts"] : ["link starts"]);
  // Renewed: it stays where it is.
  setup.addressGot(at);
  expect(opened.at(-1)?.address).toBe(moved ?? "198.19.80.1");
});

test("A connection that is lost during the linger is told, and setup stays", () => {
  const { setup, open, wait, result, told } = build();
  open();
  setup.join(HOME);
  wait(JOIN_DELAY_MS);
  result({ joined: true, at: AT });
  setup.addressGot(AT);
  setup.cloudUp();
  wait(5_000);
  setup.networkLost();
  expect(setup.view().attempt?.stage).toBe("joining");
  told();
  wait(20_000);
  expect(told()).not.toContain("ends");
  setup.addressGot(AT);
  setup.cloudUp();
  wait(10_000);
  expect(told()).toContain("ends");
});

test("Saved networks are tried while no phone is there, and not while one is", () => {
  const { open, wait, told, phone, setup } = build({}, [HOME]);
  open();
  phone(true);
  wait(5 * QUIET_MS);
  expect(told()).toEqual([]);
  phone(false);
  wait(QUIET_MS + 1_000);
  expect(told()).toEqual(["station starts"]);
  phone(true);
  expect(told()).toEqual(["station stops"]);
  phone(false);
  wait(QUIET_MS + 1_000);
  told();
  setup.addressGot(AT);
  expect(told()).toEqual(["ends"]);
});

test("Over a network that works, it waits for a person, and ends when none comes", () => {
  const { open, wait, told } = build({}, [HOME]);
  open(true);
  wait(IDLE_MS - 1_000);
  expect(told()).toEqual([]);
  wait(2_000);
  expect(told()).toContain("ends");
});

test("Without a saved network it never ends by itself", () => {
  const { open, wait, told, setup } = build();
  open();
  wait(10 * IDLE_MS);
  setup.finish();
  wait(10_000);
  expect(told()).toEqual([]);
});

test("A person can have the time forgotten, and nothing else follows from that", () => {
  const { open, told, setup, wait } = build();
  open();
  setup.forgetTime();
  wait(10_000);
  expect(told()).toEqual(["forgets the time"]);
});

test("After stop everything is closed, and what comes late changes nothing", () => {
  const { setup, open, wait, told, result, survey } = build();
  open();
  setup.join(HOME);
  wait(JOIN_DELAY_MS);
  setup.search();
  told();
  setup.stop();
  setup.stop();
  expect(told()).toEqual(["station stops", "servers close", "access point stops"]);
  result({ joined: true, at: AT });
  survey(found("Late"));
  setup.addressGot(AT);
  setup.networkLost();
  setup.cloudUp();
  setup.cloudFailed("no-internet");
  wait(IDLE_MS);
  expect(told()).toEqual([]);
  expect(setup.state).toBe("closed");
});
