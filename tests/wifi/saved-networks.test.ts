import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Network } from "../../wifi/network";
import {
  formatLastGood,
  formatNetworks,
  parseLastGood,
  parseNetworks,
  SavedNetworks,
} from "../../wifi/saved-networks";
import { savedNetworks } from "../support/saved-networks";
import { fuzz } from "../support/volume";

const FOUR: Network[] = [
  { ssid: "Home", password: "12345678" },
  { ssid: "Café 🎈" },
  { ssid: "Attic", password: "abcde", allowLegacySecurity: true },
  { ssid: "Secret", password: "0".repeat(64), hidden: true },
];

describe("saved networks", () => {
  it("come back as they were saved, in order", () => {
    expect(parseNetworks(formatNetworks(FOUR))).toEqual(FOUR);
    expect(parseNetworks("")).toEqual([]);
    expect(parseNetworks("[]")).toEqual([]);
  });

  it("fit their setting at their longest", () => {
    const longest: Network = {
      ssid: '"'.repeat(32),
      password: "\\".repeat(63),
      hidden: true,
      allowLegacySecurity: true,
    };
    expect(formatNetworks([longest, longest, longest, longest]).length).toBeLessThan(4_000);
  });

  it.each([
    "null",
    "{}",
    "[1]",
    "[null]",
    "[{}]",
    '[{"ssid":""}]',
    '[{"ssid":"a","password":"short"}]',
    '[{"ssid":"a","password":"abcde"}]',
    '[{"ssid":"a","password":1}]',
    '[{"ssid":"a","hidden":"yes"}]',
    JSON.stringify([...FOUR, FOUR[0]]),
    '[{"ssid":"a"',
  ])("are damaged when stored as %s", (text) => {
    expect(parseNetworks(text)).toBeUndefined();
  });

  it("never throw, and are joinable or damaged, whatever is stored", () => {
    const near = fc.json().map((json) => `[{"ssid":${json},"password":${json}}]`);
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), near), (text) => {
        const networks = parseNetworks(text);
        if (networks) expect(parseNetworks(formatNetworks(networks))).toEqual(networks);
        parseLastGood(text);
      }),
      fuzz(),
    );
  });
});

describe("the last good access point", () => {
  const good = { ssid: "Home", bssid: "0a:1b:2c:3d:4e:5f", channel: 6 };

  it("comes back as it was saved", () => {
    expect(parseLastGood(formatLastGood(good))).toEqual(good);
  });

  it.each([
    "",
    "{",
    "[]",
    JSON.stringify({ ...good, ssid: "" }),
    JSON.stringify({ ...good, bssid: "0A:1B:2C:3D:4E:5F" }),
    JSON.stringify({ ...good, bssid: "0a-1b-2c-3d-4e-5f" }),
    JSON.stringify({ ...good, channel: 0 }),
    JSON.stringify({ ...good, channel: 14 }),
    JSON.stringify({ ...good, channel: "6" }),
  ])("is none when stored as %s", (text) => {
    expect(parseLastGood(text)).toBeUndefined();
  });
});

describe("The saved networks", () => {
  const list = ["a", "b", "c"].map((ssid) => ({ ssid }));
  const names = (saved: { readonly list: readonly Network[] }) => saved.list.map(({ ssid }) => ssid).join("");
  const acted = (act: (saved: SavedNetworks) => void, networks: Network[] = list) => {
    const saved = savedNetworks(networks);
    act(saved);
    return names(saved);
  };

  it("have the newest in front, a known one in its place, four at most", () => {
    const saved = savedNetworks(list);
    expect(saved.add({ ssid: "d" })).toBe(true);
    expect(saved.add({ ssid: "b", password: "12345678" })).toBe(true);
    expect([names(saved), saved.list[2]]).toEqual(["dabc", { ssid: "b", password: "12345678" }]);
    expect([saved.has("e"), saved.has("c"), saved.add({ ssid: "e" })]).toEqual([false, true, false]);
    expect(names(saved)).toBe("dabc");
  });

  it("are forgotten, and move up, by their names", () => {
    expect(acted((saved) => saved.forget("b"))).toBe("ac");
    expect(acted((saved) => saved.forget("x"))).toBe("abc");
    expect(["c", "b", "a", "x"].map((ssid) => acted((saved) => saved.moveUp(ssid)))).toEqual([
      "acb",
      "bac",
      "abc",
      "abc",
    ]);
  });

  it("are what they were where the flash refuses, and nobody hears of a change", () => {
    const flash = { text: "", refuses: false };
    const heard: string[] = [];
    const saved = savedNetworks(list, () => heard.push(names(saved)), flash);
    saved.moveUp("b");
    flash.refuses = true;
    expect([saved.forget("b"), saved.add({ ssid: "d" })]).toEqual([false, false]);
    saved.moveUp("c");
    saved.learn(saved.list[2]!, { ssid: "c", least: 4 });
    expect([names(saved), heard]).toEqual(["bac", ["bac"]]);
  });

  it("keep what was learned of one, unless it is another one now, and tell nobody", () => {
    const heard: string[] = [];
    const saved = savedNetworks(list, () => heard.push("changed"));
    const [, b, c] = saved.list as [Network, Network, Network];
    saved.learn(b, { ...b, least: 4 });
    saved.add({ ssid: "c", password: "another one" });
    saved.learn(c, { ...c, least: 4 });
    expect([saved.list, heard]).toEqual([
      [{ ssid: "a" }, { ssid: "b", least: 4 }, { ssid: "c", password: "another one" }],
      ["changed"],
    ]);
  });

  it("are none where their text is damaged", () => {
    const settings = { get: () => "[{", set: () => ({ ok: true }) };
    expect(new SavedNetworks({ settings, onNetworks: () => {} }).list).toEqual([]);
  });

  it("are in flash what they are here, whatever is done in whatever order", () => {
    const act = fc.tuple(
      fc.constantFrom("add", "forget", "moveUp"),
      fc.constantFrom("a", "b", "c", "d", "e"),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 12 }), (acts) => {
        const flash = { text: "", refuses: false };
        const gone = new Set<string>();
        const saved = savedNetworks(list, undefined, flash);
        for (const [name, ssid] of acts) {
          if (name === "add" && saved.add({ ssid })) gone.delete(ssid);
          else if (name === "forget") {
            saved.forget(ssid);
            gone.add(ssid);
          } else if (name === "moveUp") saved.moveUp(ssid);
          expect(parseNetworks(flash.text)).toEqual(saved.list);
          expect(saved.list.some((each) => gone.has(each.ssid))).toBe(false);
        }
      }),
    );
  });
});
