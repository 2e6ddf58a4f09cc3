import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Ingest } from "../../cloud/ingest/ingest";
import { Broker } from "../../sim/world/broker";
import { ensureDevelopmentPki } from "../../tools/pki/development";
import { identityStateText, updateStateText } from "../support/offers";
import { embeddedStore } from "../support/stores";

test("What a device says of updates and of its certificate goes from the broker into the store, also what was retained before", async () => {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-states-"));
  const pki = await ensureDevelopmentPki(folder, { mac: "02:00:5e:10:20:30" });
  const broker = await Broker.start({
    key: pki.broker.keyPem,
    certificateChain: pki.broker.certificatePem,
    deviceAuthority: pki.deviceAuthorityPem,
    operatorAuthority: pki.operatorAuthorityPem,
  });
  const say = (name: string, payload: string): Promise<void> =>
    new Promise((resolve) =>
      broker.aedes.publish(
        { cmd: "publish", topic: `aerolink/v1/one/${name}`, payload, qos: 1, retain: true, dup: false },
        () => resolve(),
      ),
    );
  await say("update/state", updateStateText({ state: "downloading", progress: 1 }));
  const { store, close } = await embeddedStore();
  const ingest = new Ingest({
    store,
    url: `mqtts://localhost:${broker.port}`,
    name: "cloud",
    protocolVersion: 4,
    connection: { ca: pki.authorityPem, cert: pki.cloud.certificatePem, key: pki.cloud.keyPem },
  });
  ingest.start();
  const heard = async () => (await store.states.visible({ fleet: true })).get("one");
  await expect.poll(async () => (await heard())?.update?.value.progress, { timeout: 20_000 }).toBe(1);
  await say("update/state", updateStateText({ state: "failed", release: 12, reason: "bad-block" }));
  await say("identity/state", identityStateText({ renewal: false }));
  await expect.poll(async () => (await heard())?.identity?.value.renewal, { timeout: 20_000 }).toBe(false);
  expect((await heard())?.update?.value.reason).toBe("bad-block");
  await ingest.close();
  await close();
  await broker.close();
  rmSync(folder, { recursive: true });
});
