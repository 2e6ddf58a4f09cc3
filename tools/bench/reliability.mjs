// `npm run bench:reliability [-- part …]`: measures and writes the tables of docs/reliability.md. Parts: matrix, pairs,
// soak, way-back, herd; without any, all of them (some 20 minutes).
import { runTs } from "../base/run-ts.mjs";

const { main } = await runTs("tools/bench/reliability/main.ts");
process.exitCode = await main(process.argv.slice(2));
