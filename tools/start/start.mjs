// `npm start`: the simulator. See `npm start -- --help`.
import { existsSync } from "node:fs";
import { isNodeFit, NODE_WANTED } from "../base/node-version.mjs";

const needed = ["node_modules/esbuild", "mqtt/codec/mqtt-packet.js"];
/** What a folder says that takes no files. */
const READ_ONLY = ["EACCES", "EPERM", "EROFS"];
/** Longer than anything of ours takes to end: what then still holds the process is a socket to somebody who is silent. */
const LAST_MS = 1_000;

if (!isNodeFit(process.versions.node)) {
  refuse(`Node ${NODE_WANTED} is needed; this is ${process.versions.node}`);
} else if (!needed.every((path) => existsSync(new URL(`../../${path}`, import.meta.url)))) {
  refuse("`npm ci` comes first");
} else {
  try {
    const { runTs } = await import("../base/run-ts.mjs");
    const { main } = await runTs("sim/cli/main.ts");
    process.exitCode = await main(process.argv.slice(2));
    setTimeout(() => process.exit(), LAST_MS).unref();
  } catch (error) {
    if (!READ_ONLY.includes(error.code)) throw error;
    refuse(`${error.path} cannot be written: the simulator needs a copy of the project that is yours`);
  }
}

function refuse(why) {
  console.error(`aerolink: ${why}`);
  process.exitCode = 2;
}
