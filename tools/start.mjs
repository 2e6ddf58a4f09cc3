// `npm start`: the simulator. See `npm start -- --help`.
import { existsSync } from "node:fs";

const OLDEST_NODE = 20;
const needed = ["node_modules/esbuild", "mqtt/codec/mqtt-packet.js"];

if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
  console.error(`aerolink: Node ${OLDEST_NODE} or newer is needed; this is ${process.versions.node}`);
  process.exitCode = 2;
} else if (!needed.every((path) => existsSync(new URL(`../${path}`, import.meta.url)))) {
  console.error("aerolink: `npm ci` comes first");
  process.exitCode = 2;
} else {
  const { runTs } = await import("./run-ts.mjs");
  const { main } = await runTs("sim/cli/main.ts");
  process.exitCode = await main(process.argv.slice(2));
}
