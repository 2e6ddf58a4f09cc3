export { default } from "sim/sdk/udp";
