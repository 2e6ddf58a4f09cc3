// The firmware on the real XS engine in the world of `npm start`: what `npm run simulator` shows, without its window.
// Part of the XS lane, since it builds an application: `AEROLINK_XS=1 npx vitest run tests/e2e/xs-world.test.ts`.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SCENARIOS } from "../../sim/scenes/scenarios";
import type { Hardware } from "../../sim/simulator/simulator";
import { BUILD, findSdk, ROOT } from "../../tools/base/sdk.mjs";
import { buildXs } from "../../tools/xs/build.mjs";
import { buildHost } from "../../tools/xs/host/build.mjs";
import { headlessXs } from "../support/headless-xs";
import { limit } from "../support/limit";
import { closeAll, holdForSetup, missing, seen, start, until } from "../support/running-simulator";

const sdk = process.env.AEROLINK_XS ? findSdk() : undefined;
const BUILD_LIMIT_MS = limit(400_000);

describe.skipIf(sdk?.platform !== "lin")("the firmware on XS in the simulated world", () => {
  const folders: string[] = [];
  let host = "";
  let application = "";

  beforeAll(() => {
    const out = join(BUILD, "xs-world");
    application = buildXs({
      sdk: sdk!,
      lane: "xs-world",
      out,
      manifest: join(ROOT, "sim/moddable/world/manifest.json"),
    });
    host = buildHost(sdk!, out);
  }, BUILD_LIMIT_MS);
  afterAll(async () => {
    await closeAll();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  function board(): Hardware {
    const folder = mkdtempSync(join(tmpdir(), "aerolink-xs-"));
    folders.push(folder);
    return headlessXs({ folder, host, application });
  }

  for (const { name, ends, reason, routers, networks } of SCENARIOS) {
    test.concurrent(
      `${name}: on XS too it ends in ${ends}`,
      async () => {
        const each = await start({ hardware: board(), routers, networks });
        if (reason) await until(reason, () => each.log.join("\n").includes(reason), each);
        await seen(each, ends);
        if (ends === "solid blue") {
          await until("a decoded reading", () => each.readings.length > 0, each);
          expect(each.readings[0]).toMatchObject({ seq: 1 });
        } else expect(each.readings).toEqual([]);
        await each.close();
      },
      limit(120_000),
    );
  }

  test.concurrent(
    "A power cut and a restart on command lose no reading on XS, and the button leads to setup mode",
    async () => {
      const each = await start({
        hardware: board(),
        settings: { samplingSeconds: 1, readingsPerBatch: 50, publishSeconds: 3_600 },
      });
      const { simulator, log } = each;
      await seen(each, "solid blue");
      await new Promise((resolve) => setTimeout(resolve, 3_500));
      const sent = Math.max(...each.readings.map(({ seq }) => seq));
      await simulator.world.powerOff();
      await seen(each, "dark");
      simulator.world.powerOn();
      await until(
        "readings from before the cut",
        () => each.readings.some(({ seq }) => seq > sent + 2),
        each,
      );

      simulator.publish(
        `aerolink/v1/${simulator.deviceId}/command`,
        new TextEncoder().encode(JSON.stringify({ id: "again", name: "restart", args: {} })),
      );
      await until("boot 3", () => log.some((line) => /boot 3 after restart/.test(line)), each);
      await seen(each, "solid blue");
      expect(missing(each.readings)).toEqual([]);

      await holdForSetup(each);
      await seen(each, "pulse yellow");
      expect(simulator.world.phone.accessPoint?.ssid).toMatch(/^Aerolink-/);
      const page = await fetch(await simulator.world.phone.serve());
      expect(await page.text()).toContain(simulator.deviceId);
      await each.close();
    },
    limit(180_000),
  );
});
