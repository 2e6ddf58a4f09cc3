// All modules of a build, and what they take from each other.
import { posix } from "node:path";
import { analyze, namesIn } from "./scope.mjs";
import { lineAt, parse, Refusal, walk } from "./syntax.mjs";

/**
 * @typedef {object} Source
 * @property {string} name what others import it as: "modules/clock"
 * @property {string} file for messages
 * @property {string} code JavaScript
 * @property {string} [typescript] what `code` was compiled from: it tells which members are private
 * @property {boolean} [isReader] not to be made smaller: only what it imports is of interest
 * @property {(line: number) => number} [sourceLine] the line of `file` that a line of `code` comes from
 */

export class Program {
  /** @param {Source[]} sources */
  constructor(sources) {
    this.modules = new Map();
    for (const source of sources) this.modules.set(source.name, new Module(source, this));
    for (const module of this.modules.values()) module.readImports();
    this.cycles = cyclesOf([...this.modules.values()]);
  }

  /** Those that are made smaller. */
  get own() {
    return [...this.modules.values()].filter(({ isReader }) => !isReader);
  }

  /** Whether evaluating one may have to wait for the other, whichever comes first. */
  areInCycle(one, other) {
    const cycle = this.cycles.get(one);
    return cycle !== undefined && cycle === this.cycles.get(other);
  }
}

class Module {
  /** Names that this module takes from other modules of the program. */
  imports = new Map();
  /** What it gives: `local` is a name of its own, `from` another module. */
  exports = new Map();
  /** Modules that it imports, in order. */
  requested = [];
  /** Whether anything outside the program may take any of its exports. */
  isOpen = false;

  constructor(source, program) {
    this.name = source.name;
    this.file = source.file;
    this.code = source.code;
    this.typescript = source.typescript;
    this.isReader = source.isReader ?? false;
    /** TypeScript has checked that it uses what it imports as what it is. */
    this.isTyped = source.typescript !== undefined || /\.[cm]?ts$/.test(source.file);
    this.sourceLine = source.sourceLine ?? ((line) => line);
    this.program = program;
    if (this.isReader) {
      this.tree = this.#readForeign();
      return;
    }
    this.tree = parse(`${source.name}.js`, source.code);
    this.scope = analyze(this.tree);
    const [call] = this.scope.evals;
    if (call) this.refuse(call, "eval may name anything");
  }

  /** XS's own syntax (`@ "native"`) is none of ECMAScript's: of such a module every word may mean anything. */
  #readForeign() {
    try {
      return parse(this.file, this.code);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.words = new Set(this.code.match(/[\w$]+/g));
      return { type: "Program", body: [] };
    }
  }

  /** Ends the build, naming the place. */
  refuse(node, reason) {
    const line = this.sourceLine(lineAt(this.code, node.start));
    throw new Refusal(`${this.file}:${line}: ${reason}`);
  }

  /** Names of files have characters that are none of words: "flash-journal". */
  #says(name) {
    return name.split(/[^\w$]/).every((word) => word === "" || this.words.has(word));
  }

  resolve(specifier) {
    const name = specifier.startsWith(".") ? posix.join(posix.dirname(this.name), specifier) : specifier;
    return this.program.modules.get(name.replace(/\.m?[jt]s$/, ""));
  }

  readImports() {
    for (const [name, module] of this.words ? this.program.modules : [])
      if (this.#says(posix.basename(name))) module.isOpen = true;
    const request = ({ value }) => {
      const module = this.resolve(value);
      if (module && !this.requested.includes(module)) this.requested.push(module);
      return module;
    };
    for (const node of this.tree.body) {
      if (node.type === "ImportDeclaration" && node.importKind !== "type") {
        const from = request(node.source);
        for (const specifier of node.specifiers) this.#readImport(specifier, node, from);
      } else if (node.type === "ExportAllDeclaration") {
        const from = request(node.source);
        if (from) from.isOpen = true;
      } else if (node.type === "ExportNamedDeclaration" && node.source) {
        const from = request(node.source);
        for (const { local, exported } of node.specifiers)
          this.exports.set(nameOf(exported), { from, name: nameOf(local), declaration: node });
      } else if (node.type === "ExportNamedDeclaration") this.#readExport(node);
      else if (node.type === "ExportDefaultDeclaration") this.exports.set("default", { declaration: node });
    }
    walk(this.tree, (node, _parent, key) => {
      // A worker, or what else is started by its name.
      const isText = node.type === "Literal" && typeof node.value === "string" && key !== "source";
      if (isText && this.program.modules.has(node.value)) this.program.modules.get(node.value).isOpen = true;
      if (node.type !== "ImportExpression") return;
      if (node.source.type === "Literal") {
        const module = this.resolve(String(node.source.value));
        if (module) module.isOpen = true;
      } else if (!this.isReader || !this.isTyped)
        for (const module of this.program.modules.values()) module.isOpen = true;
    });
  }

  #readImport(specifier, declaration, from) {
    if (!from || specifier.importKind === "type") return;
    if (specifier.type === "ImportNamespaceSpecifier") from.isOpen = true;
    else {
      const name = specifier.type === "ImportDefaultSpecifier" ? "default" : nameOf(specifier.imported);
      this.imports.set(specifier.local.name, { from, name, specifier, declaration });
    }
  }

  #readExport(node) {
    for (const specifier of node.specifiers)
      this.exports.set(nameOf(specifier.exported), {
        local: nameOf(specifier.local),
        specifier,
        declaration: node,
      });
    const { declaration } = node;
    if (!declaration) return;
    const names = declaration.id
      ? [declaration.id.name]
      : declaration.declarations.flatMap(({ id }) => [...namesIn(id)]);
    for (const name of names) this.exports.set(name, { local: name, declaration: node });
  }

  /**
   * Where a name at this module's top level is declared, through imports and re-exports.
   * @returns {{ module: Module, binding: import("./scope.mjs").Binding } | undefined} undefined when that is outside
   *   of the program, or no name of its own
   */
  origin(local, seen = new Set()) {
    const key = `${this.name} ${local}`;
    if (this.isReader || seen.has(key)) return undefined;
    seen.add(key);
    const binding = this.scope.top.get(local);
    if (binding?.kind !== "import") return binding && { module: this, binding };
    const taken = this.imports.get(local);
    return taken?.from.exportOrigin(taken.name, seen);
  }

  exportOrigin(name, seen = new Set()) {
    const given = this.exports.get(name);
    if (given?.from) return given.from.exportOrigin(given.name, seen);
    return given?.local === undefined ? undefined : this.origin(given.local, seen);
  }
}

function nameOf(node) {
  return node.name ?? String(node.value);
}

/** Modules that import each other, directly or not: each with a number that is that of its group (Tarjan). */
function cyclesOf(modules) {
  const index = new Map();
  const low = new Map();
  const stack = [];
  const groups = new Map();
  const enter = (module) => {
    index.set(module, index.size);
    low.set(module, index.get(module));
    stack.push(module);
    for (const next of module.requested) {
      if (!index.has(next)) {
        enter(next);
        low.set(module, Math.min(low.get(module), low.get(next)));
      } else if (stack.includes(next)) low.set(module, Math.min(low.get(module), index.get(next)));
    }
    if (low.get(module) !== index.get(module)) return;
    const group = stack.splice(stack.indexOf(module));
    if (group.length > 1 || module.requested.includes(module))
      for (const each of group) groups.set(each, index.get(module));
  };
  for (const module of modules) if (!index.has(module)) enter(module);
  return groups;
}
