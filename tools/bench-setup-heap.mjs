// node tools/bench-setup-heap.mjs: the XS heap of setup mode, docs/benchmarks.md, "Setup page". Needs a Moddable SDK.
import { runTs } from "./run-ts.mjs";

await runTs("tools/bench-setup-heap.ts");
