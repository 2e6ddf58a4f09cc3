export { default } from "sim/sdk/tcp";
