import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { type AddressList, callerAddress, strangerOf } from "../access/addresses";
import type { Principal } from "../access/principal";
import type { Admission } from "./admission";
import { readBody } from "./http/body";
import { HSTS, SAFE_HEADERS } from "./http/headers";
import type { Operation } from "./http/operation";
import { Problem, type ProblemName, problemReply, refusalReply } from "./http/problem";
import type { RateLimit } from "./http/rate-limit";
import type { Reply } from "./http/reply";
import { type Route, Routes } from "./http/routes";
import { send } from "./http/send";

export interface ApiServerOptions {
  readonly operations: readonly Operation[];
  readonly admission: Admission;
  readonly rateLimit: RateLimit;
  /** Whose X-Forwarded-For counts. */
  readonly proxies: AddressList;
  /** The address that clients know. */
  readonly publicUrl: string;
  /** Absent: plain HTTP, for loopback or behind a proxy that speaks TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Default: 10 s for the head of a request, 30 s for all of it, 400 connections of one address. */
  readonly limits?: { readonly headMs?: number; readonly requestMs?: number; readonly ofOnePeer?: number };
  log(line: string): void;
}

const LONGEST_URL = 8_192;
const HEAD_MS = 10_000;
const REQUEST_MS = 30_000;
/** Nothing read and nothing written for so long: whoever it was is gone. */
const IDLE_MS = 120_000;
const CONNECTIONS = 4_000;
/** As many as some offices have behind one address. */
const OF_ONE_PEER = 400;

export class ApiServer {
  #options: ApiServerOptions;
  #routes: Routes;
  #peers = new Map<string, number>();
  #server: Server;
  #headers: Readonly<Record<string, string>>;

  constructor(options: ApiServerOptions) {
    this.#options = options;
    this.#routes = new Routes(options.operations);
    this.#headers = options.publicUrl.startsWith("https:") ? { ...SAFE_HEADERS, ...HSTS } : SAFE_HEADERS;
    const listener: RequestListener = (request, response) => void this.#take(request, response);
    const { headMs = HEAD_MS, requestMs = REQUEST_MS, ofOnePeer = OF_ONE_PEER } = options.limits ?? {};
    const limits = {
      headersTimeout: headMs,
      requestTimeout: requestMs,
      // Node looks every 30 s of itself: whoever sends a letter a second would have that long.
      connectionsCheckingInterval: Math.ceil(headMs / 5),
    };
    this.#server = options.tls
      ? createTlsServer(
          { ...options.tls, ...limits, minVersion: "TLSv1.2", handshakeTimeout: headMs },
          listener,
        )
      : createServer(limits, listener);
    this.#server.timeout = IDLE_MS;
    this.#server.maxConnections = CONNECTIONS;
    this.#server.on("connection", (socket: Socket) => this.#count(socket, ofOnePeer));
  }

