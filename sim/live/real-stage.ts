import type { TLSSocket } from "node:tls";
import { Simulator, type SimulatorOptions } from "../simulator/simulator";
import type { TlsFacts } from "./protocol";
import type { Stage, StageEvents } from "./stage";

/** The simulator as a stage. Its clock is the wall's and never stands. */
export async function openRealStage(
  options: StageEvents &
    Pick<
      SimulatorOptions,
      | "fresh"
      | "folder"
      | "routers"
      | "networks"
      | "settings"
      | "broker"
      | "brokerPort"
      | "hardware"
      | "model"
    >,
): Promise<{ stage: Stage; simulator: Simulator }> {
  const simulator = await Simulator.create(options);
  const { broker, deviceId } = simulator;
  let tls: TlsFacts | undefined;
  broker?.aedes.on("client", (client) => {
    if (client.id === deviceId) tls = factsOf(client.conn as unknown as Partial<TLSSocket>);
  });
  broker?.aedes.on("clientDisconnect", (client) => {
    if (client.id === deviceId) tls = undefined;
  });
  const stage: Stage = {
    mode: "real",
    world: simulator.world,
    led: simulator.led,
    get unixMs() {
      return Date.now();
    },
    get tls() {
      return tls;
    },
    get broker() {
      return broker && broker.port !== undefined;
    },
    async setBroker(on) {
      tls = undefined;
      await (on ? broker?.start() : broker?.stop());
    },
    renew: () => simulator.renew(),
    tell: (networks) => simulator.tell(networks),
    publish: (topic, payload, how) => simulator.publish(topic, payload, how),
    putImage: async (image) => {
      await simulator.updates.store.add(image);
    },
    identity: simulator.identityOfCloud,
    run() {},
    pause() {},
    close: () => simulator.close(),
  };
  return { stage, simulator };
}

function factsOf(socket: Partial<TLSSocket>): TlsFacts | undefined {
  const protocol = socket.getProtocol?.();
  const subject = socket.getPeerCertificate?.()?.subject;
  if (!protocol || !subject) return undefined;
  return {
    protocol,
    cipher: socket.getCipher!().standardName,
    clientCertificate: String(subject.CN),
  };
}
