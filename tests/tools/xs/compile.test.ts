// biome-ignore-all lint/suspicious/noTemplateCurlyInString: programs as texts
// Builds of a small application, with make and the rules that mcconfig writes (SDK 8.2.3, tools/mcmanifest.js); with
// mcconfig and xsc themselves where there is an SDK.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findSdk, ROOT } from "../../../tools/base/sdk.mjs";
import { LONG } from "../../support/volume";

const COMPILER = join(ROOT, "tools/xs/compile.mjs");
const NAMES = ["main", "room/limits", "room/user", "room/other"];
const SOURCES: Record<string, string> = {
  main: 'import { use } from "./room/user";\nimport { other } from "./room/other";\nexport default function main(): string {\n  return `${use()} ${other}`;\n}\n',
  "room/limits":
    "export const LIMIT_MS = 4_321;\nexport function limit(): number {\n  return LIMIT_MS + 1;\n}\n",
  "room/user":
    'import { LIMIT_MS, limit } from "./limits";\nexport class User {\n  #count: number = LIMIT_MS;\n  count(): number {\n    return this.#count;\n  }\n}\nexport const use = (): number => new User().count() + limit();\n',
  "room/other": "export const other = [1, 2, 3].length;\n",
};
// Part of the XS lane: `AEROLINK_XS=1 npx vitest run tests/tools/xs/compile.test.ts`; without an SDK in the long run.
const isLane = Boolean(process.env.AEROLINK_XS);
const hasMake = (isLane || LONG) && spawnSync("make", ["--version"]).status === 0;
const sdk = isLane ? findSdk() : undefined;

let folder: string;
let sources: string;
/** File times are compared by make: each change is later than the one before, for certain. */
let second = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aerolink-build-"));
  sources = join(folder, "sources");
  for (const name of NAMES) write(name, SOURCES[name]!);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  const file = join(sources, `${name}.ts`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

interface Build {
  /** Of compiled modules. */
  modules: string;
  make(...targets: string[]): { status: number | null; text: string };
  output(name: string): string;
  binary(name: string): string;
}

const env = () => ({ ...(sdk?.env ?? process.env), AEROLINK_XS_CACHE: join(folder, "cache") });

function make(makefile: string, targets: string[]): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync("make", ["-j8", "-f", makefile, ...targets], {
    env: env(),
    encoding: "utf8",
  });
  return { status, text: `${stdout}${stderr}` };
}

function buildIn(tmp: string): Build {
  const modules = join(tmp, "modules");
  const output = (name: string): string => join(tmp, "tsc", name, sources, `${name}.js`);
  const binary = (name: string): string => join(modules, `${name}.xsb`);
  const all = NAMES.map(binary);
  const run = (...targets: string[]) => make(join(tmp, "makefile"), targets.length ? targets : all);
  return { modules, make: run, output, binary };
}

/** What mcconfig would write; xsc is a copy. */
function imitated(kind: "debug" | "release"): Build {
  const tmp = join(folder, `imitated-${second++}`, kind, "app");
  const build = buildIn(tmp);
  mkdirSync(join(build.modules, "room"), { recursive: true });
  const paths = Object.fromEntries(NAMES.map((name) => [name, [join(sources, name)]]));
  const options = { module: "preserve", target: "es2025", lib: ["es2025"], strict: true, sourceMap: true };
  const base = join(build.modules, "tsconfig-base.json");
  writeFileSync(base, JSON.stringify({ compilerOptions: { ...options, types: [], paths } }));
  const rules = NAMES.map((name) => {
    const project = join(build.modules, `${name}-tsconfig.json`);
    const compilerOptions = { rootDir: "/", outDir: join(tmp, "tsc", name) };
    writeFileSync(
      project,
      JSON.stringify({ extends: base, compilerOptions, files: [join(sources, `${name}.ts`)] }),
    );
    const [output, binary] = [build.output(name), build.binary(name)];
    return `${binary}: ${output}\n\tcp ${output} ${binary}\n${output}: ${join(sources, `${name}.ts`)} ${base}\n\t"${process.execPath}" "${COMPILER}" -p ${project}\n`;
  });
  writeFileSync(join(tmp, "makefile"), rules.join("\n"));
  return build;
}

