// `npm run cloud`: the cloud's side on the command line. See `npm run cloud -- --help`.
import { runTs } from "../base/run-ts.mjs";

const { main } = await runTs("tools/cloud/cli.ts");
process.exitCode = await main(process.argv.slice(2));
