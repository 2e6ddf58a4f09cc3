import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer, type SecureVersion } from "node:tls";
import { type Issued, pem } from "../../support/test-pki";
import { HOST } from "./pki";
import { startRelay, type Tampering } from "./relay";

/** A certificate and its key. */
export type Shown = Pick<Issued, "der" | "key">;

/** What waits at the other end of a case. A server that got through the handshake sends back what it receives. */
export type ServerPlan =
  | ({
      readonly kind: "tls";
      /** Leaf first; its key is the server's. */
      readonly chain: readonly Shown[];
      /** What it shows to whoever does not ask for our host's name; the same when not given. */
      readonly otherwise?: Shown;
      /** Groups for the key exchange. */
      readonly groups?: string;
      /** The only version that it speaks; TLS 1.2 when not given. */
      readonly version?: SecureVersion;
      readonly ciphers?: string;
      /** Protocols that it speaks by ALPN; it talks to nobody who agreed on none. */
      readonly alpn?: readonly string[];
      /** Demands no client certificate. */
      readonly open?: boolean;
    } & Tampering)
  | {
      /** Answers a ClientHello with these bytes, or with silence. */
      readonly kind: "raw";
      readonly answer?: ArrayLike<number>;
      readonly hangUp?: boolean;
    }
  /** OpenSSL's s_server, which tells a client by alert why its certificate is refused (node:tls does not). */
  | {
      readonly kind: "openssl";
      readonly chain: readonly Shown[];
      readonly version: "TLSv1.2" | "TLSv1.3";
      /** The longest record that it sends. */
      readonly recordBytes?: number;
    }
  /** Nobody listens. */
  | { readonly kind: "none" };

export interface RunningServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Reads the same from both ends, since s_server sends lines back reversed. */
export const PALINDROME = "rotator\n";

export const HAS_OPENSSL = spawnSync("openssl", ["version"]).status === 0;

export async function startServer(
  plan: ServerPlan,
  clientAuthorities: readonly Issued[],
): Promise<RunningServer> {
  if (plan.kind === "tls") return startTls(plan, clientAuthorities);
  if (plan.kind === "openssl") return startOpenSsl(plan, clientAuthorities);
  if (plan.kind === "raw") return listen(createTcpServer((socket) => answerRaw(socket, plan)));
  const unused = await listen(createTcpServer());
  await unused.close();
  return { port: unused.port, close: async () => {} };
}

async function startTls(plan: ServerPlan & { kind: "tls" }, clientAuthorities: readonly Issued[]) {
  const version = plan.version ?? "TLSv1.2";
  const ca = clientAuthorities.map(({ der }) => pem(der, "CERTIFICATE"));
  const own = { cert: pemChain(plan.chain), key: pem(plan.chain[0]!.key, "PRIVATE KEY") };
  const otherwise = plan.otherwise && {
    cert: pemChain([plan.otherwise]),
    key: pem(plan.otherwise.key, "PRIVATE KEY"),
  };
  const server = createTlsServer({
    ...(otherwise ?? own),
    ca,
    ...(plan.groups && { ecdhCurve: plan.groups }),
    ...(plan.alpn && { ALPNProtocols: [...plan.alpn] }),
    requestCert: !plan.open,
    rejectUnauthorized: !plan.open,
    minVersion: version,
    maxVersion: version,
    // Level 0: the server shows weak certificates without shame.
    ciphers: `${plan.ciphers ?? "DEFAULT"}:@SECLEVEL=0`,
  });
  if (otherwise) server.addContext(HOST, { ...own, ca });
  server.on("secureConnection", (socket) => {
    socket.on("error", () => {});
    if (plan.alpn && !socket.alpnProtocol) socket.destroy();
    else socket.pipe(socket);
  });
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  return startRelay(await listen(server), plan);
}

function answerRaw(socket: Socket, plan: ServerPlan & { kind: "raw" }): void {
  socket.on("error", () => {});
  socket.once("data", () => {
    if (plan.answer) socket.write(Uint8Array.from(plan.answer));
    if (plan.hangUp) socket.end();
  });
}

async function startOpenSsl(plan: ServerPlan & { kind: "openssl" }, clientAuthorities: readonly Issued[]) {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-tls-"));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const child = spawn("openssl", [
    ...["s_server", "-accept", "127.0.0.1:0", "-rev", plan.version === "TLSv1.2" ? "-tls1_2" : "-tls1_3"],
    ...["-cert", file("cert.pem", pemChain(plan.chain)), "-cert_chain", join(folder, "cert.pem")],
    ...["-key", file("key.pem", pem(plan.chain[0]!.key, "PRIVATE KEY"))],
    ...(plan.recordBytes ? ["-max_send_frag", String(plan.recordBytes)] : []),
    ...["-CAfile", file("ca.pem", pemChain(clientAuthorities)), "-Verify", "2", "-verify_return_error"],
  ]);
  let said = "";
  child.stderr.resume();
  child.stdout.setEncoding("utf8");
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.on("data", (text: string) => {
      said += text;
      const accept = /ACCEPT 127\.0\.0\.1:(\d+)/.exec(said);
      if (accept) resolve(Number(accept[1]));
    });
    child.on("exit", () => reject(new Error(`openssl s_server: ${said}`)));
  });
  return {
    port,
    close: async () => {
      child.kill();
      await once(child, "exit");
      rmSync(folder, { recursive: true });
    },
  };
}

/** A broker that demands a certificate; it speaks MQTT only. */
export async function startMosquitto(
  program: string,
  chain: readonly Issued[],
  clientAuthorities: readonly Issued[],
): Promise<RunningServer> {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-mosquitto-"));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o644 });
    return join(folder, name);
  };
  const { port, close } = await listen(createTcpServer());
  await close();
  const conf = [
    ...[`listener ${port} 127.0.0.1`, "allow_anonymous true", "require_certificate true"],
    ...[
      `cafile ${file("ca.pem", pemChain(clientAuthorities))}`,
      `certfile ${file("cert.pem", pemChain(chain))}`,
    ],
    `keyfile ${file("key.pem", pem(chain[0]!.key, "PRIVATE KEY"))}`,
    ...(process.getuid?.() === 0 ? ["user root"] : []),
  ];
  const child = spawn(program, ["-c", file("mosquitto.conf", `${conf.join("\n")}\n`)]);
  child.stdout.resume();
  await new Promise<void>((resolve, reject) => {
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.includes("running")) resolve();
    });
    child.on("exit", () => reject(new Error(`mosquitto: ${said}`)));
  });
  return {
    port,
    close: async () => {
      child.kill();
      await once(child, "exit");
      rmSync(folder, { recursive: true });
    },
  };
}

/** Listens on a free loopback port; `close` also ends every connection. */
export async function listen(server: Server): Promise<RunningServer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function pemChain(chain: readonly Pick<Issued, "der">[]): string {
  return chain.map(({ der }) => pem(der, "CERTIFICATE")).join("");
}
