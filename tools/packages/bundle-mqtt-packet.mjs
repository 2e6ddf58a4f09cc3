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
import { shrink } from "../xs/shrink.mjs";

const codec = fileURLToPath(new URL("../../mqtt/codec/", import.meta.url));
const require = createRequire(import.meta.url);
const packageFolder = dirname(require.resolve("mqtt-packet/package.json"));
const constants = require("mqtt-packet/constants");

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
    [/constants\.requiredHeaderFlagsErrors\[cmdIndex\]/, '"Invalid header flag bits"'],
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
    // A first byte is made when it is written: tables of them are 88 buffers.
    [/protocol\.ACKS\[(\w+)\]\[(\w+)\]\[(\w+)\]\[0\]/, "firstByte($1, $2, $3, 0)"],
    [/protocol\.PUBLISH_HEADER\[(\w+)\]\[(.+?)\]\[(.+?)\]/, 'firstByte("publish", $1, $2, $3)'],
    [/protocol\.SUBSCRIBE_HEADER\[1\]\[(.+?)\]\[0\]/, 'firstByte("subscribe", 1, $1, 0)'],
    [
      /$/,
      `
      function firstByte(cmd, qos, dup, retain) {
        return Buffer.from([protocol.codes[cmd] << 4 | (dup ? 8 : 0) | qos << 1 | retain]);
      }
    `,
    ],
  ],
};

/** The tables that are looked up at run time. Of the reason codes only which there are, not their names. */
function constantsModule() {
  const { types, codes, properties, propertiesCodes, propertiesTypes } = constants;
  const { requiredHeaderFlags } = constants;
  const tables = { types, codes, properties, propertiesCodes, propertiesTypes, requiredHeaderFlags };
  for (const [name, table] of Object.entries(constants)) {
    if (!/^MQTT5_\w+_CODES$/.test(name)) continue;
    tables[name] = Object.fromEntries(Object.keys(table).map((code) => [code, 1]));
  }
  // Frozen to the last table: what is not costs a RAM slot each under preload.
  const frozen = Object.entries(tables).map(
    ([name, table]) => `${name}: Object.freeze(${JSON.stringify(table)})`,
  );
  return `export default Object.freeze({ ${frozen.join(", ")} });`;
}

/** A constant that is a number or a few bytes, as an expression. */
function withConstants(text) {
  return text.replace(
    /\b(?:constants|protocol)\.(EMPTY\[packet\.cmd\]|[A-Z]\w+)(\[\w+\])?/g,
    (whole, name, index = "") => {
      if (name.startsWith("EMPTY")) return "Buffer.from([protocol.codes[packet.cmd] << 4, 0])";
      const value = constants[name];
      if (typeof value === "number") return `${value}${index}`;
      if (Buffer.isBuffer(value)) return `Buffer.from(${JSON.stringify([...value])})`;
      if (Array.isArray(value) && typeof value[0] === "number") return `${JSON.stringify(value)}${index}`;
      return whole;
    },
  );
}

const STAND_INS = { buffer: "buffer.ts", bl: "bl.ts", events: "events.ts" };

function asModule(name, source) {
  if (name === "constants.js") return constantsModule();
  let text = source.replace(/^\s*debug\(.*\)$/gm, "").replace(/^const debug = .*$/m, "");
  for (const [find, replacement] of EDITS[name] ?? []) {
    if (!find.test(text)) throw new Error(`mqtt-packet/${name} has changed: ${find} matches nothing`);
    text = text.replace(find, replacement);
  }
  text = text.replace(/^const (\w+|\{ \w+ \}) = require\('([^']+)'\)$/gm, 'import $1 from "$2"');
  text = withConstants(text);
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
  // Private by habit; the parser looks these four up by name.
  mangleProps: /^_/,
  reserveProps: /^_(parseHeader|parseLength|parsePayload|newPacket)$/,
  external: ["text/encoder", "text/decoder"],
  plugins: [asModules],
});

// esbuild writes top-level constants as `var`, which XS would keep in RAM.
const text = await shrink({ source: outputFiles[0].text.replace(/^var /gm, "const ") });
const missing = /\b\w+_HEADER\b|\bACKS\b/.exec(text);
if (missing) throw new Error(`mqtt-packet has changed: it still uses ${missing[0]}`);
const banner = `// Made by tools/packages/bundle-mqtt-packet.mjs from mqtt-packet ${version}; do not edit.\n/*!\n${license.trim()}\n*/`;
await writeFile(join(codec, "mqtt-packet.js"), `${banner}\n${text}`);
