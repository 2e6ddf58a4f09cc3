import { X509Certificate } from "node:crypto";
import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { Aedes, type Client } from "aedes";
import { Connections } from "../../tools/base/connections";
import { mayConnectAs, mayPublish, maySubscribe, type Client as Peer } from "./access-rule";

export interface BrokerCredentials {
  /** PEM */
  readonly key: string;
  readonly certificateChain: string;
  /** Of devices, and of operators: a client's role is the one that signed it. */
  readonly deviceAuthority: string;
  readonly operatorAuthority: string;
}

/**
 * The cloud's MQTT broker: aedes behind mutual TLS on a loopback port. `stop` cuts every connection, as a crash
 * would; sessions and retained messages outlive it, as they would on a broker that keeps them on disk.
 */
export class Broker {
  readonly aedes: Aedes;
  /** User names and their passwords: whoever connects needs one of them beside a certificate. Absent: nobody does. */
  accounts: ReadonlyMap<string, string> | undefined;
  /** Who is shut out by the serial number of the certificate (lower case), whoever signed it. */
  denies: (serial: string) => boolean = () => false;
  #credentials: BrokerCredentials;
  /** `undefined` while stopped. */
  #open: Connections | undefined;
  #port = 0;

  private constructor(aedes: Aedes, credentials: BrokerCredentials) {
    this.aedes = aedes;
    this.#credentials = credentials;
  }

  /** @param port wanted; taken by another program, or absent: any */
  static async start(credentials: BrokerCredentials, port = 0): Promise<Broker> {
    const aedes = await Aedes.createBroker({ connectTimeout: 10_000 });
    const broker = new Broker(aedes, credentials);
    // One certificate, one device: the client id is the certificate's name. The cloud has as many as it likes.
    const known = new WeakMap<Client, Peer>();
    const authorities = {
      device: new X509Certificate(credentials.deviceAuthority),
      operator: new X509Certificate(credentials.operatorAuthority),
    };
    aedes.authenticate = (client, username, password, done) => {
      const peer = peerOf(client, authorities);
      // Kept: a will is published when the socket is gone.
      if (peer) known.set(client, peer);
      const { accounts } = broker;
      const isKnown = !accounts || (password && accounts.get(username ?? "") === password.toString());
      const refuse = (returnCode: 4 | 5): void =>
        done(Object.assign(new Error("not authorised"), { returnCode }), false);
      if (!isKnown) refuse(4);
      else if (peer && mayConnectAs(peer, client.id) && !broker.denies(serialOf(client))) done(null, true);
      else refuse(5);
    };
    // 3.1.1 has no refusal of a message: the connection ends [MQTT-3.3.5-2]. A will comes here as well.
    aedes.authorizePublish = (client, packet, done) =>
      done(
        client && !mayPublish(known.get(client) ?? NOBODY, packet.topic) ? new Error("not authorised") : null,
      );
    aedes.authorizeSubscribe = (client, subscription, done) =>
      done(
        null,
        client && maySubscribe(known.get(client) ?? NOBODY, subscription.topic) ? subscription : null,
      );
    broker.#port = port;
    await broker.start().catch((error: NodeJS.ErrnoException) => {
      if (port === 0 || error.code !== "EADDRINUSE") throw error;
      broker.#port = 0;
      return broker.start();
    });
    return broker;
  }

  /** Loopback port; the same over stop and start. `undefined` while stopped. */
  get port(): number | undefined {
    return this.#open ? this.#port : undefined;
  }

  /** Shows another certificate from now on, and ends every connection. */
  async show(server: Pick<BrokerCredentials, "key" | "certificateChain">): Promise<void> {
    this.#credentials = { ...this.#credentials, ...server };
    await this.stop();
    await this.start();
  }

  async start(): Promise<void> {
    if (this.#open) return;
    const server = createServer(
      {
        key: this.#credentials.key,
        cert: this.#credentials.certificateChain,
        ca: [this.#credentials.deviceAuthority, this.#credentials.operatorAuthority],
        requestCert: true,
        rejectUnauthorized: true,
        minVersion: "TLSv1.2",
      },
      (socket) => {
        socket.on("error", () => socket.destroy());
        this.aedes.handle(socket);
      },
    );
    const open = new Connections(server);
    server.on("tlsClientError", (_error, socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#port, "127.0.0.1", resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#open = open;
  }

  async stop(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.close();
  }

  async close(): Promise<void> {
    await this.stop();
    await new Promise<void>((resolve) => this.aedes.close(resolve));
  }
}

const NOBODY: Peer = { role: "device", name: "" };

const serialOf = (client: Client): string =>
  (client.conn as Partial<TLSSocket>).getPeerX509Certificate?.()?.serialNumber.toLowerCase() ?? "";

/** Who the client is; TLS has verified that one of the authorities signed it. One that both signed is a device. */
function peerOf(client: Client, authorities: Record<Peer["role"], X509Certificate>): Peer | undefined {
  const certificate = (client.conn as Partial<TLSSocket>).getPeerX509Certificate?.();
  if (!certificate) return undefined;
  const role = (["device", "operator"] as const).find((who) =>
    certificate.verify(authorities[who].publicKey),
  );
  const name = /^CN=(.*)$/m.exec(certificate.subject)?.[1];
  return role && name ? { role, name } : undefined;
}
