import KeyValueStorage from "embedded:storage/key-value";
import { silentLogger } from "../../modules/base/logger";
import { BROKER_CHECKS } from "../../modules/configuration/broker-profile";
import { BrokerTrial } from "../../modules/configuration/broker-trial";
import { Settings } from "../../modules/configuration/settings";
import type { Check, Tests } from "./tests";

/** Settings on the storage that firmware has. */
export default function settings({ test }: Tests): void {
  test("an empty device answers with defaults", (check) => {
    const fresh = new Settings({ log: silentLogger, store: store(check) });
    check.equal(fresh.get("brokerPort"), 8883);
    check.equal(fresh.faults, []);
  });

  test("what is set is there after a restart", (check) => {
    const before = new Settings({ log: silentLogger, store: store(check) });
    const values = { brokerHost: "broker.example.net", samplingSeconds: 10, homeAssistant: true };
    for (const [key, value] of Object.entries(values))
      check.equal(before.set(key, value), { ok: true, changed: true }, key);
    before.set("networks", '[{"ssid":"Küche 🌬"}]');
    before.set("sntpServers", ["time.example.net"]);

    const after = new Settings({ log: silentLogger, store: store(check) });
    check.equal(after.get("brokerHost"), "broker.example.net");
    check.equal(after.get("samplingSeconds"), 10);
    check.equal(after.get("homeAssistant"), true);
    check.equal(after.get("networks"), '[{"ssid":"Küche 🌬"}]');
    check.equal(after.get("sntpServers"), ["time.example.net"]);
  });

  test("a broker's profile goes on trial over a restart, and is kept in one write", (check) => {
    const start = () => {
      const all = new Settings({ log: silentLogger, store: store(check), checks: BROKER_CHECKS });
      return {
        all,
        broker: new BrokerTrial({ log: silentLogger, settings: all, onSwitch() {}, onEnd() {} }),
      };
    };
    const changes = {
      brokerHost: "new.example",
      brokerUser: "wé",
      brokerPassword: 'p"ß',
      topicPrefix: "a/{id}",
    };
    check.ok(start().broker.begin(changes, 7), "not begun");
    const { all, broker } = start();
    check.equal([broker.trying, broker.profile.brokerPassword, all.get("brokerHost")], [true, 'p"ß', ""]);
    broker.reached(broker.profile);
    const after = start();
    check.equal([after.all.get("brokerHost"), after.all.get("brokerPassword")], ["new.example", 'p"ß']);
    check.equal([after.broker.trying, after.broker.profile.topicPrefix], [false, "a/{id}"]);
    check.equal(after.broker.propose({ topicPrefix: "a/#" }), { key: "topicPrefix", refusal: "malformed" });
    after.broker.begin({ brokerHost: "third.example" }, 8);
    check.equal(after.broker.profile.brokerPassword, "");
    after.broker.close();
  });

  test("a value out of range is refused, a corrupt one becomes the default and is reported", (check) => {
    const before = new Settings({ log: silentLogger, store: store(check) });
    check.ok(!before.set("brokerPort", 65_536).ok, "taken");
    check.ok(!before.set("constructor", 1).ok, "a name of Object.prototype was taken");
    store(check).write("brokerPort", "many");
    const after = new Settings({ log: silentLogger, store: store(check) });
    check.equal(after.get("brokerPort"), 8883);
    check.equal(
      after.faults.map(({ key }) => key),
      ["brokerPort"],
    );
  });
}

function store(check: Check) {
  const opened = KeyValueStorage.open({ path: "settings", format: "string" });
  check.cleanup(() => {
    for (const key of [...opened]) opened.delete(key);
  });
  return opened;
}