  /** A stranger who opens connections and says nothing must leave some for others. All of a proxy's come from it. */
  #count(socket: Socket, most: number): void {
    const { remoteAddress = "" } = socket;
    if (this.#options.proxies.has(remoteAddress)) return;
    const peer = strangerOf(remoteAddress);
    const open = (this.#peers.get(peer) ?? 0) + 1;
    this.#peers.set(peer, open);
    socket.once("close", () => {
      const left = this.#peers.get(peer)! - 1;
      if (left > 0) this.#peers.set(peer, left);
      else this.#peers.delete(peer);
    });
    if (open > most) socket.destroy();
  }

  listen(port: number, address: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, address, () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  /** Nothing that happens to one request reaches another, or the process. */
  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const start = performance.now();
    const { method = "GET", headers } = request;
    const said: { operation?: string; who?: string } = {};
    let reply: Reply;
    let done = (): void => {};
    try {
      const answer = await this.#answer(request, said);
      reply = answer.reply;
      done = answer.done;
    } catch (error) {
      reply = this.#failed(error);
    }
    const options = {
      headers: this.#headers,
      isHead: method === "HEAD",
      accepts: headers["accept-encoding"] as string | undefined,
    };
    try {
      await send(response, reply, options);
    } catch (error) {
      if (!response.headersSent)
        await send(response, this.#failed(error), options).catch(() => response.destroy());
      else {
        response.destroy();
        if (!isGone(error)) this.#options.log(`failed while sending: ${told(error)}`);
      }
    } finally {
      done();
      // What was not read of a body must not be taken for the next request.
      if (!request.complete) request.destroy();
    }
    const ms = Math.round(performance.now() - start);
    // The operation and not the address: an address may have anything in it.
    this.#options.log(
      `${method} ${said.operation ?? "-"} ${response.statusCode} ${ms} ms ${said.who ?? "-"}`,
    );
  }

  async #answer(
    request: IncomingMessage,
    said: { operation?: string; who?: string },
  ): Promise<{ reply: Reply; done(): void }> {
    const { method = "GET", url: target = "/", headers } = request;
    const { admission, rateLimit, proxies, publicUrl } = this.#options;
    const nothing = (): void => {};
    const peer = request.socket.remoteAddress ?? "";
    const address = callerAddress(peer, headerText(headers["x-forwarded-for"]), proxies);
    if (target.length > LONGEST_URL) return { reply: problemReply("too-long"), done: nothing };
    const url = new URL(target.startsWith("/") ? `${publicUrl}${target}` : publicUrl);
    const found = this.#routes.find(method, target.startsWith("/") ? target.split("?")[0]! : "");
    const operation = "route" in found ? found.route.operation : undefined;
    if (operation) said.operation = operation.id;
    let principal: Principal | undefined;
    if (operation && operation.needs !== "open") {
      const admitted = await admission.admit({ method, headers, address, peer });
      if ("refused" in admitted)
        return { reply: this.#limited(address, refusalReply(admitted)), done: nothing };
      principal = admitted;
      said.who = `${principal.kind} ${JSON.stringify(principal.id)}`;
    }
    const caller = principal ? `${principal.account} ${principal.id}` : strangerOf(address);
    const { isAllowed, reason, headers: limits } = rateLimit.begin(caller);
    if (!isAllowed) return { reply: problemReply(reason!, { headers: limits }), done: nothing };
    const done = (): void => rateLimit.end(caller);
    try {
      const reply =
        "route" in found
          ? await this.#run(request, url, found.route, found.path, principal, address)
          : this.#nothing(found.allow);
      return { reply: { ...reply, headers: { ...limits, ...reply.headers } }, done };
    } catch (error) {
      return { reply: this.#failed(error, limits), done };
    }
  }

  async #run(
    request: IncomingMessage,
    url: URL,
    { operation, check }: Route,
    path: Readonly<Record<string, string>>,
    principal: Principal | undefined,
    address: string,
  ): Promise<Reply> {
    if (
      principal &&
      operation.needs !== "known" &&
      operation.needs !== "open" &&
      !principal.scopes.has(operation.needs)
    )
      return refusalReply({ refused: "scope" });
    check.path(path);
    const query = check.query(url.searchParams);
    const text = await readBody(request, operation);
    return operation.run({
      path,
      query,
      body: text === undefined ? undefined : check.body(text),
      principal: principal ?? NOBODY,
      address,
      headers: request.headers,
      url,
    });
  }

  /** Who is refused is counted by address, so that tokens are not tried out. */
  #limited(address: string, refusal: Reply): Reply {
    const stranger = strangerOf(address);
    const { isAllowed, reason, headers } = this.#options.rateLimit.begin(stranger);
    if (!isAllowed) return problemReply(reason!, { headers });
    this.#options.rateLimit.end(stranger);
    return { ...refusal, headers: { ...headers, ...refusal.headers } };
  }

  #nothing(allow: readonly string[]): Reply {
    return allow.length === 0
      ? problemReply("not-found")
      : problemReply("method", { headers: { Allow: allow.join(", ") } });
  }

  #failed(error: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
    if (error instanceof Problem)
      return problemReply(error.problem satisfies ProblemName, {
        ...error.extras,
        headers: { ...headers, ...error.extras.headers },
      });
    this.#options.log(`failed: ${told(error)}`);
    return problemReply("failed", { headers });
  }
}

/** Of an operation that is open to anybody: it sees no account. */
const NOBODY: Principal = { kind: "client", id: "", account: "", scopes: new Set() };

const headerText = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(", ") : value;

const told = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

/** The caller has closed the connection. */
const isGone = (error: unknown): boolean =>
  ["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET", "EPIPE", "ERR_STREAM_UNABLE_TO_PIPE"].includes(
    (error as { code?: string }).code ?? "",
  );
