// The SDK's own MQTT client (examples/io/tcp/mqttclient), over plain TCP: what session does.

import TCP from "embedded:io/socket/tcp";
import MQTTClient from "embedded:network/mqtt/client";
import { CLIENT_ID, PAYLOAD_BYTES, PORT, SUBSCRIPTIONS, TOPIC } from "../publish";
import { report } from "../report";

/** No name to look up, as there is none for session. */
class NoDns {
  resolve({ host, onResolved }) {
    onResolved(host, host);
  }
}

export default function main() {
  report("boot", true);
  new MQTTClient({
    host: "127.0.0.1",
    port: PORT,
    id: CLIENT_ID,
    clean: false,
    keepAlive: 60_000,
    dns: { io: NoDns },
    socket: { io: TCP },
    onControl({ operation }) {
      if (operation === MQTTClient.CONNACK)
        this.write(null, {
          operation: MQTTClient.SUBSCRIBE,
          items: SUBSCRIPTIONS.map((topic) => ({ topic, QoS: 1 })),
        });
      else if (operation === MQTTClient.SUBACK) {
        report("online", true);
        this.write(new ArrayBuffer(PAYLOAD_BYTES), { topic: TOPIC, QoS: 1, id: 7 });
      } else if (operation === MQTTClient.PUBACK) report("published", true);
    },
  });
}
