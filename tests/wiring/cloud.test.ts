import { describe, expect, it } from "vitest";
import type { Network } from "../../wifi/network";
import { NO_CLOUD, OpenCloud } from "../../wiring/cloud";
import { BrokerWires, RemoteWires } from "../../wiring/cloud-wires";
import { LinkWires } from "../../wiring/link-wires";
import { SessionWires } from "../../wiring/session-wires";
import { recordedParts, recordedSettings } from "../support/recorded-parts";
import { savedNetworks } from "../support/saved-networks";

/** A cloud whose own parts are written down too. */
function recordedCloud(own: Parameters<typeof recordedParts>[0] = {}, inside: Record<string, unknown> = {}) {
  const { parts, calls } = recordedParts({ ...own, ...inside } as never);
  const cloud = { ...inside, parts, connects: 0 } as Record<string, unknown>;
  for (const name of ["broker", "remote", "session", "publisher", "link", "backoff"])
    cloud[name] ??= (parts as unknown as Record<string, unknown>)[name];
  Object.setPrototypeOf(cloud, OpenCloud.prototype);
  return { cloud: cloud as unknown as OpenCloud, calls };
}

describe("A session that is up", () => {
  it("is told to the link first, then to the light, and readings go last", () => {
    const { cloud, calls } = recordedCloud();
    new SessionWires(cloud).onUp();
    expect(calls).toEqual([
      "link.sessionUp()",
      "timeKeeper.online()",
      "monitor.cloudUp()",
      "setup.cloudUp()",
      "updates.sessionUp()",
      "remote.online()",
      "renewal.look()",
      "publisher.online()",
    ]);
    expect(cloud.connects).toBe(1);
  });

  it("stops readings before anyone hears that it is down", () => {
    const { cloud, calls } = recordedCloud();
    new SessionWires(cloud).onDown("ping-timeout");
    expect(calls).toEqual([
      "publisher.offline()",
      "monitor.cloudDown()",
      "updates.sessionDown()",
      'credentials.failed("ping-timeout")',
      'link.sessionDown("ping-timeout")',
    ]);
  });

  it("lets readings go before messages when it takes some again", () => {
    const { cloud, calls } = recordedCloud();
    new SessionWires(cloud).onDrain();
    expect(calls).toEqual(["publisher.drain()", "remote.drain()"]);
  });

  it("tells of a message that was too large, and of no other that was dropped", () => {
    const { cloud, calls } = recordedCloud();
    new SessionWires(cloud).onDropped({ reason: "qos-2", topic: "", bytes: 9 });
    new SessionWires(cloud).onDropped({ reason: "oversized", topic: "", bytes: 9_000 });
    expect(calls).toEqual(["remote.takeOversized()"]);
  });
});

describe("An attempt that failed", () => {
  it("is counted, and told to setup mode", () => {
    const { cloud, calls } = recordedCloud();
    new LinkWires(cloud).onFailure("firewall-8883", "connect-timeout", "cloud");
    expect(calls).toEqual([
      'failures.count("firewall-8883", "connect-timeout")',
      'setup.cloudFailed("firewall-8883")',
      'broker.attemptFailed("firewall-8883")',
      'credentials.failed("firewall-8883")',
    ]);
  });

  it("tells a trial why, for TLS in TLS's own words", () => {
    const { cloud, calls } = recordedCloud();
    new LinkWires(cloud).onFailure("cloud-tls", "unknown-ca", "cloud");
    expect(calls).toContain('broker.attemptFailed("unknown-ca")');
  });

  it("for the line's sake is told to the station, which may know another network", () => {
    const { cloud, calls } = recordedCloud();
    new LinkWires(cloud).onFailure("no-internet", "no-answer", "line");
    expect(calls.at(-1)).toBe("station.noInternet()");
  });

  it("is followed by another within 8 s for the line's sake, and by backoff for all that may be the cloud's", () => {
    const { cloud, calls } = recordedCloud({
      board: { randomBytes: () => Uint8Array.of(0xff, 0xff, 0xff, 0xff) },
    });
    expect(new LinkWires(cloud).nextDelayMs("line")).toBe(7_999);
    new LinkWires(cloud).nextDelayMs("cloud");
    expect(calls).toEqual(["backoff.nextDelayMs(0.9999999997671694)"]);
  });

  it("for TLS is counted by its own reason too", () => {
    const { cloud, calls } = recordedCloud();
    new LinkWires(cloud).onFailure("cloud-tls", "expired", "cloud");
    expect(calls.slice(0, 2)).toEqual([
      'failures.count("cloud-tls", "expired")',
      'failures.countDetail("expired")',
    ]);
  });

  it.each(["expired", "not-yet-valid"] as const)("for %s throws doubt on the clock", (reason) => {
    const { cloud, calls } = recordedCloud();
    new LinkWires(cloud).onFailure("cloud-tls", reason, "cloud");
    expect(calls).toContain(`timeKeeper.refused("${reason}")`);
    calls.length = 0;
    new LinkWires(cloud).onFailure("cloud-tls", "wrong-name", "cloud");
    expect(calls.join()).not.toContain("timeKeeper");
  });

  it("for a time that is disputed is counted by its reason of TLS too", () => {
    const { cloud, calls } = recordedCloud();
    new LinkWires(cloud).onFailure("time-disputed", "expired", "cloud");
    expect(calls.slice(0, 2)).toEqual([
      'failures.count("time-disputed", "expired")',
      'failures.countDetail("expired")',
    ]);
  });

  it("behind a sign-in page is a join that failed", () => {
    const { cloud, calls } = recordedCloud();
    new LinkWires(cloud).onFailure("captive-portal", "unknown-ca", "cloud");
    expect(calls).toContain("monitor.captivePortal()");
  });
});

