// node tools/bench-tls.mjs prints the TLS figures of docs/benchmarks.md.
import { runTs } from "./run-ts.mjs";

for (const entry of ["tools/tls/bench.ts", "tools/tls/sdk-bench.ts"]) {
  const { main } = await runTs(entry);
  await main();
}
