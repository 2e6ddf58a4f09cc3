// The whole firmware, with figures of its heap on request.
import { report } from "../report";
import "../../../main";

report("boot", true);
