export { default } from "sim/sdk/listener";
