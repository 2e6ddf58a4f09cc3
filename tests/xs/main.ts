import commands from "./commands";
import flash from "./contract/flash";
import keyValue from "./contract/key-value";
import { serialOver } from "./contract/serial";
import tcp from "./contract/tcp";
import text from "./contract/text";
import timers from "./contract/timers";
import udp from "./contract/udp";
import credentials from "./credentials";
import factoryReset from "./factory-reset";
import identity from "./identity";
import journal from "./journal";
import namesAndTime from "./names-and-time";
import parsers from "./parsers";
import portal from "./portal";
import portalServer from "./portal-server";
import openPtyLine from "./pty-line";
import publisher from "./publisher";
import { Runner } from "./runner";
import selfTest from "./self-test";
import sensor from "./sensor";
import session from "./session";
import settings from "./settings";
import signed from "./signed";
import simulatorStorage from "./simulator-storage";
import slots from "./slots";
import status from "./status";
import telemetry from "./telemetry";

/** The simulator's screen, which the headless host (tools/xs/host) stands in for. */
declare const screen: { postMessage(message: string): void; onMessage?: (line: string) => void };

export default function main(): void {
  // Called by the engine with what ends it (manifest: defines.xs.abortHook).
  Object.assign(globalThis, {
    abort: (reason: string, exception: unknown) => screen.postMessage(`# ${reason}: ${exception}`),
  });
  const runner = new Runner({
    print: (line) => screen.postMessage(line),
    onStart: (name) => screen.postMessage(`?${name}`),
    onEnd: (passed) => screen.postMessage(`!${passed ? 0 : 1}`),
  });
  runner.add("timers", timers);
  runner.add("text", text);
  runner.add("key-value", keyValue);
  runner.add("flash", flash);
  runner.add("tcp", tcp);
  runner.add("udp", udp);
  runner.add("serial", serialOver(openPtyLine));
  runner.add("signatures", signed);
  runner.add("credentials", credentials);
  runner.add("slots in files", slots);
  runner.add("storage of the simulator", simulatorStorage);
  runner.add("names and time", namesAndTime);
  runner.add("telemetry", telemetry);
  runner.add("journal", journal);
  runner.add("publisher", publisher);
  runner.add("identity", identity);
  runner.add("self-test", selfTest);
  runner.add("sensor", sensor);
  runner.add("parsers", parsers);
  runner.add("MQTT session", session);
  runner.add("commands", commands);
  runner.add("setup page", portal);
  runner.add("setup page's servers", portalServer);
  runner.add("settings", settings);
  runner.add("factory reset", factoryReset);
  runner.add("status machine", status);
  // The first line of the standard input: part of a test's name, or nothing for all.
  screen.onMessage = (only) => runner.run(only);
}
