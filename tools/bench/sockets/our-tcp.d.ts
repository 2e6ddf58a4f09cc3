/** Of modules/sockets, where `embedded:io/socket/tcp` is the SDK's. */
export { default } from "embedded:io/socket/tcp";
