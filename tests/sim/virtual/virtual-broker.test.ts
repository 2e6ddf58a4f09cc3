import mqtt, { type Packet } from "mqtt-packet";
import { expect, test } from "vitest";
import { VirtualBroker } from "../../../sim/virtual/virtual-broker";
import { VirtualTime } from "../../../sim/virtual/virtual-time";

const SUBSCRIBE: Packet = {
  cmd: "subscribe",
  messageId: 1,
  subscriptions: [{ topic: "a/command", qos: 1 }],
};
const CONNECT: Packet = { cmd: "connect", clientId: "a", protocolVersion: 4, clean: false, keepalive: 60 };

test("What arrives while a crash ends the connection reaches no session, and the broker lives on", () => {
  const time = new VirtualTime();
  const broker = new VirtualBroker(time);
  let ended = false;
  const stream = broker.connect({
    onOpen: () => stream.send(new Uint8Array(mqtt.generate(CONNECT))),
    onData: () => {},
    onWindow: () => {},
    onEnd: () => {
      ended = true;
    },
  } as never);
  time.run(20);
  stream.send(new Uint8Array(mqtt.generate(SUBSCRIBE)));
  broker.crash({ forget: true });
  time.run(20);
  expect(ended).toBe(true);
  expect(broker.subscribedTopics).toEqual([]);
});
