// npm run mutants: how many small faults in the code the tests notice (docs/mutation.md).
import { mutationLane } from "./lane.mjs";

process.exitCode = await mutationLane(process.argv.slice(2));
