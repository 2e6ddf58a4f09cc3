import { vi } from "vitest";
import { silentLogger } from "../../modules/base/logger";
import {
  type DroppedMessage,
  MqttSession,
  type SessionFailure,
  type SessionOptions,
} from "../../mqtt/session";
import { MemoryWire, type MemoryWireOptions } from "../support/memory-socket";
import { type Script, ScriptedBroker } from "../support/scripted-broker";

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (payload: Uint8Array): string => new TextDecoder().decode(payload);

/** A session on the fake clock whose callbacks are kept. */
export function startSession(options: Partial<SessionOptions> = {}) {
  const ups: boolean[] = [];
  const downs: SessionFailure[] = [];
  const messages: { topic: string; payload: string; retain: boolean; dup: boolean }[] = [];
  const drops: DroppedMessage[] = [];
  let drains = 0;
  const session = new MqttSession({
    logger: silentLogger,
    clientId: "aerolink-1",
    onUp: ({ sessionPresent }) => ups.push(sessionPresent),
    onDown: (reason) => downs.push(reason),
    onMessage: (topic, payload, flags) => messages.push({ topic, payload: text(payload), ...flags }),
    onDropped: (drop) => drops.push(drop),
    onDrain: () => {
      drains++;
    },
    ...options,
  });
  const dial = (script: Script = {}, wireOptions: MemoryWireOptions = {}) => {
    const wire = new MemoryWire(wireOptions);
    const broker = new ScriptedBroker(wire.peer, { version: options.protocolVersion ?? 4, ...script });
    session.connect(wire.open);
    return { wire, broker };
  };
  return {
    session,
    ups,
    downs,
    messages,
    drops,
    get drains() {
      return drains;
    },
    /** Starts an attempt over a new wire. */
    dial,
    /** As `dial`, until the CONNACK was taken. */
    async connect(script: Script = {}, wireOptions: MemoryWireOptions = {}) {
      const dialled = dial(script, wireOptions);
      await pass(100);
      return dialled;
    },
    publish(topic: string, payload = "x", qos: 0 | 1 = 1) {
      const outcomes: string[] = [];
      const taken = session.publish({ topic, payload: bytes(payload), qos }, (outcome) =>
        outcomes.push(outcome),
      );
      return { taken, outcomes };
    },
  };
}

/** Lets milliseconds pass on the fake clock. */
export const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

export const fakeClock = (): void => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
};