/** The makefile says what is linked and preloaded: all, as in a release, by the rule "linked". */
function linking(build: Build): string {
  const path = join(dirname(build.modules), "makefile");
  const list = (prefix: string): string => NAMES.map((name) => `\\\n\t${prefix}${name}.xsb`).join("");
  const lists = `MODULES_DIR = ${build.modules}\nMODULES =${list("$(MODULES_DIR)/")}\nPRELOADS =${list("-p ")}\n`;
  const rule = `linked: $(MODULES)\n\t@echo $(MODULES:$(MODULES_DIR)/%=%) $(PRELOADS)\n`;
  const text = `${lists}${rule}${readFileSync(path, "utf8")}`;
  writeFileSync(path, text);
  return text;
}

const compileAll = (build: Build) =>
  expect(spawnSync(process.execPath, [COMPILER, "--all", build.modules], { env: env() }).status).toBe(0);

function configured(kind: "debug" | "release"): Build {
  const out = join(folder, `configured-${second++}`);
  mkdirSync(out, { recursive: true });
  const manifest = {
    include: "$(MODDABLE)/examples/manifest_base.json",
    build: { AEROLINK_TOOLS: resolve(ROOT, "tools") },
    typescript: {
      compiler: "node $(AEROLINK_TOOLS)/xs/compile.mjs",
      tsconfig: { compilerOptions: { strict: true } },
    },
    modules: { main: "./main", "room/*": "./room/*" },
  };
  writeFileSync(join(sources, "manifest.json"), JSON.stringify(manifest));
  const debug = kind === "debug" ? ["-d"] : [];
  const args = [...debug, "-p", sdk!.platform, "-o", out, join(sources, "manifest.json")];
  const { status, stderr, stdout } = spawnSync("mcconfig", args, { env: env(), encoding: "utf8" });
  expect(`${status} ${stdout}${stderr}`).toMatch(/^0 /);
  return buildIn(join(out, "tmp", sdk!.platform, "mc", kind, "sources"));
}

const results = (build: Build): string[] => NAMES.map((name) => readFileSync(build.binary(name), "latin1"));

const ways: [string, boolean, (kind: "debug" | "release") => Build][] = [
  ["with mcconfig's rules", hasMake, imitated],
  ["with mcconfig and xsc", hasMake && sdk?.platform === "lin", configured],
];

describe.each(ways)("A build %s", (_title, isHere, build) => {
  it.runIf(isHere)("takes a changed number to every module that has it, in one run of make", () => {
    const release = build("release");
    expect(release.make()).toMatchObject({ status: 0 });
    expect(readFileSync(release.output("room/user"), "utf8")).toContain("4321");
    const before = results(release);
    write("room/limits", SOURCES["room/limits"]!.replace("4_321", "5_678"));
    expect(release.make()).toMatchObject({ status: 0 });
    expect(readFileSync(release.output("room/user"), "utf8")).toContain("5678");
    const clean = build("release");
    expect(clean.make()).toMatchObject({ status: 0 });
    const after = results(release);
    expect(after).toEqual(results(clean));
    expect(after.map((text, index) => text === before[index])).toEqual([true, false, false, true]);
  });

  it.runIf(isHere)(
    "ends with the compiler's words where a type is wrong, and goes on once it is right",
    () => {
      const release = build("release");
      write("room/limits", SOURCES["room/limits"]!.replace("4_321", '"4321"'));
      const wrong = release.make();
      expect(wrong.status).not.toBe(0);
      // Once, although make asks for several modules at a time.
      expect(wrong.text.match(/room\/\w+\.ts\(\d+,\d+\): error TS\d+/g)).toEqual([
        "room/limits.ts(3,3): error TS2322",
        "room/user.ts(3,3): error TS2322",
      ]);
      expect(existsSync(release.binary("room/limits"))).toBe(false);
      write("room/limits", SOURCES["room/limits"]!);
      expect(release.make()).toMatchObject({ status: 0 });
    },
  );

  it.runIf(isHere)("for the debugger stays as it was written, with maps to its sources", () => {
    const debug = build("debug");
    expect(debug.make()).toMatchObject({ status: 0 });
    const output = debug.output("room/user");
    expect(readFileSync(output, "utf8")).toMatch(
      /#count[\s\S]*LIMIT_MS[\s\S]*sourceMappingURL=user\.js\.map/,
    );
    const map = JSON.parse(readFileSync(`${output}.map`, "utf8")) as { sources: string[] };
    expect(map.sources.map((each) => resolve(dirname(output), each))).toEqual([
      join(sources, "room/user.ts"),
    ]);
  });
});

