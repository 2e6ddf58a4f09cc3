/** The computer's TCP (modules/sockets), where `embedded:io/socket/tcp` is the simulated world's. */
export { default } from "embedded:io/socket/tcp";
