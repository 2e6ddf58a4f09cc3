// node tools/bench/setup-page.mjs: the figures of docs/benchmarks.md, "Setup page".
import { runTs } from "../base/run-ts.mjs";

await runTs("tools/bench/setup-page.ts");
