import { execFileSync } from "node:child_process";
import { createHash, createPrivateKey } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { verifyJws } from "../../../modules/signed/jws";
import { type Manifest, parseManifest } from "../../../modules/update/manifest";
import { nodeSignatures } from "../../../sim/device/node-signatures";
import { ROOT } from "../../../tools/base/run-ts.mjs";
import { HOST_NAMES } from "../../../tools/base/sdk.mjs";
import { slotSize } from "../../../tools/esp32/flash-budget.mjs";
import { HELP, main } from "../../../tools/release/cli";
import { simulatorImageOf } from "./support";

let dir: string;
let out: string;
let err: string;

const file = (name: string): string => join(dir, name);
const read = (name: string): string => readFileSync(file(name), "utf8");

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "aerolink-release-"));
  const manifest = readFileSync(join(ROOT, "manifest.json"), "utf8");
  writeFileSync(file("manifest.json"), manifest.replace(/"updateKeys": \[[^\]]*\]/, '"updateKeys": []'));
  writeFileSync(file("passphrase"), "open sesame\n");
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

/** Runs the tool with its words in `out` and `err`. */
async function run(...args: string[]): Promise<number> {
  out = "";
  err = "";
  return main(args, {
    print: (text) => {
      out += `${text}\n`;
    },
    warn: (text) => {
      err += `${text}\n`;
    },
  });
}

const keygen = (name: string, ...more: string[]) =>
  run(
    ...["keygen", name, "--dir", file("keys"), "--manifest", file("manifest.json")],
    ...["--passphrase-file", file("passphrase"), ...more],
  );
const trusted = (): string[] => JSON.parse(read("manifest.json")).config.updateKeys;

function sign(name: string, options: Record<string, string | number> = {}): Promise<number> {
  const all = {
    ...{ image: file(name), board: "simulator", release: 12, out: file("offer.jws") },
    ...{ "signing-key": file("keys/a.key.pem"), "passphrase-file": file("passphrase") },
    manifest: file("manifest.json"),
    ...options,
  };
  const args = Object.entries(all).filter(([, value]) => value !== "");
  return run("sign", ...args.flatMap(([option, value]) => [`--${option}`, String(value)]));
}

/** What the device's own code makes of the offer. */
function asDevice(offer = read("offer.jws")): Manifest | { fault: string } {
  const options = { typ: "aerolink-manifest+jwt", keys: trusted(), signatures: nodeSignatures };
  const verified = verifyJws(Buffer.from(offer), options);
  return "fault" in verified ? verified : parseManifest(verified.payload);
}

