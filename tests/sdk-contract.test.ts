// What sim/sdk owes the firmware: the tests that the SDK itself passes on XS (npm run test:xs).
import { runSuite } from "./support/contract";
import text from "./xs/contract/text";
import timers from "./xs/contract/timers";

runSuite("timer and time", timers);
runSuite("text encoding", text);
