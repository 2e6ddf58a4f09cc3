import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOMS, runtimeModules, updated } from "../../../tools/xs/manifests.mjs";

const root = new URL("../../../", import.meta.url);

describe("the rooms' manifests", () => {
  for (const room of ROOMS) {
    it(`${room}/manifest.json names every module of its room (npm run manifests writes it)`, () => {
      const manifest = JSON.parse(readFileSync(new URL(`${room}/manifest.json`, root), "utf8"));
      expect(manifest).toEqual(updated(manifest, room));
    });
  }
});

describe("the TypeScript options of the device build", () => {
  it("are as strict as the host's", () => {
    const host = JSON.parse(
      readFileSync(new URL("tsconfig.json", root), "utf8").replace(/^\s*\/\/.*$/gm, ""),
    );
    const device = JSON.parse(readFileSync(new URL("manifest.json", root), "utf8"));
    // What mcconfig sets itself, or what says where types come from there.
    const { target, lib, module, moduleResolution, resolveJsonModule, noEmit, types, ...strictness } =
      host.compilerOptions;
    expect(device.typescript.tsconfig.compilerOptions).toEqual(strictness);
  });
});

describe("runtimeModules", () => {
  const house = (files: Record<string, string>): string => {
    const folder = mkdtempSync(join(tmpdir(), "aerolink-manifests-"));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(folder, name, ".."), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return `${folder}/`;
  };

  it("leaves out modules that only declare types", () => {
    const folder = house({
      "room/types.ts": "export interface A { a: number }",
      "room/code.ts": 'import type { A } from "./types";\nexport const a: A = { a: 1 };',
    });
    expect(runtimeModules("room", folder)).toEqual({ portable: ["room/code"], hardware: [] });
  });

  it("keeps a module of types that something imports at run time", () => {
    const folder = house({
      "room/types.ts": "export interface A { a: number }",
      "room/deep/code.ts": 'import { type A } from "../types";\nexport const a: A = { a: 1 };',
    });
    expect(runtimeModules("room", folder)).toEqual({
      portable: ["room/deep/code", "room/types"],
      hardware: [],
    });
  });

  it("leaves out declarations, and folders that have a manifest of their own", () => {
    const folder = house({
      "room/codec.js": "export default 1;",
      "room/codec.d.ts": "export default 1;",
      "room/esp32/radio.ts": "export default 1;",
      "room/esp32/manifest.json": "{}",
    });
    expect(runtimeModules("room", folder)).toEqual({ portable: ["room/codec"], hardware: [] });
  });

  it("tells apart what only ESP32 can load, directly or through another module", () => {
    const folder = house({
      "room/driver.ts":
        'import Digital from "embedded:io/digital";\nexport const pin = new Digital({ pin: 1 });',
      "room/user.ts": 'import { pin } from "./driver";\nexport const read = () => pin.read();',
      "room/pure.ts": 'import Timer from "timer";\nexport const set = () => Timer.set(() => {});',
    });
    expect(runtimeModules("room", folder)).toEqual({
      portable: ["room/pure"],
      hardware: ["room/driver", "room/user"],
    });
  });
});
