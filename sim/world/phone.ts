import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { TcpCallbacks, TcpLink } from "../sdk/machine";
import { parseLocalRequest } from "./local-request";
import type { Scheduler } from "./scheduler";
import { type FromDevice, TCP_WINDOW, type ToDevice } from "./wire";

/** The device's access point as it is on the air. */
export interface SeenAccessPoint {
  readonly ssid: string;
  readonly password?: string;
  channel: number;
  readonly address: string;
}

/** Ids of connections that phones open: beyond those that the board's own stack counts up to. */
export const FIRST_PHONE_ID = 1_000_000_000;
/** What a phone needs to notice that its access point has moved to another channel, and to find it again. */
export const MOVE_MS = 3_000;

/**
 * The phones in the room: what they see of the device's access point. The first joins when it first connects; `serve`
 * gives a browser on this computer the same view, on loopback.
 */
export class Phone {
  /** Called when the access point appears, moves or goes. */
  onAccessPoint: (accessPoint: SeenAccessPoint | undefined) => void = () => {};
  #scheduler: Scheduler;
  #send: (message: ToDevice) => void;
  #accessPoint: SeenAccessPoint | undefined;
  #associated = false;
  /** The access point is on another channel than the phone believes. */
  #moving: unknown;
  #listening = new Set<number>();
  #udpPorts = new Map<number, number>();
  #connections = new Map<number, TcpCallbacks>();
  #nextId = FIRST_PHONE_ID;
  #nextPort = 49_152;
  #answers = new Map<number, (bytes: Uint8Array) => void>();
  #server: Server | undefined;

  constructor(options: { scheduler: Scheduler; send(message: ToDevice): void }) {
    this.#scheduler = options.scheduler;
    this.#send = options.send;
  }

  get accessPoint(): SeenAccessPoint | undefined {
    return this.#accessPoint;
  }

