// `./machine` of the modules that sim/sdk shares with the Moddable simulator.
export { requireMachine } from "sim/moddable/modules/machine";
