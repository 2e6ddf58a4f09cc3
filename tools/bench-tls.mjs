// node tools/bench-tls.mjs prints the TLS figures of docs/benchmarks.md.
import { runTs } from "./run-ts.mjs";

const { main } = await runTs("tools/tls/bench.ts");
await main();