  /** The phone's address in the device's subnet. */
  get address(): string {
    return (this.#accessPoint?.address ?? "0.0.0.0").replace(/\.\d+$/, ".2");
  }

  /** Joins the access point; false when there is none, or it has just moved. */
  join(): boolean {
    if (!this.#accessPoint || this.#moving !== undefined) return false;
    if (!this.#associated) {
      this.#associated = true;
      this.#send({ t: "ap-client", joined: true, mac: PHONE_MAC });
    }
    return true;
  }

  leave(): void {
    this.#drop();
    if (!this.#associated) return;
    this.#associated = false;
    this.#send({ t: "ap-client", joined: false, mac: PHONE_MAC });
  }

  /** Opens a TCP connection to the device; `undefined` when nothing is there. `from` is the sender's address. */
  connect(port: number, callbacks: TcpCallbacks, from = this.address): TcpLink | undefined {
    if (!this.join() || !this.#listening.has(port)) return undefined;
    const id = this.#nextId++;
    const remotePort = this.#freePort();
    this.#connections.set(id, callbacks);
    this.#send({ t: "tcp-incoming", id, port, address: from, remotePort });
    this.#send({ t: "tcp-opened", id, window: TCP_WINDOW });
    this.#scheduler.set(() => this.#connections.get(id)?.onOpen(TCP_WINDOW), 0);
    return {
      remoteAddress: this.#accessPoint!.address,
      remotePort: port,
      send: (bytes) => {
        if (this.#connections.has(id)) this.#send({ t: "tcp-data", id, bytes });
      },
      close: () => {
        if (this.#connections.delete(id)) this.#send({ t: "tcp-end", id });
      },
    };
  }

  /** Sends a datagram; `onAnswer` may come once, or not. */
  send(port: number, bytes: Uint8Array, onAnswer: (bytes: Uint8Array) => void, from = this.address): void {
    if (!this.join() || ![...this.#udpPorts.values()].includes(port)) return;
    const remotePort = this.#freePort();
    this.#answers.set(remotePort, onAnswer);
    this.#send({ t: "udp-data", port, bytes, address: from, remotePort });
  }

  take(message: FromDevice): boolean {
    switch (message.t) {
      case "ap-start": {
        const { t: _, ...accessPoint } = message;
        this.leave();
        this.#accessPoint = accessPoint;
        this.onAccessPoint(accessPoint);
        return true;
      }
      case "ap-stop":
        this.#gone();
        return true;
      case "tcp-listen":
        this.#listening.add(message.port);
        return true;
      case "tcp-unlisten":
        this.#listening.delete(message.port);
        return true;
      case "tcp-data": {
        const connection = this.#connections.get(message.id);
        if (message.id < FIRST_PHONE_ID) return false;
        connection?.onData(message.bytes);
        if (connection) this.#send({ t: "tcp-window", id: message.id, bytes: message.bytes.length });
        return true;
      }
      case "tcp-close": {
        if (message.id < FIRST_PHONE_ID) return false;
        const connection = this.#connections.get(message.id);
        this.#connections.delete(message.id);
        connection?.onEnd();
        return true;
      }
      case "udp-open":
        this.#udpPorts.set(message.id, message.port);
        return false;
      case "udp-close":
        this.#udpPorts.delete(message.id);
        return false;
      case "udp-send": {
        if (!this.#accessPoint || !message.address.startsWith(this.address.replace(/\d+$/, ""))) return false;
        const answer = this.#answers.get(message.port);
        this.#answers.delete(message.port);
        if (this.#udpPorts.get(message.id) === 53) answer?.(message.bytes);
        return true;
      }
      default:
        return false;
    }
  }

  /** The station of the board works on `channel` now: so does its access point, and phones have to find it again. */
  stationOn(channel: number): void {
    const accessPoint = this.#accessPoint;
    if (!accessPoint || accessPoint.channel === channel) return;
    accessPoint.channel = channel;
    this.leave();
    this.#scheduler.clear(this.#moving);
    this.#moving = this.#scheduler.set(() => {
      this.#moving = undefined;
    }, MOVE_MS);
    this.onAccessPoint(accessPoint);
  }

  /** The board lost power. */
  boardOff(): void {
    this.#listening.clear();
    this.#udpPorts.clear();
    this.#gone();
  }

  /**
   * The portal for a browser on this computer. What the browser takes for this computer's address and port is the
   * device's own to the firmware: `Host`, `Origin` and `Location` are translated, and nothing else is. Another host
   * comes to the firmware as it is: the captive DNS would have sent it there.
   */
  async serve(port = 0): Promise<string> {
    const server = createServer((request, response) => {
      // A browser that leaves while it is answered: "close" follows.
      response.on("error", () => {});
      const { port } = server.address() as AddressInfo;
      const asked = parseLocalRequest(request, port);
      // On its way elsewhere, as if the captive DNS had sent it here: the firmware shows it the way, and nothing else.
      const isPasser = "why" in asked && asked.status === 421 && request.method === "GET";
      if ("why" in asked && !isPasser) {
        response.writeHead(asked.status, { "content-type": "text/plain" }).end(`${asked.why}\n`);
        return;
      }
      const here = "why" in asked ? `127.0.0.1:${port}` : asked.host;
      const there = this.#accessPoint?.address ?? "";
      const translate = (text: string): string => text.replaceAll(`http://${here}`, `http://${there}`);
      let head = `${request.method} ${request.url} HTTP/1.1\r\n`;
      for (let i = 0; i < request.rawHeaders.length; i += 2) {
        const name = request.rawHeaders[i]!;
        const value = request.rawHeaders[i + 1]!;
        if (name.toLowerCase() === "connection") continue;
        head += `${name}: ${name.toLowerCase() === "host" && value === here ? there : translate(value)}\r\n`;
      }
      let answer = Buffer.alloc(0);
      let headSent = false;
      const link = this.connect(80, {
        onOpen: () => {},
        onWindow: () => {},
        onData: (bytes) => {
          answer = Buffer.concat([answer, bytes]);
          const end = headSent ? -1 : answer.indexOf("\r\n\r\n");
          if (!headSent && end < 0) {
            if (answer.length > LONGEST_HEAD) response.destroy();
            return;
          }
          if (!headSent) {
            const head = parseHead(answer.subarray(0, end).toString("latin1"));
            if (!head) {
              response.destroy();
              return;
            }
            const headers = head.headers.flatMap(([name, value]) => {
              if (name === "Connection") return [];
              // The simulator's page shows the portal in the frame of a phone; a real phone has no such page.
              const framed = value.replace(
                "frame-ancestors 'none'",
                "frame-ancestors http://127.0.0.1:* http://localhost:*",
              );
              return [name, framed.replaceAll(`http://${there}`, `http://${here}`)];
            });
            response.writeHead(head.status, headers);
            headSent = true;
            answer = answer.subarray(end + 4);
          }
          if (answer.length > 0) response.write(answer);
          answer = Buffer.alloc(0);
        },
        onEnd: () => {
          if (headSent) response.end();
          else response.destroy();
        },
      });
      if (!link) {
        response.destroy();
        return;
      }
      response.on("close", () => link.close());
      link.send(Buffer.from(`${head}\r\n`, "latin1"));
      request.on("data", (bytes) => link.send(new Uint8Array(bytes)));
    });
    server.keepAliveTimeout = 1;
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  #gone(): void {
    this.#drop();
    this.#associated = false;
    if (!this.#accessPoint) return;
    this.#accessPoint = undefined;
    this.onAccessPoint(undefined);
  }

  #drop(): void {
    const open = [...this.#connections.values()];
    // The device does not hear of it: its sockets stay open until their limits end them.
    this.#connections.clear();
    this.#answers.clear();
    for (const connection of open) connection.onEnd();
  }

  #freePort(): number {
    this.#nextPort = this.#nextPort >= 65_535 ? 49_152 : this.#nextPort + 1;
    return this.#nextPort;
  }
}

const PHONE_MAC = "02:00:5e:00:00:f0";

/** Of an answer: more than the firmware ever sends. */
const LONGEST_HEAD = 16_384;

/** The head of an answer: what Node would throw at is none. */
export function parseHead(
  text: string,
): { status: number; headers: (readonly [name: string, value: string])[] } | undefined {
  const [first, ...lines] = text.split("\r\n");
  const status = Number(/^HTTP\/1\.[01] ([2-5]\d\d)( |$)/.exec(first!)?.[1]);
  if (!status) return undefined;
  const headers: (readonly [string, string])[] = [];
  for (const line of lines) {
    const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
    if (name === undefined) return undefined;
    headers.push([name, value!]);
  }
  return { status, headers };
}
