import { runTs } from "../base/run-ts.mjs";

const { main } = await runTs("tools/release/cli.ts");
process.exitCode = await main(process.argv.slice(2));
