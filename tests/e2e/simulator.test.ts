// The unchanged firmware in a worker, TLS and all, against real servers on loopback.
import { afterAll, expect, test } from "vitest";
import { SCENARIOS } from "../../sim/scenes/scenarios";
import { limit } from "../support/limit";
import { closeAll, missing, seen, start, until } from "../support/running-simulator";
import { LONG } from "../support/volume";

afterAll(closeAll);

/** Both ways that a scene may end, and what real sockets and TLS add; on virtual time all are (virtual.test.ts). */
const SHARE = ["setup", "success", "wrong-password"];

for (const scenario of SCENARIOS) {
  test.runIf(LONG || SHARE.includes(scenario.name)).concurrent(
    `${scenario.name}: over real sockets and TLS it ends in ${scenario.ends}`,
    async () => {
      const each = await start({ routers: scenario.routers, networks: scenario.networks });
      const { reason } = scenario;
      if (reason) await until(reason, () => each.log.join("\n").includes(reason), each);
      await seen(each, scenario.ends);
      if (scenario.ends === "solid blue") {
        await until("a decoded reading", () => each.readings.length > 0, each);
        expect(each.readings[0]).toMatchObject({ seq: 1 });
      } else expect(each.readings).toEqual([]);
      await each.close();
    },
    limit(120_000),
  );
}

test.concurrent(
  "A broker that is killed and restarted is pulse blue, then solid blue, and every reading arrives",
  async () => {
    const each = await start({ settings: { samplingSeconds: 1, readingsPerBatch: 2 } });
    const broker = each.simulator.broker!;
    await seen(each, "solid blue");
    await until("readings", () => each.readings.length >= 4, each);
    await broker.stop();
    await seen(each, "pulse blue");
    const before = each.readings.length;
    await broker.start();
    await seen(each, "solid blue");
    await until("more readings", () => each.readings.length >= before + 6, each);
    expect(missing(each.readings)).toEqual([]);
    await each.close();
  },
  limit(120_000),
);

test.runIf(LONG).concurrent(
  "A power cut loses no reading: what was taken before it arrives after it",
  async () => {
    const each = await start({
      settings: { samplingSeconds: 1, readingsPerBatch: 50, publishSeconds: 3_600 },
    });
    await seen(each, "solid blue");
    // Some readings are taken after the first batch went out, and wait in the journal.
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    const sent = Math.max(...each.readings.map(({ seq }) => seq));
    await each.simulator.world.powerOff();
    expect(each.simulator.world.board.on).toBe(false);
    each.simulator.world.powerOn();
    await until("readings from before the cut", () => each.readings.some(({ seq }) => seq > sent + 2), each);
    expect(missing(each.readings)).toEqual([]);
    expect(new Set(each.readings.map(({ epoch }) => epoch)).size).toBe(1);
    expect(each.readings.some(({ boot }) => boot === 2) || each.readings.length > 0).toBe(true);
    await each.close();
  },
  limit(120_000),
);
