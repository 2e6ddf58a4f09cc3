import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { HOST_NAMES } from "../../../tools/base/sdk.mjs";
import { overlaid } from "../../../tools/esp32/overlay.mjs";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const KIB = 1024;

interface Partition {
  readonly name: string;
  readonly type: string;
  readonly subType: string;
  readonly offset: number;
  readonly size: number;
}

const partitions = (path: string): Partition[] =>
  read(path)
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [name, type, subType, offset, size] = line.split(",").map((cell) => cell.trim());
      return {
        ...{ name: name!, type: type!, subType: subType! },
        ...{ offset: Number(offset), size: Number.parseInt(size!, 10) * KIB },
      };
    });

const release = partitions("sdkconfig/partitions.csv");
const debug = partitions("sdkconfig/partitions-debug.csv");
const secure = partitions("sdkconfig/partitions-secure.csv");

describe.each([
  ["partitions.csv", release],
  ["partitions-debug.csv", debug],
  ["partitions-secure.csv", secure],
])("%s", (_, table) => {
  it("lies within 4 MB, above the bootloader, in order, with nothing twice", () => {
    // The partition table itself takes the sector before the first one.
    let end = table === secure ? 0x10000 : 0x9000;
    for (const { offset, size } of table) {
      expect(offset).toBeGreaterThanOrEqual(end);
      end = offset + size;
    }
    expect(end).toBeLessThanOrEqual(4096 * KIB);
  });

  it("begins images at multiples of 64 KB, and all else at sectors", () => {
    for (const { type, offset, size } of table) {
      expect(offset % (type === "app" ? 64 * KIB : 4 * KIB)).toBe(0);
      expect(size % (4 * KIB)).toBe(0);
    }
  });

  it("keeps renewed credentials where every table does, between those of the factory and the images", () => {
    expect(table.find(({ name }) => name === "credentials")).toEqual({
      ...{ name: "credentials", type: "data", subType: "undefined" },
      ...{ offset: 0x1d000, size: 12 * KIB },
    });
  });
});

it("A debug build's table leaves settings, identity, readings and core dump where a release has them", () => {
  const kept = (table: Partition[]) =>
    table.filter(({ type, subType }) => type === "data" && subType !== "ota");
  expect(kept(debug)).toEqual(kept(release));
});

it("A debug build's one slot is as large as both of a release", () => {
  const slots = (table: Partition[]) => table.filter(({ type }) => type === "app");
  expect(slots(debug).map(({ subType }) => subType)).toEqual(["factory"]);
  expect(slots(debug)[0]!.size).toBe(slots(release).reduce((sum, { size }) => sum + size, 0));
});

describe("A locked chip", () => {
  it("has images, identity, credentials, readings and core dump where every other has them, and its secrets are encrypted", () => {
    const same = ({ name }: Partition) => !["nvs", "nvs_keys"].includes(name);
    expect(secure.filter(same)).toEqual(release.filter(same));
    const marked = [...read("sdkconfig/partitions-secure.csv").matchAll(/^(\w+),.*encrypted$/gm)];
    expect(marked.map(([, name]) => name)).toEqual(["nvs_keys", "identity", "credentials", "coredump"]);
  });

  it("has every option once, those of the overlay in place of ours", () => {
    const base = read("sdkconfig/sdkconfig.defaults");
    const over = read("sdkconfig/secure.defaults");
    const lines = overlaid(base, over).split("\n");
    const names = lines.flatMap((line) => /^(CONFIG_\w+)=/.exec(line)?.[1] ?? []);
    expect(new Set(names).size).toBe(names.length);
    expect(lines).toContain("CONFIG_MBEDTLS_CIPHER_MODE_XTS=y");
    expect(base).toContain("CONFIG_MBEDTLS_CIPHER_MODE_XTS=n");
    for (const line of over.matchAll(/^CONFIG_.*$/gm)) expect(lines).toContain(line[0]);
    expect(lines).toContain("CONFIG_ESP_TASK_WDT_EN=y");
  });

  it("rolls back as every other does", () => {
    for (const options of [
      read("sdkconfig/sdkconfig.defaults"),
      overlaid(read("sdkconfig/sdkconfig.defaults"), read("sdkconfig/secure.defaults")),
    ])
      expect(options.split("\n")).toContain("CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE=y");
  });

  it("is not what a build is by default", () => {
    expect(read("sdkconfig/sdkconfig.defaults")).not.toMatch(/^CONFIG_(SECURE_|NVS_ENC)/m);
  });
});

