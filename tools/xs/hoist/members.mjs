// Which modules of a build can become one: those that are preloaded, that others do not name, and that no module of
// others both needs and is needed by.
import { posix } from "node:path";
import { Program } from "../shrink/program.mjs";
import { walk } from "../shrink/syntax.mjs";

/**
 * @typedef {object} Group
 * @property {string} carrier the module in whose place the one module stands
 * @property {string[]} members in the order in which they are to be evaluated, what each needs aside; the carrier too
 * @property {Program} program our modules
 */

/**
 * @param {{ name: string, file: string, code: string }[]} own our modules, as they are to be
 * @param {{ name: string, file: string, code: string }[]} readers the build's other modules
 * @param {string[]} preloads names of all that is preloaded, in order
 * @returns {Group | undefined} undefined: there are no two
 */
export function groupOf(own, readers, preloads) {
  const program = new Program(own);
  const links = linksOf(program, readers);
  const named = new Set(readers.flatMap(({ name }) => [...links.get(name)]));
  const imported = new Set([...links.values()].flatMap((names) => [...names]));
  const preloaded = [...new Set(preloads)].filter((name) => program.modules.has(name));
  const isFree = (name) => imported.has(name) && !named.has(name) && !program.modules.get(name).isOpen;
  // What nobody imports is started by its name: of those the one that needs most keeps it.
  const needs = (name) => beyond(new Set([name]), links).size;
  const started = preloaded.filter((name) => !imported.has(name)).sort((a, b) => needs(b) - needs(a));
  const carrier = started[0] ?? preloaded.findLast(isFree);
  const members = new Set(preloaded.filter((name) => name === carrier || isFree(name)));
  while (members.size > 1) {
    const wanting = [...beyond(members, links)].flatMap((name) => [...links.get(name)]);
    const inCircle = wanting.filter((name) => members.has(name));
    if (inCircle.length === 0) return { carrier, members: [...members], program };
    for (const name of inCircle) members.delete(name);
    if (!members.has(carrier)) return undefined;
  }
  return undefined;
}

/** What each module imports, by name. Of a reader every text that is a module's name or path counts. */
function linksOf(program, readers) {
  const links = new Map();
  for (const module of program.modules.values())
    links.set(module.name, new Set(requestsOf(module).map((each) => resolved(module.name, each))));
  for (const { name, code } of readers) {
    const texts = [...code.matchAll(/(["'`])([^"'`\n]+)\1/g)].map(([, , text]) => resolved(name, text));
    links.set(name, new Set(texts));
  }
  for (const names of links.values()) for (const name of names) if (!links.has(name)) names.delete(name);
  return links;
}

function requestsOf({ tree }) {
  const found = tree.body.filter(({ source }) => source).map(({ source }) => source.value);
  walk(tree, ({ type, source }) => {
    if (type === "ImportExpression" && source.type === "Literal") found.push(String(source.value));
  });
  return found;
}

export function resolved(from, specifier) {
  const name = specifier.startsWith(".") ? posix.join(posix.dirname(from), specifier) : specifier;
  return name.replace(/\.m?[jt]s$/, "");
}

/** Modules that are not of `members` and that these need, directly or not. */
function beyond(members, links) {
  const found = new Set();
  const enter = (name) => {
    for (const next of links.get(name)) {
      if (members.has(next) || found.has(next)) continue;
      found.add(next);
      enter(next);
    }
  };
  for (const name of members) enter(name);
  return found;
}
