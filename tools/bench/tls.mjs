// node tools/bench/tls.mjs [time|instructions|sdk] prints the TLS figures of docs/benchmarks.md, or one part of them.
import { runTs } from "../base/run-ts.mjs";

const PARTS = {
  time: "tools/bench/tls/bench.ts",
  instructions: "tools/bench/tls/instructions.ts",
  sdk: "tools/bench/tls/sdk-bench.ts",
};

const wanted = process.argv[2];
if (wanted && !Object.hasOwn(PARTS, wanted)) {
  console.error(`bench-tls: ${wanted} is none of ${Object.keys(PARTS).join(", ")}`);
  process.exit(1);
}
for (const entry of wanted ? [PARTS[wanted]] : Object.values(PARTS)) {
  const { main } = await runTs(entry);
  await main();
}
