// Makes one module of all that are preloaded and ours. XS keeps for each module a record, its exports and their names,
// and for each name that it takes from another an entry more; docs/xs.md has what that comes to.
import { Edits } from "../shrink/syntax.mjs";
import { bundle, printed } from "./bundle.mjs";
import { groupOf } from "./members.mjs";

/**
 * @param {{ own: { name: string, file: string, code: string }[], readers: { name: string, file: string, code: string }[], preloads: string[] }} build
 * @returns {Promise<{ carrier: string, members: string[], codes: Map<string, string> } | undefined>} `codes`: of the
 *   carrier, and of modules outside that import from members; undefined: there is nothing to make one of
 */
export async function hoist({ own, readers, preloads }) {
  const group = groupOf(own, readers, preloads);
  if (!group) return undefined;
  const { carrier, members, program } = group;
  const outside = program.own.filter(({ name }) => !members.includes(name));
  const given = new Given(program, carrier);
  const isMember = new Set(members);
  const codes = new Map();
  for (const module of outside) {
    const code = redirected(module, isMember, given);
    if (code !== module.code) codes.set(module.name, code);
  }
  const codeOf = (name) => program.modules.get(name).code;
  const text = await bundle({ members, codeOf, exports: given.all });
  codes.set(
    carrier,
    await printed(
      carrier,
      text,
      [...readers, ...outside].map(({ code }) => code),
    ),
  );
  return { carrier, members, codes };
}

/** What the one module gives, under names that are there once. */
export class Given {
  #names = new Map();
  #taken = new Set();

  constructor(program, carrier) {
    this.carrier = carrier;
    for (const name of program.modules.get(carrier).exports.keys()) this.nameOf(carrier, name);
  }

  /** @returns the name under which the one module gives what `from` gives as `name` */
  nameOf(from, name) {
    const key = JSON.stringify([from, name]);
    const known = this.#names.get(key);
    if (known) return known.as;
    let as = name;
    for (let i = 2; this.#taken.has(as) || (as === "default" && this.#taken.size > 0); i++)
      as = `${name}${i}`;
    this.#taken.add(as);
    this.#names.set(key, { from, name, as });
    return as;
  }

  get all() {
    return [...this.#names.values()];
  }
}

/** The text of a module that is none of them, with its imports from them made imports from the one. */
function redirected(module, members, given) {
  const edits = new Edits(module.code);
  for (const node of module.tree.body) {
    const target = node.source && module.resolve(node.source.value)?.name;
    // Of the carrier all may be asked for: it keeps its name, and its names.
    if (!members.has(target) || isOfAll(node)) continue;
    const specifiers = node.specifiers.map((each) => specifierOf(each, target, given));
    const keyword = node.type === "ImportDeclaration" ? "import" : "export";
    const names = specifiers.length > 0 ? `{ ${specifiers.join(", ")} } from ` : "";
    edits.replace(node, `${keyword} ${names}${JSON.stringify(given.carrier)};`);
  }
  return edits.toString();
}

function isOfAll({ type, specifiers }) {
  return (
    type === "ExportAllDeclaration" || specifiers.some((each) => each.type === "ImportNamespaceSpecifier")
  );
}

function specifierOf({ type, imported, local, exported }, target, given) {
  if (type === "ExportSpecifier") return `${given.nameOf(target, textOf(local))} as ${textOf(exported)}`;
  const name = type === "ImportDefaultSpecifier" ? "default" : textOf(imported);
  return `${given.nameOf(target, name)} as ${local.name}`;
}

function textOf(node) {
  return node.name ?? String(node.value);
}
