// What a newer release left in flash, met by this one after a rollback, and the other way round.

import { expect, it } from "vitest";
import { silentLogger } from "../../../modules/base/logger";
import { CommandMemory } from "../../../modules/commands/command-memory";
import { Settings } from "../../../modules/configuration/settings";
import { FIELD } from "../../../modules/identity/fields";
import { parseIdentity } from "../../../modules/identity/identity";
import { field, formatImage } from "../../../tools/identity/format";
import { formatNetworks, parseNetworks } from "../../../wifi/saved-networks";
import { sampleIdentity } from "../../support/identity";
import { MemoryStore } from "../../support/memory-store";

it("A setting that this release does not know stays where it is, and so does a value that it does not", () => {
  const store = new MemoryStore();
  store.write("newSetting", "7");
  store.write("logLevel", "whisper");
  store.write("brokerHost", "broker.example.test");
  const settings = new Settings({ log: silentLogger, store });
  expect(settings.get("brokerHost")).toBe("broker.example.test");
  expect(settings.get("logLevel")).toBe("info");
  settings.set("brokerHost", "other.example.test");
  expect([store.read("newSetting"), store.read("logLevel")]).toEqual(["7", "whisper"]);
});

it("A saved network with members of a newer release is still joined", () => {
  const [first] = JSON.parse(formatNetworks([{ ssid: "Home", password: "correct horse", least: 3 }]));
  const stored = JSON.stringify([{ ...first, roaming: { since: 2 } }]);
  expect(parseNetworks(stored)).toEqual([{ ssid: "Home", password: "correct horse", least: 3 }]);
});

it("A command that only a newer release knows hides none of the others", () => {
  const store = new MemoryStore();
  const memory = new CommandMemory(store);
  const fields = { durable: true, progress: "answered", body: "" } as const;
  memory.add({ id: "first", name: "restart", ...fields });
  const newer = memory.add({ id: "second", name: "restart", ...fields });
  memory.add({ id: "third", name: "restart", ...fields });
  expect(newer).toMatchObject({ seq: 2 });
  store.write("2", "2 owed brew-coffee second ");
  const again = new CommandMemory(store);
  expect(["first", "second", "third"].map((id) => again.find(id)?.seq)).toEqual([1, undefined, 3]);
  expect(again.add({ id: "fourth", name: "restart", ...fields })).toMatchObject({ seq: 4 });
});

it("A field of credentials that only a newer release knows is passed over", () => {
  const identity = sampleIdentity();
  const fields = Buffer.concat([
    field(200, Buffer.from("of a newer release")),
    field(FIELD.deviceId, Buffer.from(identity.deviceId)),
    field(FIELD.setupPassword, Buffer.from(identity.setupPassword)),
    field(FIELD.privateKey, identity.privateKey),
    ...identity.certificateChain.map((der) => field(FIELD.certificate, der)),
    ...identity.certificateAuthorities.map((der) => field(FIELD.authority, der)),
  ]);
  expect(parseIdentity(formatImage(fields, 1))).toMatchObject({ deviceId: identity.deviceId });
});
