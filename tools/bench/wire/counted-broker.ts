import { type AddressInfo, connect, createServer } from "node:net";
import { parseIdentity } from "../../../modules/identity/identity";
import { Broker } from "../../../sim/world/broker";
import { ensureDevelopmentPki } from "../../pki/development";
import { formatPem } from "../../pki/pem";

const MAC = "02:00:5e:10:20:30";

/** A client's certificate and key, and whom it trusts; PEM, as Node and MQTT.js take them. */
export interface Credentials {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface CountedBroker {
  readonly port: number;
  readonly deviceId: string;
  readonly credentials: Credentials;
  /** Bytes that TCP has carried since the last call, both ways: TLS and MQTT overhead in, TCP and IP headers not. */
  take(): { up: number; down: number };
  close(): Promise<void>;
}

/** aedes behind mutual TLS (sim/world/broker.ts) on loopback, and before it a relay that counts. */
export async function countedBroker(folder: string): Promise<CountedBroker> {
  const pki = await ensureDevelopmentPki(folder, { mac: MAC });
  const identity = parseIdentity(pki.identity);
  if (typeof identity === "string") throw new Error(`identity: ${identity}`);
  const broker = await Broker.start({
    key: pki.broker.keyPem,
    certificateChain: pki.broker.certificatePem,
    deviceAuthority: pki.deviceAuthorityPem,
    operatorAuthority: pki.operatorAuthorityPem,
  });
  // Other firmwares' topics are not ours.
  broker.aedes.authorizePublish = (_client, _packet, done) => done(null);
  let up = 0;
  let down = 0;
  const relay = createServer((device) => {
    const server = connect({ port: broker.port!, host: "127.0.0.1", noDelay: true });
    device.setNoDelay(true);
    device.on("data", (bytes) => {
      up += bytes.length;
      server.write(bytes);
    });
    server.on("data", (bytes) => {
      down += bytes.length;
      device.write(bytes);
    });
    for (const [from, to] of [
      [device, server],
      [server, device],
    ] as const) {
      from.on("close", () => to.destroy());
      from.on("error", () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  return {
    port: (relay.address() as AddressInfo).port,
    deviceId: identity.deviceId,
    credentials: {
      ca: pki.authorityPem,
      cert: identity.certificateChain.map((each) => formatPem("CERTIFICATE", each)).join(""),
      key: formatPem("PRIVATE KEY", identity.privateKey!),
    },
    take() {
      const taken = { up, down };
      up = 0;
      down = 0;
      return taken;
    },
    async close() {
      relay.close();
      await broker.close();
    },
  };
}
