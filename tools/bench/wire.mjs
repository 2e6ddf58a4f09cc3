// node tools/bench/wire.mjs [part …] prints the tables under "Journal and wire" of docs/benchmarks.md. Parts: wire,
// drain, wear, back; without any, all of them (some three minutes).
import { runTs } from "../base/run-ts.mjs";

const { main } = await runTs("tools/bench/wire/bench.ts");
await main(process.argv.slice(2));
