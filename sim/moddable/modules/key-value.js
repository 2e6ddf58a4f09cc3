export { default } from "sim/sdk/key-value";
