// `npm start`: the simulator. See `npm start -- --help`.
import { runTs } from "./run-ts.mjs";

const { main } = await runTs("sim/cli/main.ts");
process.exitCode = await main(process.argv.slice(2));
