import TextEncoder from "text/encoder";
import Timer from "timer";
import { silentLogger } from "../../modules/base/logger";
import { Commands } from "../../modules/commands/commands";
import { parseCommand } from "../../modules/commands/parse-command";
import { BrokerTrial } from "../../modules/configuration/broker-trial";
import { Configuration } from "../../modules/configuration/configuration";
import { Settings } from "../../modules/configuration/settings";
import heapUsed from "./heap";
import type { Tests } from "./tests";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const faultOf = (text: string): string => {
  const parsed = parseCommand(bytes(text));
  return "fault" in parsed ? parsed.fault : parsed.name;
};

class Store {
  values = new Map<string, string>();
  read(key: string): unknown {
    return this.values.get(key);
  }
  write(key: string, value: string): void {
    this.values.set(key, value);
  }
  delete(key: string): void {
    this.values.delete(key);
  }
}

export default function commands({ test, later }: Tests): void {
  test("nesting that would end the engine is refused before it is parsed", (check) => {
    check.equal(faultOf("[".repeat(1_000)), "too-complex");
    check.equal(faultOf(`${'{"a":'.repeat(150)}1`), "too-complex");
    check.equal(
      faultOf(`{"id":"a","name":"ping","args":${"[".repeat(350)}${"]".repeat(350)}}`),
      "too-complex",
    );
    check.equal(faultOf('{"id":"a","name":"forget-network","args":{"ssid":"[[[[{{{{"}}'), "forget-network");
  });

  test("names of Object's prototype are names like any other", (check) => {
    check.equal(faultOf('{"id":"a","name":"toString"}'), "unknown-command");
    check.equal(faultOf('{"id":"a","name":"ping","__proto__":{}}'), "unknown-member");
    check.equal(faultOf('{"id":"a","name":"identify","args":{"constructor":1}}'), "bad-args");
    check.equal(faultOf('{"__proto__":{"id":"a","name":"ping"}}'), "bad-id");
    const settings = new Settings({
      log: silentLogger,
      store: new Store(),
      defaults: { brokerHost: "old.example" },
    });
    const broker = new BrokerTrial({ log: silentLogger, settings, onSwitch() {}, onEnd() {} });
    let report = "";
    const configuration: Configuration = new Configuration({
      log: silentLogger,
      settings,
      broker,
      onReport: () => {
        report = configuration.report();
      },
    });
    configuration.take(bytes('{"version":1,"settings":{"toString":1,"__proto__":1,"samplingSeconds":0}}'));
    const { state, errors } = JSON.parse(report) as { state: string; errors: Record<string, string> };
    check.equal(state, "refused");
    check.equal(Object.entries(errors), [
      ["toString", "unknown-key"],
      ["__proto__", "unknown-key"],
      ["samplingSeconds", "out-of-range"],
    ]);
    configuration.take(bytes('{"version":2,"settings":{"samplingSeconds":30,"sntpServers":["a.example"]}}'));
    check.equal(settings.get("samplingSeconds"), 30);
    check.equal(settings.get("sntpServers"), ["a.example"]);
    const versions: [number, string][] = [
      [1, "refused"],
      [2, "applied"],
      [2_147_483_649, "applied"],
      [4_294_967_295, "applied"],
      [2_147_483_648, "refused"],
      [0, "applied"],
      [4_294_967_295, "refused"],
    ];
    for (const [version, state] of versions) {
      configuration.take(bytes(`{"version":${version},"settings":{}}`));
      check.equal((JSON.parse(report) as { state: string }).state, state, String(version));
    }
    configuration.take(bytes("{"));
    check.equal((JSON.parse(report) as { fault: string }).fault, "not-json");
  });

  later(
    "a thousand commands, good and bad: each has its answer, and 32 are remembered",
    (check, done) => {
      const store = new Store();
      let answers = 0;
      let acts = 0;
      const taken = new Commands({
        log: silentLogger,
        store,
        boot: 1,
        uptimeMs: () => 0,
        unixMs: () => undefined,
        diagnostics: () => "{}",
        actions: {
          identify: () => acts++,
          readNow: () => undefined,
          restart() {},
          setupMode() {},
          update: () => "not-offered",
          bootPrevious: () => "no-previous",
          renewCertificate: () => "no-renewal",
          forgetNetwork: () => "not-found",
          calibrateCo2: () => "no-co2-sensor",
        },
        publish: (payload, _qos, onSettled) => {
          check.equal(typeof JSON.parse(payload), "object");
          answers++;
          if (onSettled) Timer.set(onSettled, 0);
          return true;
        },
      });
      check.cleanup(() => taken.close());
      const kinds = ['"ping"', '"identify"', '"dance"', '"get-diagnostics","args":{"x":[]}'];
      let sent = 0;
      const some = (): void => {
        for (let i = 0; i < 10; i++, sent++)
          taken.take(bytes(`{"id":"n${sent}","name":${kinds[sent % 4]}}`), { retain: false, dup: false });
        if (sent < 1_000) {
          Timer.set(some, 20);
          return;
        }
        Timer.set(() => {
          check.equal(answers, 1_000);
          check.equal(acts, 8);
          check.ok(store.values.size <= 32, "no more than 32 keys");
          done();
        }, 500);
      };
      some();
    },
    20_000,
  );

  later(
    "a thousand commands leave the heap where it was",
    (check, done) => {
      const waiting: (() => void)[] = [];
      const store = new Store();
      const settings = new Settings({
        log: silentLogger,
        store: new Store(),
        defaults: { brokerHost: "old.example" },
      });
      const broker = new BrokerTrial({ log: silentLogger, settings, onSwitch() {}, onEnd() {} });
      const configuration: Configuration = new Configuration({
        log: silentLogger,
        settings,
        broker,
        onReport: () => void configuration.report(),
      });
      let uptimeMs = 0;
      const taken = new Commands({
        log: silentLogger,
        store,
        boot: 1,
        uptimeMs: () => uptimeMs,
        unixMs: () => undefined,
        diagnostics: () => "{}",
        actions: {
          identify() {},
          readNow: () => ({ epoch: "5c0ffee1", seq: 7 }),
          restart() {},
          setupMode() {},
          update: () => "not-offered",
          bootPrevious: () => "no-previous",
          renewCertificate: () => "no-renewal",
          forgetNetwork: () => "not-found",
          calibrateCo2: () => "no-co2-sensor",
        },
        publish: (_payload, _qos, onSettled) => {
          if (onSettled) waiting.push(onSettled);
          return true;
        },
      });
      check.cleanup(() => taken.close());
      let sent = 0;
      const send = (count: number): void => {
        for (let i = 0; i < count; i++, sent++) {
          // Ids and numbers of the same length, so that what is remembered of them is too.
          const id = `n${10_000 + sent}`;
          const name = ["ping", "identify", "read-now", "dance", "get-diagnostics"][sent % 5];
          taken.take(bytes(`{"id":"${id}","name":"${name}"}`), { retain: false, dup: false });
          if (sent % 4 === 0) taken.take(bytes("{".repeat(sent % 1_000)), { retain: false, dup: false });
          if (sent % 8 === 0)
            configuration.take(
              bytes(`{"version":${10_000 + sent},"settings":{"ledBrightness":0,"x${sent % 9}":1}}`),
            );
          uptimeMs += 10_000;
          while (waiting.length > 0) waiting.shift()!();
        }
      };
      const turn = (left: number, levels: number[]): void => {
        send(100);
        if (left % 10 === 0) levels.push(heapUsed());
        if (left > 0) {
          Timer.set(() => turn(left - 1, levels), 0);
          return;
        }
        const [before, after] = levels as [number, number];
        check.ok(after - before <= 1_024, `heap ${before} bytes before, ${after} after`);
        done();
      };
      turn(10, []);
    },
    20_000,
  );
}