describe("A broker's certificate that was verified", () => {
  it("is evidence of the time", () => {
    const { cloud, calls } = recordedCloud();
    new LinkWires(cloud).onVerified(1_800_000_000_000);
    expect(calls).toEqual(["timeKeeper.evidence(1800000000000)"]);
  });
});

describe("Another broker", () => {
  it("is connected to once the one before has its answers, from the beginning", () => {
    const { cloud, calls } = recordedCloud(
      {},
      { remote: { whenAnswered: (action: () => void) => action() } },
    );
    new BrokerWires(cloud).onSwitch();
    expect(calls).toEqual([
      "session.moved()",
      "publisher.offline()",
      "monitor.cloudDown()",
      "link.stop()",
      "link.start()",
      "broker.watch()",
      "credentials.watch()",
    ]);
  });

  it("waits for the network where there is none", () => {
    const { cloud, calls } = recordedCloud({}, { link: { state: "stopped" } });
    cloud.reconnect();
    expect(calls).toEqual(["session.moved()"]);
  });

  it("is the profile in force from then on", () => {
    const profile = { brokerHost: "new.example", topicPrefix: "dt/{id}", clientId: "{id}-air" };
    const { cloud } = recordedCloud(
      {},
      {
        link: { state: "stopped" },
        broker: { profile },
        identity: { deviceId: "aerolink-1" },
      },
    );
    cloud.reconnect();
    expect(cloud.topic("status")).toBe(`dt/${cloud.identity.deviceId}/status`);
    expect(new SessionWires(cloud).clientId).toBe(`${cloud.identity.deviceId}-air`);
    expect(new LinkWires(cloud).host()).toBe("new.example");
  });
});

describe("The command forget-network", () => {
  const three: Network[] = [
    { ssid: "Home", password: "correct horse" },
    { ssid: "Office" },
    { ssid: "Cafe" },
  ];
  const rig = (list = three, at: unknown = { ssid: "Office" }) => {
    const flash = { text: "", refuses: false };
    const networks = savedNetworks(list, undefined, flash);
    const wires = new RemoteWires(recordedCloud({ station: { at }, networks }).cloud);
    return { flash, forget: (ssid: string) => wires.forgetNetwork(ssid) };
  };

  it("says how many are left, and none comes back that was forgotten a moment before", () => {
    const { flash, forget } = rig();
    expect([forget("Home"), forget("Cafe")]).toEqual([2, 1]);
    expect(flash.text).toBe('[{"ssid":"Office"}]');
  });

  it("knows no other name, and says when the flash refused", () => {
    const { flash, forget } = rig();
    expect(forget("Attic")).toBe("not-found");
    flash.refuses = true;
    expect(forget("Home")).toBe("storage");
  });

  it("does not forget the network that the device is on, nor the last one", () => {
    const { flash, forget } = rig();
    const { text } = flash;
    expect(forget("Office")).toBe("in-use");
    expect(flash.text).toBe(text);
    expect(rig([{ ssid: "Home" }], undefined).forget("Home")).toBe("in-use");
    expect(rig([{ ssid: "Home" }], undefined).forget("Cafe")).toBe("not-found");
  });
});

describe("A reading", () => {
  it.each([
    [false, ["publisher.readingTaken(5)"]],
    [true, ["publisher.readingTaken(5)", 'remote.readingTaken({"seq":5})']],
  ])("goes to Home Assistant where that is set (%s)", (homeAssistant, expected) => {
    const settings = recordedSettings({ homeAssistant });
    const { cloud, calls } = recordedCloud({ settings, journal: { read: (seq: number) => [{ seq }] } });
    cloud.readingTaken(5);
    expect(calls).toEqual(expected);
  });
});

describe("Without an identity", () => {
  it("nothing waits for a cloud that is not there", () => {
    let done = false;
    NO_CLOUD.whenAnswered(() => {
      done = true;
    });
    expect([done, NO_CLOUD.isUp]).toEqual([true, false]);
  });
});

describe("A connection that makes room for an update", () => {
  const rig = (status: string) => recordedCloud({ monitor: { status } });

  it("ends, and does not begin again before it may", () => {
    const { cloud, calls } = rig("connecting");
    cloud.hold(true);
    cloud.start();
    expect(calls).toEqual(["link.stop()", "credentials.pause()"]);
    cloud.hold(false);
    expect(calls.slice(0, 3)).toEqual(["link.stop()", "credentials.pause()", "link.start()"]);
    const before = calls.length;
    cloud.start();
    expect(calls.slice(before)).toContain("link.start()");
  });

  it.each(["setup", "joining", "offline"])("does not come back where it is not wanted: %s", (status) => {
    const { cloud, calls } = rig(status);
    cloud.hold(true);
    cloud.hold(false);
    expect(calls).toEqual(["link.stop()", "credentials.pause()"]);
  });
});
