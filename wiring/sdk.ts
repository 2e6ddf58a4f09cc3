import Listener from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import UDP from "embedded:io/socket/udp";
import KeyValueStorage from "embedded:storage/key-value";
import type { CommandStore } from "../modules/commands/command-memory";
import type { ErasableStore } from "../modules/device/factory-reset";
import type { UdpClass } from "../modules/network/udp";
import type { UdpServerClass } from "../provisioning/captive/captive-dns";
import type { AcceptedTcpClass, ListenerClass } from "../provisioning/http-server";

// What the SDK gives, by the narrow interfaces of those who use it: its typings are older than its modules, so this is
// the one place that says what it is without the compiler's word.

export const udp = UDP as unknown as UdpClass & UdpServerClass;
export const listener = Listener as unknown as ListenerClass;
export const tcp = TCP as unknown as AcceptedTcpClass;

export const openTexts = (path: string): CommandStore & ErasableStore =>
  KeyValueStorage.open({ path, mode: "r+", format: "string" }) as unknown as CommandStore & ErasableStore;
