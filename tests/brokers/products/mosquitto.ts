import { write, writeFleet } from "../files";
import { Leash } from "../leash";
import type { Product } from "../product";

export const MOSQUITTO: Product = {
  name: "mosquitto",
  packages: "mosquitto",
  needs: ["/usr/sbin/mosquitto"],
  versions: [4, 5],
  hasOperatorsPort: true,
  async prepare(setup) {
    const { pki, ports, folder } = setup;
    write(setup, "broker.pem", pki.broker.certificatePem);
    write(setup, "broker.key", pki.broker.keyPem);
    write(setup, "devices-ca.pem", pki.deviceAuthorityPem);
    write(setup, "operators-ca.pem", pki.operatorAuthorityPem);
    writeFleet(setup, "mosquitto-devices.acl", [["pattern write homeassistant/sensor/%u/+/config\n", ""]]);
    writeFleet(setup, "mosquitto-operators.acl", [["pattern read aerolink/v1/#", "pattern read #"]]);
    writeFleet(setup, "mosquitto.conf", [
      ["/etc/mosquitto/devices.acl", `${folder}/mosquitto-devices.acl`],
      ["/etc/mosquitto/operators.acl", `${folder}/mosquitto-operators.acl`],
      ["/etc/mosquitto/", `${folder}/`],
      ["/var/lib/mosquitto/", `${folder}/`],
      ["listener 8883", `listener ${ports.devices} 127.0.0.1`],
      ["listener 8884", `listener ${ports.operators} 127.0.0.1`],
      // Of the whole packet, and said to MQTT 5 clients; of the payload alone (message_size_limit) it is not said.
      ["message_size_limit 16384", `max_packet_size ${setup.maxPayloadBytes + 64}`],
    ]);
  },
  start: ({ folder }) => new Leash(MOSQUITTO.needs[0]!, ["-c", "mosquitto.conf"], { cwd: folder }),
};
