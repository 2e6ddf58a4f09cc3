// npm run link:esp32 [-- target [selftest]]: compiles, preloads and XS-links the firmware for each ESP32 target without the IDF, prints what
// it takes in flash and RAM, and fails when that is over budget or not what the manifests ask for. C is not compiled.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { SCRIPT, scriptArgs } from "../base/command.mjs";
import { takeFolder } from "../base/lock.mjs";
import { BUILD, ROOT, sdkOrSkip } from "../base/sdk.mjs";
import { keysBelow, leaksIn } from "../test/secrets.mjs";
import { sizesOf } from "../xs/compile/bring-up-to-date.mjs";
import { BUDGETS, checkBuild, measure, unexplained } from "../xs/link.mjs";
import { boardOptions, boardTargets, chipOf, platformArgument } from "./boards.mjs";
import { optionsWith, readOptions } from "./build.mjs";
import { budgetLines, estimatedJavaScript, WEIGHED_CHIP } from "./flash-budget.mjs";
import { textByRoom } from "./rooms.mjs";
import { COMPILER, hasCompiler, linkedJavaScript } from "./rv32.mjs";

const LANE = "link:esp32";
/** What else is linked of a target, beside the firmware: the self-test (selftest/), once, for the board with most parts. */
const SELF_TEST = " selftest";
const TARGETS = process.argv[2]
  ? [process.argv.slice(2, 4).join(" ")]
  : [...boardTargets(), `esp32/airgradient_one${SELF_TEST}`];
const AT_ONCE = 2;
const MODULE_COMPILER = join(ROOT, "tools/xs/compile.mjs");
/** Any version of the IDF: its tools are not run. */
const IDF_VERSION = "v6.0";
/** Every private key on this computer that an image could have picked up. */
const KEYS = [join(ROOT, ".aerolink"), BUILD].flatMap(keysBelow);

const sdk = sdkOrSkip(LANE);
takeFolder(join(BUILD, "link"));
const manifest = JSON.parse(readFileSync(join(ROOT, "manifest.json"), "utf8"));
const waiting = [...TARGETS];
const results = [];
await Promise.all(Array.from({ length: AT_ONCE }, work));
report();

async function work() {
  for (let target = waiting.shift(); target; target = waiting.shift()) {
    results.push({ target, ...(await link(target)) });
  }
}

async function link(what) {
  const [target, kind = ""] = what.split(" ");
  const out = join(BUILD, "link", what.replace(/[/ ]/g, "-"));
  const noIdf = join(out, "no-idf");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(noIdf, { recursive: true });
  const over = boardOptions(target).map(readOptions);
  const env = {
    ...sdk.env,
    IDF_PATH: noIdf,
    ...(over.length > 0 && { SDKCONFIGPATH: optionsWith(over, join(out, "options")) }),
  };
  const arguments_ = ["-p", platformArgument(target), "-o", out, join(ROOT, kind, "manifest.json")];
  const configured = await run("mcconfig", arguments_, env);
  if (configured.status !== 0) return { faults: [configured.text] };
  const folder = findMakefile(out);
  const compiled = await run(process.execPath, [MODULE_COMPILER, "--all", join(folder, "modules")], env);
  if (compiled.status !== 0) return { faults: [compiled.text] };
  // What the IDF would configure is taken for done: the makefile wants it before it links JavaScript.
  const project = readdirSync(folder).find((name) => name.startsWith("xsProj-"));
  const made = await run(
    "make",
    [
      ...["-f", join(folder, "makefile"), `IDF_VERSION=${IDF_VERSION}`],
      ...["-o", join(folder, project, "build/config/sdkconfig.h")],
      ...[join(folder, "mc.xs.c"), join(folder, "mc.resources.c")],
    ],
    env,
  );
  if (made.status !== 0) return { faults: [made.text] };
  const warnings = unexplained(`${configured.text}\n${made.text}`);
  const figures = measure(readFileSync(join(folder, "mc.xs.c"), "utf8"));
  const leaks = leaksIn(out, KEYS).map((file) => `a private key in ${relative(out, file)}`);
  const faults = [
    ...checkBuild(folder, join(folder, project), manifest, figures, over),
    ...warnings,
    ...leaks,
  ];
  return { figures, faults, folder };
}

/** mcconfig names folders after the platform, the kind of build and the repository's folder. */
function findMakefile(folder) {
  if (existsSync(join(folder, "makefile"))) return folder;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const found =
      entry.isDirectory() &&
      entry.name !== "modules" &&
      entry.name !== "options" &&
      findMakefile(join(folder, entry.name));
    if (found) return found;
  }
  return undefined;
}

function run(command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, scriptArgs(args), {
      ...SCRIPT,
      cwd: ROOT,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    child.stdout.on("data", (chunk) => (text += chunk));
    child.stderr.on("data", (chunk) => (text += chunk));
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, text: text.split("\n").filter(isNews).join("\n") }));
  });
}

/** Not one of the lines "# tsc …", "# xsc …" that say what is being built; warnings of mcconfig are. */
function isNews(line) {
  return line !== "" && (!line.startsWith("# ") || line.startsWith("# warning"));
}

function report() {
  results.sort((a, b) => TARGETS.indexOf(a.target) - TARGETS.indexOf(b.target));
  const rows = [["target", "bytecode", "text", "ROM slots", "keys", "JS in flash", "alias RAM"]];
  for (const { target, figures } of results) {
    if (!figures) continue;
    const { bytecode, text, slots, keys, flash, alias } = figures;
    rows.push(
      [target, bytecode, text, slots, keys, `${(flash / 1024).toFixed(1)} KB`, `${alias} B`].map(String),
    );
  }
  rows.push(["budget", "", "", "", "", "below", `${BUDGETS.alias} B`]);
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows) {
    console.log(
      row.map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[0]))).join("  "),
    );
  }
  // The table of the fullest is shown, and of the chip without a make where that is all that was linked.
  const weighed = results
    .filter(
      ({ target, figures }) => figures && !target.endsWith(SELF_TEST) && chipOf(target) === WEIGHED_CHIP,
    )
    .map((result) => ({ ...result, js: javaScriptOf(result) }))
    .sort((a, b) => b.js - a.js);
  for (const { target, js, faults } of weighed) {
    const { faults: over, free } = budgetLines({ js });
    console.log(`${target}: ${(js / 1024).toFixed(1)} KiB of JavaScript in flash, ${free} free in the slot`);
    faults.push(...over);
  }
  if (weighed[0]) show(weighed[0]);
  // The targets share most of what can be wrong with them: said once.
  const faults = new Map();
  for (const { target, faults: lines } of results) {
    for (const line of lines) faults.set(line, [...(faults.get(line) ?? []), target]);
  }
  for (const [line, targets] of faults) {
    console.error(`${targets.length === TARGETS.length ? "all targets" : targets.join(", ")}: ${line}`);
  }
  if (faults.size) process.exit(1);
}

/** Bytes that the JavaScript takes in the image. */
function javaScriptOf({ folder, figures }) {
  return hasCompiler() ? linkedJavaScript(folder, sdk.root) : estimatedJavaScript(figures.flash);
}

/** Prints who takes what of the flash. */
function show({ target, folder, js }) {
  console.log(`\n${budgetLines({ js }, undefined, target).lines.join("\n")}`);
  if (!hasCompiler()) console.log(`JavaScript is estimated, not linked: no ${COMPILER} with picolibc`);
  const rooms = textByRoom(sizesOf(join(folder, "modules"))).map(([room, size]) => `${room} ${size}`);
  console.log(`characters of JavaScript, before it becomes one module: ${rooms.join(", ")}`);
}
