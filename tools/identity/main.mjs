import { runTs } from "../base/run-ts.mjs";

const { main } = await runTs("tools/identity/cli.ts");
process.exitCode = await main(process.argv.slice(2));
