// npm run bench:cloud: how much the cloud side takes, and how fast it gives (docs/benchmarks.md). `-- load`, `-- drain`
// or `-- year` runs one part.
import { runTs } from "../base/run-ts.mjs";

const { main } = await runTs("tools/bench/cloud/main.ts");
process.exitCode = await main(process.argv.slice(2));
