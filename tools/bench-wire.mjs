// node tools/bench-wire.mjs [part …] prints the tables under "Journal and wire" of docs/benchmarks.md. Parts: wire,
// drain, wear, back; without any, all of them (some three minutes).
import { runTs } from "./run-ts.mjs";

const { main } = await runTs("tools/wire/bench.ts");
await main(process.argv.slice(2));
