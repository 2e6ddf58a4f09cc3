// npm run replay -- FAULT [FAULT …] --seed N [--sensors one|four] | soak --seed N [--days N]: runs a fault of the virtual world,
// or a soak, once more from its seed, and prints what the firmware said (docs/debugging.md).
import { runTs } from "../base/run-ts.mjs";

const { main } = await runTs("tools/test/replay-fault.ts");
process.exitCode = await main(process.argv.slice(2), (line) => console.log(line));
