export { default } from "sim/sdk/flash";
