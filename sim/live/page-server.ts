import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { formatLabel } from "../../tools/identity/label";
import { parseLocalRequest } from "../world/local-request";
import { parseAction } from "./actions";
import type { PageEvent } from "./protocol";
import type { Show } from "./show";

const ADDRESS = "127.0.0.1";
/** Where the page is when nobody asks for another port; the next free one of ten is taken. */
export const DEFAULT_PORT = 8420;
const PORTS_TRIED = 10;
const LONGEST_BODY = 8_192;
/** A page that does not read along is cut off; its browser asks again and gets what is kept. */
const MOST_UNREAD_BYTES = 4_000_000;

const TYPES: { readonly [extension: string]: string } = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

const HEADERS = {
  "content-security-policy":
    "default-src 'self'; frame-src http://127.0.0.1:* http://localhost:*; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

/** The page's files from elsewhere, as they stand now (tools/start/dev-page.mjs). */
export interface LivePage {
  answer(request: IncomingMessage, response: ServerResponse): void;
  close(): Promise<void>;
}

/** The port that was asked for is taken. */
export class PortTaken extends Error {}

/**
 * The simulator's page on loopback: its files, what happens as server-sent events (`/events`), what a person does
 * (`POST /act`). Whoever calls it by another name than 127.0.0.1 or localhost, or from another page, is refused.
 */
export class PageServer {
  #server: Server;
  #show: Show;
  #folder: string;
  #files = new Map<string, Buffer>();
  #live: LivePage | undefined;

  private constructor(show: Show, folder: string) {
    this.#show = show;
    this.#folder = folder;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /**
   * @param options.folder the built page
   * @param options.live in place of the folder
   * @param options.port only this one; absent: {@link DEFAULT_PORT} or the next free one; 0: any
   * @throws PortTaken
   */
  static async start(options: {
    show: Show;
    folder: string;
    port?: number;
    live?(server: Server): Promise<LivePage>;
  }): Promise<PageServer> {
    const page = new PageServer(options.show, options.folder);
    page.#live = await options.live?.(page.#server);
    const { port } = options;
    const ports =
      port === undefined ? Array.from({ length: PORTS_TRIED }, (_, i) => DEFAULT_PORT + i) : [port];
    for (const each of ports) if (await page.#listen(each)) return page;
    throw new PortTaken(
      port === undefined
        ? `ports ${DEFAULT_PORT} to ${DEFAULT_PORT + PORTS_TRIED - 1} are all in use; choose another with --port`
        : `port ${port} is in use; choose another with --port`,
    );
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://${ADDRESS}:${this.port}/`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await this.#live?.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #listen(port: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException): void => {
        if (error.code === "EADDRINUSE" || error.code === "EACCES") resolve(false);
        else reject(error);
      };
      this.#server.once("error", failed);
      this.#server.listen(port, ADDRESS, () => {
        this.#server.off("error", failed);
        resolve(true);
      });
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    // A browser that leaves while it is answered: "close" follows.
    response.on("error", () => {});
    const asked = parseLocalRequest(request, this.port);
    if ("why" in asked) return refuse(response, asked.status, asked.why);
    const { method, path } = asked;
    if (method === "POST" && path === "/act") {
      // A browser always names the page that a POST comes from.
      if (request.headers.origin === undefined) return refuse(response, 403, "not from this page");
      return this.#act(request, response);
    }
    if (method !== "GET") return refuse(response, 405, "GET, or POST /act");
    if (path === "/events") return this.#stream(response);
    if (path === "/label.svg") return this.#label(response);
    if (this.#live) return this.#live.answer(request, response);
    this.#file(path === "/" ? "/index.html" : path, response);
  }

  #act(request: IncomingMessage, response: ServerResponse): void {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (text: string) => {
      body += text;
      if (body.length > LONGEST_BODY) request.destroy();
    });
    request.on("end", async () => {
      const action = parseAction(body);
      if (!action) return refuse(response, 400, "not an action");
      try {
        const refusal = await this.#show.act(action);
        if (refusal !== undefined) return refuse(response, 409, refusal);
        response.writeHead(204, HEADERS).end();
      } catch (error) {
        refuse(response, 500, (error as Error).message);
      }
    });
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { ...HEADERS, "content-type": "text/event-stream" });
    const end = this.#show.subscribe((event: PageEvent) => {
      if (response.writableLength > MOST_UNREAD_BYTES) response.destroy();
      else response.write(`data: ${JSON.stringify(event)}\n\n`);
    });
    response.on("close", end);
  }

  #label(response: ServerResponse): void {
    const { id, mac, setupSsid, setupPassword } = this.#show.state.device;
    const label = formatLabel({
      product: "Aerolink simulator",
      deviceId: id,
      mac,
      ssid: setupSsid,
      password: setupPassword,
    });
    response.writeHead(200, { ...HEADERS, "content-type": TYPES[".svg"] }).end(label);
  }

  #file(path: string, response: ServerResponse): void {
    const type = TYPES[extname(path)];
    if (!type || !/^(\/[\w-][\w.-]*)+$/.test(path)) return refuse(response, 404, "no such file");
    let content = this.#files.get(path);
    if (!content) {
      try {
        content = readFileSync(join(this.#folder, path));
      } catch {
        return refuse(response, 404, "no such file");
      }
      this.#files.set(path, content);
    }
    response.writeHead(200, { ...HEADERS, "content-type": type }).end(content);
  }
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { ...HEADERS, "content-type": "text/plain; charset=utf-8" }).end(`${why}\n`);
}