describe("npm run flash", () => {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-flash-"));
  const bin = join(
    folder,
    "build/bin",
    (HOST_NAMES as Record<string, string>)[process.platform] ?? "",
    "release",
  );
  mkdirSync(bin, { recursive: true });
  // What mcconfig leaves for make, of a firmware without modules of ours.
  const mcconfig = `#!/bin/sh
echo "$PARTITIONS_FILE"
echo "arguments: $*"
echo "$SDKCONFIGPATH"
while [ "$1" != -p ]; do shift; done
build="$4/tmp/$(echo "$2" | sed 's#:.*/#/#')/release/${basename(ROOT)}"
mkdir -p "$build/modules"
rm -f "$build/modules/.aerolink-compiled.json"
echo '{ "compilerOptions": { "paths": {} } }' > "$build/modules/tsconfig-base.json"
printf 'all:\\n\\t@ls -A %s; echo "made all after $$IDF"\\nbuild:\\n\\t@echo "made build"\\n' "$build/modules" > "$build/makefile"
`;
  writeFileSync(join(bin, "mcconfig"), mcconfig, { mode: 0o755 });
  writeFileSync(join(folder, "export.sh"), "export IDF=its.environment\n");
  const env = { ...process.env, MODDABLE: folder, IDF_PATH: folder };
  const flash = (...args: string[]): string[] =>
    execFileSync(process.execPath, [join(ROOT, "tools/esp32/flash.mjs"), ...args], {
      env,
      encoding: "utf8",
    }).split("\n");
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ["a debug build", ["debug"], "partitions-debug.csv"],
    ["a release, which is what it writes unasked,", [], "partitions.csv"],
    ["a release", ["release"], "partitions.csv"],
    ["a self-test", ["selftest"], "partitions-debug.csv"],
  ])("writes %s with its partition table", (_, args, table) => {
    const [, path, given] = flash("esp32/esp32c3", ...args);
    expect(basename(path!)).toBe(table);
    expect(given!.includes(" -d ")).toBe(table === "partitions-debug.csv");
    expect(given!.includes(" -m ")).toBe(table === "partitions-debug.csv");
  });

  it("has our modules compiled before make asks for any, and makes in the IDF's environment", () => {
    const lines = flash("esp32");
    expect(lines).toContain(".aerolink-compiled.json");
    expect(lines.at(-2)).toBe("made all after its.environment");
  });

  it.each([
    ["esp32/esp32c3", "n"],
    ["esp32", "y"],
    // A target of our own whose name does not tell the chip.
    ["esp32/airgradient_one", "n"],
  ])("builds for a locked %s and writes nothing", (target, closed) => {
    const [, path, given, options, ...rest] = flash(target, "secure");
    expect(basename(path!)).toBe("partitions-secure.csv");
    expect(given).not.toContain("-m");
    expect(given).not.toContain("-t");
    expect(rest).toContain("made build");
    expect(rest.join()).not.toContain("made all");
    const text = readFileSync(join(options!, "sdkconfig.defaults"), "utf8");
    expect(text).toContain("CONFIG_SECURE_BOOT_V2_ENABLED=y");
    expect(text).toContain(`CONFIG_SECURE_DISABLE_ROM_DL_MODE=${closed}`);
  });

  it("gives a board whose UARTs belong to sensors its console on USB, and no other", () => {
    const [, , given, options] = flash("esp32/airgradient_one");
    expect(given).toContain("-p esp32:./modules/board/targets/airgradient_one ");
    const text = readFileSync(join(options!, "sdkconfig.defaults"), "utf8");
    expect(text).toContain("CONFIG_ESP_CONSOLE_USB_SERIAL_JTAG=y");
    expect(text).toContain("CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE=y");
    const [, , , others] = flash("esp32/sen66_kit");
    expect(readFileSync(join(others!, "sdkconfig.defaults"), "utf8")).not.toContain("CONFIG_ESP_CONSOLE");
  });

  it("builds the self-test, of its own manifest and for the debugger, whose console has the report", () => {
    const [, , given] = flash("esp32/airgradient_one", "selftest", "ssid=Home");
    expect(given).toContain(" -d ");
    expect(given).toMatch(/selftest\/manifest\.json ssid=Home$/);
  });

  it("takes one kind of build at most", () => {
    expect(() => flash("secure", "debug")).toThrow("not understood");
  });

  it("finds the manifest asking the environment for the table, as mcconfig reads it", () => {
    const { platforms } = JSON.parse(read("manifest.json"));
    expect(platforms.esp32.build["PARTITIONS_FILE ?="]).toBe("./sdkconfig/partitions.csv");
    expect(platforms.esp32.build["SDKCONFIGPATH ?="]).toBe("./sdkconfig");
  });
});