test("Started as npm starts it, it shows its options, and each of them is one that it takes", () => {
  const help = execFileSync(process.execPath, ["tools/release/main.mjs", "--help"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect(help.trim()).toBe(HELP.trim());
  for (const line of help.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

test.each([
  [["fly"], 'there is no "fly"'],
  [["keygen"], "needs a name"],
  [["build"], "needs --board"],
  [["sign", "--release", "x"], "--release"],
  [["build", "--colour", "red"], "--colour"],
  [["build", "again"], "again"],
])("%j is no use of it", async (args, why) => {
  expect(await run(...args)).toBe(2);
  expect(err).toContain(why);
});

describe("keygen", () => {
  test("makes an encrypted key for its owner's eyes, and the next build trusts it", async () => {
    expect(await keygen("a")).toBe(0);
    expect(statSync(file("keys/a.key.pem")).mode & 0o777).toBe(0o600);
    expect(read("keys/a.key.pem")).toContain("BEGIN ENCRYPTED PRIVATE KEY");
    expect(trusted()).toEqual([read("keys/a.pub").trim()]);
    expect(Buffer.from(trusted()[0]!, "base64url")).toHaveLength(65);
    expect(
      createPrivateKey({ key: read("keys/a.key.pem"), passphrase: "open sesame" }).asymmetricKeyType,
    ).toBe("ec");
    expect(out).toContain("Make a second one before the first release, and keep that offline");
  });

  test("tells of an offline key where it belongs", async () => {
    expect(await keygen("a", "--offline")).toBe(0);
    expect(out).toContain("Keep it offline");
  });

  test("stops at three keys, overwrites none, and leaves a manifest's layout as the formatter has it", async () => {
    for (const name of ["a", "b", "c"]) expect(await keygen(name)).toBe(0);
    const before = read("keys/a.key.pem");
    expect(await keygen("a")).toBe(1);
    expect(err).toContain("never overwritten");
    expect(await keygen("d")).toBe(1);
    expect(err).toContain("3 keys");
    expect(read("keys/a.key.pem")).toBe(before);
    expect(trusted()).toHaveLength(3);
    const biome = [join(ROOT, "node_modules/.bin/biome"), "format", "--stdin-file-path=manifest.json"];
    const formatted = execFileSync(process.execPath, biome, { cwd: ROOT, input: read("manifest.json") });
    expect(formatted.toString()).toBe(read("manifest.json"));
  });

  test("makes nothing without a passphrase, or with a manifest that has no place for it", async () => {
    writeFileSync(file("passphrase"), "");
    expect(await keygen("a")).toBe(1);
    expect(err).toContain("kept encrypted");
    writeFileSync(file("passphrase"), "x");
    writeFileSync(file("manifest.json"), '{"config":{}}');
    expect(await keygen("a")).toBe(1);
    expect(err).toContain('no list "updateKeys"');
    expect(existsSync(file("keys"))).toBe(false);
  });
});

describe("sign", () => {
  beforeEach(async () => {
    await keygen("a");
    writeFileSync(file("image"), simulatorImageOf(12, { bytes: 200_000 }));
  });

  test("makes an offer that the device's own code takes", async () => {
    expect(await sign("image", { from: 9, floor: 7, expires: 30 })).toBe(0);
    const image = readFileSync(file("image"));
    const manifest = asDevice() as Manifest;
    expect(manifest).toMatchObject({
      release: 12,
      version: "0.9.0",
      boards: ["simulator"],
      from: 9,
      floor: 7,
    });
    expect(manifest).toMatchObject({ size: image.length, block: 65_536, formats: { settings: 1 } });
    expect(manifest.sha256).toBe(createHash("sha256").update(image).digest("hex"));
    for (let i = 0; i < Math.ceil(image.length / 65_536); i++) {
      const block = createHash("sha256")
        .update(image.subarray(i * 65_536, (i + 1) * 65_536))
        .digest();
      expect(Buffer.from(manifest.blocks.subarray(i * 16, i * 16 + 16)).equals(block.subarray(0, 16))).toBe(
        true,
      );
    }
    expect(manifest.expires! - manifest.iat).toBe(30 * 86_400);
    expect(Math.abs(manifest.iat - Date.now() / 1000)).toBeLessThan(60);
  });

  test("keeps an offer of the largest image within 2,048 bytes", async () => {
    const most = slotSize() - 64 * 1024;
    const large = simulatorImageOf(12, { bytes: most - 400 });
    expect(large.length).toBeLessThanOrEqual(most);
    writeFileSync(file("large"), large);
    expect(await sign("large", { release: 12 })).toBe(0);
    expect(read("offer.jws").length).toBeLessThanOrEqual(2_048);
    expect(asDevice()).toMatchObject({ size: large.length, block: 65_536 });
    writeFileSync(file("larger"), simulatorImageOf(12, { bytes: most + 20 }));
    expect(await sign("larger", { out: file("b.jws") })).toBe(1);
    expect(err).toContain("too many");
  });

  test.each<[string, Record<string, string | number>, string]>([
    ["another board", { board: "esp32/m5atom_lite" }, "is for the board simulator"],
    ["another release", { release: 13 }, "is release 12, and not 13"],
    ["a floor above it", { floor: 13 }, "--floor"],
    ["a stepping stone that is not below it", { from: 12 }, "--from"],
  ])("refuses %s", async (_what, options, why) => {
    expect(await sign("image", options)).toBe(1);
    expect(err).toContain(why);
    expect(existsSync(file("offer.jws"))).toBe(false);
  });

  test("refuses what is no image, has no marker or two, or was damaged", async () => {
    const image = Buffer.from(simulatorImageOf(12));
    const cut = Buffer.from(image);
    cut[cut.length - 1]! ^= 1;
    const marker = (board: string) => `AEROLINK-IMAGE{"v":1,"board":"${board}","release":12,"version":"1"}`;
    const cases: [Uint8Array, string, string][] = [
      [Buffer.from("nothing"), "simulator", "no marker"],
      [cut, "simulator", "no image of the simulated board"],
      [Buffer.concat([image, simulatorImageOf(11)]), "simulator", "several markers"],
      [Buffer.from(marker("esp32")), "esp32", "no image of an ESP32"],
      [Buffer.from('AEROLINK-IMAGE{"v":2,"board":"esp32"}'), "esp32", "cannot be read"],
      [Buffer.from("AEROLINK-IMAGE{"), "esp32", "no marker"],
    ];
    for (const [bytes, board, why] of cases) {
      writeFileSync(file("odd"), bytes);
      expect(await sign("odd", { board }), why).toBe(1);
      expect(err).toContain(why);
    }
    writeFileSync(file("odd"), Buffer.concat([Buffer.of(0xe9), Buffer.from(marker("esp32/esp32c3"))]));
    expect(await sign("odd", { board: "esp32/esp32c3" })).toBe(0);
  });

  test("refuses a key that devices do not trust, a wrong passphrase, and to overwrite an offer", async () => {
    await run("keygen", "other", "--dir", file("keys"), "--plain", "--manifest", file("manifest.json"));
    const all = trusted();
    writeFileSync(file("manifest.json"), read("manifest.json").replace(all[1]!, all[0]!));
    expect(await sign("image", { "signing-key": file("keys/other.key.pem") })).toBe(1);
    expect(err).toContain("no device would take it");
    writeFileSync(file("wrong"), "wrong");
    expect(await sign("image", { "passphrase-file": file("wrong") })).toBe(1);
    expect(err).toContain("does not open it");
    expect(await sign("image")).toBe(0);
    const before = read("offer.jws");
    expect(await sign("image")).toBe(1);
    expect(err).toContain("nothing is overwritten");
    expect(read("offer.jws")).toBe(before);
  });

  test("is signed by OpenSSL just as well, or by whatever else holds the key", async () => {
    const prepared = {
      prepare: file("input"),
      public: file("keys/a.pub"),
      "signing-key": "",
      "passphrase-file": "",
    };
    expect(await sign("image", prepared)).toBe(0);
    const key = ["-sign", file("keys/a.key.pem"), "-passin", "pass:open sesame"];
    execFileSync("openssl", ["dgst", "-sha256", ...key, "-out", file("signature"), file("input")]);
    const attach = (signature: string) =>
      run(
        ...["attach", "--input", file("input"), "--signature", file(signature)],
        ...["--public", file("keys/a.pub"), "--out", file("offer.jws")],
      );
    writeFileSync(file("false"), Buffer.alloc(64, 7));
    expect(await attach("false")).toBe(1);
    expect(err).toContain("not one of this key");
    expect(await attach("signature")).toBe(0);
    expect(asDevice()).toMatchObject({ release: 12 });
  });
});

describe("build", () => {
  test("makes the same image of the same sources, which names itself, and never another one under its name", async () => {
    for (const folder of ["one", "two"])
      expect(await run("build", "--board", "simulator", "--out", file(folder))).toBe(0);
    const { firmwareVersion, release } = JSON.parse(readFileSync(join(ROOT, "manifest.json"), "utf8")).config;
    const name = `aerolink-simulator-${release}-${firmwareVersion}.bin`;
    const [one, two] = ["one", "two"].map((folder) => readFileSync(file(`${folder}/${name}`)));
    expect(one!.equals(two!)).toBe(true);
    expect(one!.includes(dir) || one!.includes(ROOT)).toBe(false);
    expect(one!.length % 16).toBe(0);
    expect(out).toContain(createHash("sha256").update(one!).digest("hex"));
    writeFileSync(file(`two/${name}`), "another");
    expect(await run("build", "--board", "simulator", "--out", file("two"))).toBe(1);
    expect(err).toContain("never built twice");
  });

  test("has mcconfig make an ESP32's, dated by the commit and without the builder's traces", async () => {
    const bin = file(`build/bin/${(HOST_NAMES as Record<string, string>)[process.platform]}/release`);
    mkdirSync(bin, { recursive: true });
    // What mcconfig leaves for make, of a firmware without modules of ours.
    const folder = `$out/tmp/esp32/esp32c3/release/${basename(ROOT)}`;
    const made = "../../../../../bin/esp32/esp32c3/release/aerolink";
    writeFileSync(
      file("image"),
      Buffer.concat([
        Buffer.of(0xe9),
        Buffer.from('AEROLINK-IMAGE{"v":1,"board":"esp32/esp32c3","release":5,"version":"0.5.0"}\n'),
      ]),
    );
    writeFileSync(
      file("makefile"),
      `build:\n\tmkdir -p ${made} && cp ${file("image")} ${made}/xs_esp32.bin\n`,
    );
    writeFileSync(file("paths"), '{ "compilerOptions": { "paths": {} } }');
    const script = [
      "#!/bin/sh",
      'while [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; shift; done',
      `mkdir -p ${folder}/modules; rm -f ${folder}/modules/.aerolink-compiled.json`,
      `cp ${file("paths")} ${folder}/modules/tsconfig-base.json; cp ${file("makefile")} ${folder}/makefile`,
      `cp "$SDKCONFIGPATH/sdkconfig.defaults" ${file("options")}; echo "$SOURCE_DATE_EPOCH" > ${file("epoch")}`,
    ];
    writeFileSync(join(bin, "mcconfig"), script.join("\n"), { mode: 0o755 });
    writeFileSync(file("export.sh"), "");
    vi.stubEnv("MODDABLE", dir).stubEnv("IDF_PATH", dir);
    const build = () => run("build", "--board", "esp32/esp32c3", "--out", file("out"));
    expect(await build()).toBe(0);
    expect(existsSync(file("out/aerolink-esp32-esp32c3-5-0.5.0.bin"))).toBe(true);
    expect(read("options")).toMatch(/^CONFIG_APP_REPRODUCIBLE_BUILD=y$/m);
    expect(Number(read("epoch"))).toBeGreaterThan(1_700_000_000);
    writeFileSync(join(bin, "mcconfig"), "#!/bin/sh\nexit 3\n", { mode: 0o755 });
    expect(await build()).toBe(1);
    expect(err).toContain("mcconfig failed (exit code 3)");
    vi.stubEnv("IDF_PATH", "");
    expect(await build()).toBe(1);
    expect(err).toContain("there is no ESP-IDF");
  });
});
