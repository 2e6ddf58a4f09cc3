// Bundles npm's mqtt-packet into mqtt/codec/mqtt-packet.js: one flat ES module that XS can preload into flash
// and that the host imports too. Run by `npm ci` (prepare); works offline.
//
// The sources are CommonJS and keep caches in module scope, which would be copied to RAM and grow there. The
// edits below make them modules without state; each must match, or the build stops: look again after an update.
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const codec = fileURLToPath(new URL("../mqtt/codec/", import.meta.url));
const packageFolder = dirname(createRequire(import.meta.url).resolve("mqtt-packet/package.json"));

/** What only a broker reads: unknown to the parser, as any other type that a broker may not send. */
function withoutParsing(cmd) {
  const method = `_parse${cmd[0].toUpperCase()}${cmd.slice(1)}`;
  return [
    [new RegExp(`^ +case '${cmd}':\\n +this\\.${method}\\(\\)\\n +break$`, "m"), ""],
    [new RegExp(`^ {2}${method} \\(\\) \\{[\\s\\S]*?^ {2}\\}$`, "m"), ""],
  ];
}

/** What only a broker writes, or what this device never does; the function goes with its only call. */
function withoutWriting(cmd) {
  return [new RegExp(`^ +case '${cmd}':\\n +return ${cmd}\\(.*\\)$`, "m"), ""];
}

/** @type {Record<string, [find: RegExp, replacement: string][]>} */
const EDITS = {
  "constants.js": [
    [/^const protocol = module\.exports$/m, "const protocol = {}\nexport default protocol"],
    [/^protocol\.UNSUBSCRIBE_HEADER = .*$/m, ""],
    [/^ {2}unsuback: genHeader\('unsuback'\),$/m, ""],
    // Frozen to the last table: what is not costs a RAM slot each under preload.
    [
      /\s*$(?!\n)/,
      `;
      (function freeze(table) {
        for (const key in table)
          if (typeof table[key] === "object" && !(table[key] instanceof Buffer)) freeze(table[key]);
        Object.freeze(table);
      })(protocol);
    `,
    ],
  ],
  "numbers.js": [
    [/^module\.exports = \{\n {2}cache,\n {2}generateCache,\n/m, "export default {\n"],
    [/^const max = 65536\nconst cache = \{\}$/m, ""],
    [/^const SubOk = .*$/m, ""],
    [/SubOk \? (.*) : .*$/m, "$1"],
    [/^function generateCache[\s\S]*?^\}$/m, ""],
  ],
  "packet.js": [[/^module\.exports = /m, "export default "]],
  "parser.js": [
    [/^module\.exports = /m, "export default "],
    ...["connect", "subscribe", "unsubscribe", "unsuback", "auth"].flatMap(withoutParsing),
  ],
  "writeToStream.js": [
    ...["connack", "suback", "unsubscribe", "unsuback", "auth"].map(withoutWriting),
    [/^module\.exports = /m, "export default "],
    // Streams of ours have no cork().
    [/^const nextTick = .*$/m, ""],
    [/^ {2}if \(stream\.cork\) \{[^}]*\}$/m, ""],
    [/^function uncork [^}]*\}$/m, ""],
    // No table of 65,536 numbers (`cacheNumbers`), and no switch for it.
    [/^const numCache = .*$/m, ""],
    [/^const generateCache = .*$/m, ""],
    [/^function writeNumberCached[\s\S]*?^\}$/m, ""],
    [/^let writeNumber = writeNumberCached$/m, "const writeNumber = writeNumberGenerated"],
    [/^let toGenerate = true$/m, ""],
    [/^ {2}if \(toGenerate\) \{[^}]*\}$/m, ""],
    [/^Object\.defineProperty\(generate, 'cacheNumbers', \{[\s\S]*?^\}\)$/m, ""],
    // No cache of encoded lengths.
    [
      /^ {2}let buffer = varByteIntCache\[num\]\n\n {2}if \(!buffer\) \{[^}]*?^ {2}\}$/m,
      "  const buffer = genBufVariableByteInt(num)",
    ],
  ],
};

const STAND_INS = { buffer: "buffer.ts", bl: "bl.ts", events: "events.ts" };

function asModule(name, source) {
  let text = source.replace(/^\s*debug\(.*\)$/gm, "").replace(/^const debug = .*$/m, "");
  for (const [find, replacement] of EDITS[name] ?? []) {
    if (!find.test(text)) throw new Error(`mqtt-packet/${name} has changed: ${find} matches nothing`);
    text = text.replace(find, replacement);
  }
  text = text.replace(/^const (\w+|\{ \w+ \}) = require\('([^']+)'\)$/gm, 'import $1 from "$2"');
  const left = /\brequire\(|\bmodule\.|\bdebug\(|^let /m.exec(text);
  if (left) throw new Error(`mqtt-packet/${name} has changed: "${left[0]}" is left`);
  return text;
}

const asModules = {
  name: "mqtt-packet as modules",
  setup(bundle) {
    bundle.onResolve({ filter: /^(buffer|bl|events)$/ }, ({ path }) => ({
      path: join(codec, "stand-ins", STAND_INS[path]),
    }));
    bundle.onLoad({ filter: /mqtt-packet[\\/]\w+\.js$/ }, async ({ path }) => ({
      contents: asModule(basename(path), await readFile(path, "utf8")),
    }));
  },
};

const { version } = JSON.parse(await readFile(join(packageFolder, "package.json"), "utf8"));
const license = await readFile(join(packageFolder, "LICENSE.md"), "utf8");

const { outputFiles } = await build({
  write: false,
  stdin: {
    contents: `export { default as Parser } from "./parser.js";
      export { default as writeToStream } from "./writeToStream.js";`,
    resolveDir: packageFolder,
  },
  bundle: true,
  format: "esm",
  target: "es2022",
  platform: "neutral",
  minifySyntax: true,
  external: ["text/encoder", "text/decoder"],
  plugins: [asModules],
  banner: {
    js: `// Made by tools/bundle-mqtt-packet.mjs from mqtt-packet ${version}; do not edit.\n/*!\n${license.trim()}\n*/`,
  },
});

// esbuild writes top-level constants as `var`, which XS would keep in RAM.
const text = outputFiles[0].text.replace(/^var /gm, "const ");
await writeFile(join(codec, "mqtt-packet.js"), text);