describe("A build with mcconfig's rules", () => {
  it.runIf(hasMake)("takes a changed number along when only the changed module is asked for first", () => {
    const release = imitated("release");
    release.make();
    write("room/limits", SOURCES["room/limits"]!.replace("4_321", "5_678"));
    expect(release.make(release.binary("room/limits"))).toMatchObject({ status: 0 });
    expect(release.make()).toMatchObject({ status: 0 });
    const clean = imitated("release");
    clean.make();
    expect(results(release)).toEqual(results(clean));
  });

  it.runIf(hasMake)("sees a type go wrong in a module that did not change", () => {
    const release = imitated("release");
    release.make();
    write("room/limits", SOURCES["room/limits"]!.replaceAll("limit(", "most("));
    const wrong = release.make();
    expect(wrong.status).not.toBe(0);
    expect(wrong.text).toMatch(/room\/user\.ts\(1,\d+\): error TS2305/);
  });
});

describe("A release whose modules are compiled before make", () => {
  it.runIf(hasMake)("is one module, and what a clean one would be after a change", () => {
    const release = imitated("release");
    linking(release);
    compileAll(release);
    expect(release.make("linked")).toEqual({
      status: 0,
      text: expect.stringMatching(/main.xsb -p main.xsb\n$/),
    });
    const before = readFileSync(release.binary("main"), "utf8");
    expect(before).toContain("4321");
    expect(NAMES.map((name) => existsSync(release.binary(name)))).toEqual([true, false, false, false]);
    write("room/limits", SOURCES["room/limits"]!.replace("4_321", "5_678"));
    compileAll(release);
    expect(release.make("linked").text).toMatch(/main.xsb -p main.xsb\n$/);
    expect(readFileSync(release.binary("main"), "utf8")).toBe(
      before.replace("4321", "5678").replace("4322", "5679"),
    );
  });

  it.runIf(hasMake)(
    "is many again where mcconfig wrote the makefile anew and make asks by itself, and one again",
    () => {
      const release = imitated("release");
      const makefile = join(dirname(release.modules), "makefile");
      const text = linking(release);
      compileAll(release);
      release.make("linked");
      const one = readFileSync(release.binary("main"), "utf8");
      writeFileSync(makefile, text);
      expect(release.make("linked")).toMatchObject({ status: 0 });
      expect(NAMES.map((name) => existsSync(release.binary(name)))).toEqual([true, true, true, true]);
      expect(readFileSync(release.output("main"), "utf8")).toContain("./room/user");
      compileAll(release);
      expect(release.make("linked").text).toMatch(/main.xsb -p main.xsb\n$/);
      expect(readFileSync(release.binary("main"), "utf8")).toBe(one);
    },
  );

  it.runIf(hasMake)("stays as it was written for the debugger", () => {
    const debug = imitated("debug");
    linking(debug);
    compileAll(debug);
    expect(debug.make("linked").text).toContain("room/limits.xsb");
  });
});

it.runIf(hasMake)("A build does not compile what a module was that is gone", () => {
  const release = imitated("release");
  release.make();
  const base = join(release.modules, "tsconfig-base.json");
  const config = JSON.parse(readFileSync(base, "utf8")) as { compilerOptions: { paths: object } };
  const { "room/other": _gone, ...paths } = config.compilerOptions.paths as Record<string, string[]>;
  config.compilerOptions.paths = paths;
  writeFileSync(base, JSON.stringify(config));
  rmSync(join(sources, "room/other.ts"));
  write("main", SOURCES.main!.replace(/import \{ other.*\n/, "").replace("${other}", ""));
  const left = ["main", "room/limits", "room/user"].map(release.binary);
  expect(release.make(...left)).toMatchObject({ status: 0 });
});

it.runIf(hasMake)("Two builds of one folder at once give what one gives", async () => {
  const release = imitated("release");
  const makefile = join(dirname(release.modules), "makefile");
  const args = [makefile, ...NAMES.map(release.binary)];
  const script = `make -j4 -f ${args.join(" ")} >/dev/null & make -j4 -f ${args.join(" ")} >/dev/null; first=$?; wait $! && exit $first`;
  expect(spawnSync("sh", ["-c", script], { env: env() }).status).toBe(0);
  const clean = imitated("release");
  clean.make();
  expect(results(release)).toEqual(results(clean));
});
