// The whole firmware, with figures of its heap on request.

import main from "../../../../main";
import { report } from "../report";

main();
report("boot", true);
