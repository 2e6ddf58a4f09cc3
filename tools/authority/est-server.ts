import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { Connections } from "../base/connections";
import type { Issuer } from "./issuer";
import { LONGEST_REQUEST, REFUSALS, type RefusalReason } from "./messages";
import { formatCertificates } from "./pkcs7";

export interface EstServerOptions {
  /** PEM: of the server. */
  readonly key: string;
  readonly certificateChain: string;
  /** PEM: whoever they signed is a device. */
  readonly deviceAuthorities: string;
  /** The authority that signs and those above it, DER: `cacerts`. */
  readonly authorities: readonly Uint8Array[];
  readonly issuer: Issuer;
  /** Default: any. */
  readonly port?: number;
  /** Default: loopback. */
  readonly address?: string;
}

const BASE = "/.well-known/est";
const LIMIT_MS = 10_000;
const CONNECTIONS = 200;
const CERTIFICATES = "application/pkcs7-mime; smime-type=certs-only";

/** RFC 7030 knows success, "come back" and HTTP's own refusals. */
const STATUS: Record<RefusalReason, number> = {
  "unknown-device": 403,
  busy: 503,
  rate: 429,
  name: 400,
  key: 400,
  refused: 403,
};

/**
 * The issuer over EST (RFC 7030): `cacerts`, and `simplereenroll` for whoever shows the certificate that is to be renewed.
 * `simpleenroll` is not there: a device's first certificate is the factory's.
 */
export class EstServer {
  #server: Server;
  #connections: Connections;

  private constructor(server: Server) {
    this.#server = server;
    this.#connections = new Connections(server);
  }

  static async start(options: EstServerOptions): Promise<EstServer> {
    const { key, certificateChain, deviceAuthorities, port = 0, address = "127.0.0.1" } = options;
    const server = createServer(
      {
        ...{ key, cert: certificateChain, ca: deviceAuthorities, minVersion: "TLSv1.2" },
        // `cacerts` is for everybody (4.1.2); who asks for more must show who it is.
        ...{ requestCert: true, rejectUnauthorized: false },
        ...{ handshakeTimeout: LIMIT_MS, headersTimeout: LIMIT_MS, requestTimeout: LIMIT_MS },
        connectionsCheckingInterval: LIMIT_MS / 2,
      },
      (request, response) => void answer(options, request, response).catch(() => response.destroy()),
    );
    server.maxConnections = CONNECTIONS;
    server.on("tlsClientError", (_error, socket) => socket.destroy());
    const est = new EstServer(server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, address, resolve);
    });
    return est;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Cuts every connection. */
  async close(): Promise<void> {
    await this.#connections.close();
  }
}

async function answer(
  { authorities, issuer }: EstServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.on("error", () => {});
  const path = request.url ?? "";
  if (path === `${BASE}/cacerts`) {
    if (request.method !== "GET") return refuse(response, 405, "GET", { allow: "GET" });
    return sendCertificates(response, authorities);
  }
  if (path !== `${BASE}/simplereenroll`) return refuse(response, 404, "no such operation");
  if (request.method !== "POST") return refuse(response, 405, "POST", { allow: "POST" });
  const device = deviceOf(request);
  if (device === undefined) return refuse(response, 403, "the certificate that is to be renewed is needed");
  if (!/^application\/pkcs10\s*(;|$)/i.test(request.headers["content-type"] ?? ""))
    return refuse(response, 415, "application/pkcs10");
  const body = await read(request);
  if (body === undefined) return refuse(response, 413, "too long", { connection: "close" });
  const made = await issuer.renew(device, new Uint8Array(Buffer.from(body, "base64")), "est");
  if ("certificates" in made) return sendCertificates(response, made.certificates);
  const { error, retryAfterSeconds } = made;
  refuse(response, STATUS[error], `${error}: ${REFUSALS[error]}`, {
    ...(retryAfterSeconds !== undefined && { "retry-after": retryAfterSeconds }),
  });
}

/** Who shows a certificate that TLS has verified. */
function deviceOf({ socket }: IncomingMessage): string | undefined {
  const tls = socket as TLSSocket;
  const certificate = tls.authorized ? tls.getPeerX509Certificate() : undefined;
  return /^CN=(.*)$/m.exec(certificate?.subject ?? "")?.[1];
}

/** `undefined`: it is longer than a request can be. */
async function read(request: IncomingMessage): Promise<string | undefined> {
  let text = "";
  for await (const part of request) {
    text += (part as Buffer).toString("latin1");
    if (text.length > LONGEST_REQUEST) return undefined;
  }
  return text;
}

function sendCertificates(response: ServerResponse, certificates: readonly Uint8Array[]): void {
  const text = Buffer.from(formatCertificates(certificates)).toString("base64");
  response
    .writeHead(200, {
      "content-type": CERTIFICATES,
      "content-transfer-encoding": "base64",
      "content-length": text.length,
      "cache-control": "no-store",
    })
    .end(text);
}

function refuse(
  response: ServerResponse,
  status: number,
  why: string,
  headers: Record<string, string | number> = {},
): void {
  const text = `${why}\n`;
  response
    .writeHead(status, {
      ...headers,
      "content-type": "text/plain; charset=utf-8",
      "content-length": Buffer.byteLength(text),
      "cache-control": "no-store",
    })
    .end(text);
}
