// What of a build mcconfig's makefile says: what is preloaded, and which modules are linked.
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MARK = "# Aerolink: the modules that became one are left out of MODULES and PRELOADS.\n";
/** As mcconfig wrote it. */
const ORIGINAL = ".mcconfig";

const SHORTENER = fileURLToPath(new URL("../shorten.mjs", import.meta.url));
const BYTECODE = fileURLToPath(new URL("../bytecode/", import.meta.url));

/** Whether the makefile at `path` leaves out what became one module. */
export function isHoisted(path) {
  return existsSync(path) && readFileSync(path, "utf8").startsWith(MARK);
}

/** Names of the modules that are preloaded, in order, whether or not they are left out. */
export function preloadsOf(path) {
  return [...listOf(original(path), "PRELOADS").matchAll(/-p (\S+)\.xsb/g)].map(([, target]) =>
    nameOf(target),
  );
}

/** The JavaScript modules that it has compiled as they are: names and files. TypeScript's are not among them. */
export function scriptsOf(path) {
  const text = original(path);
  const variable = (name) => new RegExp(`^${name} = (.*)$`, "m").exec(text)?.[1] ?? "";
  const rules = text.matchAll(/^\$\(MODULES_DIR\)\/(\S+)\.xsb: (\S+\.m?js)$/gm);
  return [...rules]
    .map(([, target, file]) => ({
      name: nameOf(target),
      file: file.replace(/\$\((\w+)\)/g, (_, name) => variable(name)),
    }))
    .filter(({ file }) => existsSync(file) && !file.startsWith(`${variable("TMP_DIR")}/tsc/`));
}

/** Leaves `names` out of what make asks for and xsl links, and has what xsc makes of `one` made shorter. */
export function leaveOut(path, names, one) {
  if (!isHoisted(path)) copyFileSync(path, path + ORIGINAL);
  let text = original(path);
  const targets = new Set(names.map(targetOf));
  for (const list of ["MODULES", "PRELOADS"]) {
    const lines = listOf(text, list)
      .split("\\\n")
      .map((line) => line.trim())
      .filter((line) => line !== "" && !targets.has(line.replace(/^-p |^\$\(MODULES_DIR\)\//, "")));
    text = text.replace(pattern(list), () => `${list} =${lines.map((line) => `\\\n\t${line}`).join("")}\n`);
  }
  writeFileSync(path, MARK + (one === undefined ? text : withShortener(text, targetOf(one))));
}

/** After xsc, and again where what makes it shorter has changed. */
function withShortener(text, target) {
  const rule = new RegExp(`^(\\$\\(MODULES_DIR\\)/${escaped(target)}:.*)\n((?:\t.*\n)*\txsc .*\n)`, "m");
  const own = readdirSync(BYTECODE).map((name) => join(BYTECODE, name));
  const sources = [SHORTENER, ...own].map((file) => inMakefile(file).replace(/ /g, "\\ "));
  const call = `"${inMakefile(process.execPath)}" "${inMakefile(SHORTENER)}" $@`;
  return text.replace(rule, (_, head, recipe) => `${head} ${sources.join(" ")}\n${recipe}\t${call}\n`);
}

function inMakefile(file) {
  return file.replace(/\$/g, "$$$$");
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function original(path) {
  return readFileSync(isHoisted(path) ? path + ORIGINAL : path, "utf8");
}

function listOf(text, name) {
  return pattern(name).exec(text)?.[1] ?? "";
}

function pattern(name) {
  return new RegExp(`^${name} =((?:\\\\\\n[^\\\\\\n]*)*)\\n`, "m");
}

/** mcconfig's folder of "embedded:" is "~.embedded". */
function nameOf(target) {
  return target.replace(/^~\.([^/]+)\//, "$1:");
}

function targetOf(name) {
  return `${name.replace(/^([^/:]+):/, "~.$1/")}.xsb`;
}
