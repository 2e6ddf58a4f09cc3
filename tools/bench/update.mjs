// npm run bench:update: an image over a slow link, by the device's client and by curl (docs/benchmarks.md).
import { runTs } from "../base/run-ts.mjs";

const { main } = await runTs("tools/bench/update.ts");
process.exitCode = await main();
