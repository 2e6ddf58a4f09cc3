// Our MQTT session alone, over plain TCP: what sdk-client does.

import TCP from "embedded:io/socket/tcp";
import { silentLogger } from "../../../../modules/base/logger";
import type { Socket, SocketCallbacks } from "../../../../modules/network/socket";
import { MqttSession } from "../../../../mqtt/session";
import { CLIENT_ID, PAYLOAD_BYTES, PORT, SUBSCRIPTIONS, TOPIC } from "../publish";
import { report } from "../report";

/** The SDK's TCP does not read more than is there. */
function openTcp(callbacks: SocketCallbacks): Socket {
  let waiting = 0;
  const socket = new TCP({
    address: "127.0.0.1",
    port: PORT,
    onReadable: (bytes) => {
      waiting = bytes;
      callbacks.onReadable(bytes);
    },
    onWritable: (bytes) => callbacks.onWritable(bytes),
    onError: () => callbacks.onError("closed"),
  });
  return {
    read: (most = waiting) => {
      const count = Math.min(most, waiting);
      waiting -= count;
      return count === 0 ? undefined : (socket.read(count) as ArrayBuffer);
    },
    write: (bytes) => void socket.write(bytes),
    close: () => (socket as TCP & { close(): void }).close(),
  };
}

export default function main(): void {
  report("boot", true);
  const session = new MqttSession({
    logger: silentLogger,
    clientId: CLIENT_ID,
    keepAliveSeconds: 60,
    subscriptions: SUBSCRIPTIONS.map((topic) => ({ topic, qos: 1 as const })),
    onUp: () => {
      report("online", true);
      const message = {
        topic: TOPIC,
        payload: new Uint8Array(PAYLOAD_BYTES),
        qos: 1,
        retain: false,
      } as const;
      session.publish(message, () => report("published", true));
    },
  });
  session.connect(openTcp);
}
