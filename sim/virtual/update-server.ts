import type { TcpCallbacks } from "../sdk/machine";
import type { TcpService } from "../world/gateway";
import type { Scheduler } from "../world/scheduler";
import { TCP_WINDOW } from "../world/wire";
import type { StandInLink } from "./tls-stand-in";
import { type Answer, answerTo, type ImageRequest, parseRequest, type ServerLie } from "./update-answers";

/** One way between the board's stack and the server. */
const LATENCY_MS = 20;
/** What one TLS record carries here. */
const RECORD_BYTES = 1_400;
/** 1 Mbit/s */
const BYTES_PER_SECOND = 125_000;

/** What can be made to go wrong. Read at each step, so a change acts at once. */
export interface UpdateFaults {
  lie?: ServerLie;
  /** Default: 125,000. */
  bytesPerSecond?: number;
  /** The connection ends when so many records of an answer have been sent. */
  diesAtRecord?: number;
  /** Every connection is refused. */
  down?: boolean;
}

export interface Served {
  readonly request: ImageRequest;
  readonly status: number;
}

/** The cloud's port 443 on virtual time: images by hash, a range at a time. In front of it stands the TLS stand-in. */
export class UpdateServer implements TcpService {
  readonly faults: UpdateFaults = {};
  /** By the SHA-256 of the image, hexadecimal. */
  readonly images = new Map<string, Uint8Array>();
  /** What was asked for, and how it was answered; the last thousand. */
  readonly served: Served[] = [];
  /** Bytes of images that went out. */
  sentBytes = 0;
  /** TLS openings, those of the device's check of its way to the internet too. */
  connects = 0;
  #time: Scheduler;

  constructor(time: Scheduler) {
    this.#time = time;
  }

  connect(callbacks: TcpCallbacks): StandInLink {
    this.connects++;
    const connection = new Connection(this.#time, callbacks, this);
    return connection.link;
  }
}

class Connection {
  readonly link: StandInLink;
  #time: Scheduler;
  #callbacks: TcpCallbacks;
  #server: UpdateServer;
  #heard = "";
  #hasCertificate = false;
  #isOpen = true;
  #isAnswering = false;

  constructor(time: Scheduler, callbacks: TcpCallbacks, server: UpdateServer) {
    this.#time = time;
    this.#callbacks = callbacks;
    this.#server = server;
    time.set(() => {
      if (!this.#isOpen) return;
      if (server.faults.down) this.#end();
      else callbacks.onOpen(TCP_WINDOW);
    }, LATENCY_MS);
    this.link = {
      remoteAddress: "",
      remotePort: 0,
      onHello: (hasCertificate) => {
        this.#hasCertificate = hasCertificate;
      },
      send: (bytes) => {
        time.set(() => this.#hear(bytes), LATENCY_MS);
      },
      close: () => {
        this.#isOpen = false;
      },
    };
  }

  #hear(bytes: Uint8Array): void {
    if (!this.#isOpen) return;
    this.#callbacks.onWindow(bytes.length);
    this.#heard += Buffer.from(bytes).toString("latin1");
    this.#next();
  }

  #next(): void {
    const end = this.#heard.indexOf("\r\n\r\n");
    if (end < 0 || this.#isAnswering) return;
    const request = parseRequest(this.#heard.slice(0, end));
    this.#heard = this.#heard.slice(end + 4);
    this.#isAnswering = true;
    const { images, faults, served } = this.#server;
    const image = this.#hasCertificate ? images.get(request.sha256 ?? "") : undefined;
    const answer = answerTo(request, { image, hasCertificate: this.#hasCertificate, lie: faults.lie });
    served.push({ request, status: answer.status });
    if (served.length > 1_000) served.shift();
    this.#say(answer);
  }

  #say({ head, body, endless, ends }: Answer): void {
    let at = 0;
    let records = 0;
    const bytes = Buffer.concat([Buffer.from(head, "latin1"), body]);
    const record = (): void => {
      if (!this.#isOpen) return;
      const { faults } = this.#server;
      if (records++ === faults.diesAtRecord) return this.#end();
      const rate = faults.bytesPerSecond ?? BYTES_PER_SECOND;
      const size = Math.max(1, Math.min(RECORD_BYTES, Math.ceil(rate)));
      // What is too much comes in the record of the last bytes already.
      const more = endless ? Math.max(0, at + size - bytes.length) : 0;
      const part = Buffer.concat([bytes.subarray(at, at + size), Buffer.alloc(Math.min(more, size), "x")]);
      this.#server.sentBytes += part.length;
      at += part.length;
      this.#callbacks.onData(new Uint8Array(part));
      if (at < bytes.length || endless) this.#time.set(record, (1_000 * part.length) / rate);
      else if (ends) this.#end();
      else {
        this.#isAnswering = false;
        this.#next();
      }
    };
    this.#time.set(record, LATENCY_MS);
  }

  #end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#callbacks.onEnd();
  }
}
