// Many modules as one: Rolldown, which comes with Vite, puts them into one scope in the order of their evaluation.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { print } from "../shrink/print.mjs";
import { globalized } from "./globals.mjs";
import { resolved } from "./members.mjs";
import { respelled } from "./respell.mjs";

const require = createRequire(import.meta.url);
const fromVite = createRequire(require.resolve("vite/package.json"));

const ENTRY = "\0entry";
const OURS = "\0ours:";

/**
 * @param {{ members: string[], codeOf: (name: string) => string, exports: { from: string, name: string, as: string }[] }} what
 *   `exports`: what the one module gives to others
 * @returns {Promise<string>} its text; what is not of `members` is imported by its name
 */
export async function bundle({ members, codeOf, exports }) {
  const { rolldown } = await import(pathToFileURL(fromVite.resolve("rolldown")).href);
  const isMember = new Set(members);
  const entry = [
    ...members.map((name) => `import ${JSON.stringify(OURS + name)};`),
    ...exports.map(
      ({ from, name, as }) => `export { ${name} as ${as} } from ${JSON.stringify(OURS + from)};`,
    ),
  ].join("\n");
  const modules = {
    name: "modules",
    resolveId(specifier, importer) {
      if (specifier === ENTRY || specifier.startsWith(OURS)) return specifier;
      const name = resolved(importer.slice(OURS.length), specifier);
      return isMember.has(name) ? OURS + name : { id: name, external: true };
    },
    load: (id) => (id === ENTRY ? entry : codeOf(id.slice(OURS.length))),
  };
  const made = await rolldown({ input: ENTRY, treeshake: false, plugins: [modules], logLevel: "silent" });
  const { output } = await made.generate({ format: "esm" });
  await made.close();
  if (output.length !== 1) throw new Error(`one module became ${output.length}`);
  return output[0].code;
}

/**
 * What nobody needs any more taken away, and names and constants as XS has them cheapest.
 * `others`: the texts of other modules of the build, which may mean something by a name.
 */
export async function printed(name, text, others) {
  const code = await print(name, text);
  const words = new Set(others.flatMap((each) => each.match(/[\w$]+/g) ?? []));
  const properties = others.flatMap((each) =>
    [...each.matchAll(/\.([a-zA-Z_$][\w$]*)/g)].map(([, word]) => word),
  );
  return respelled(
    globalized(code, (word) => words.has(word)),
    properties,
  );
}
