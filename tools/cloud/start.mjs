// `npm run cloud:serve`: the cloud side. See `npm run cloud:serve -- --help`.
import { runTs } from "../base/run-ts.mjs";

const { main } = await runTs("tools/cloud/serve.ts");
process.exitCode = await main(process.argv.slice(2));
