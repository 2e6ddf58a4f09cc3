import type { Socket, SocketCallbacks, SocketFailure } from "../../modules/network/socket";

/** The far end of a {@link MemoryWire}: what a broker sees of a connection. */
export interface MemoryPeer {
  onBytes: (bytes: Uint8Array) => void;
  /** The near end has closed. */
  onClose: () => void;
  send(bytes: Uint8Array): void;
  /** Orderly close: bytes sent before still arrive. */
  close(): void;
}

export interface MemoryWireOptions {
  /** Bytes that may be unread by the peer; 1,536 as the SDK's TCP on Linux. */
  windowBytes?: number;
  latencyMs?: number;
  /** How arriving bytes are cut: as they were sent, byte by byte, or joined over 5 ms. */
  delivery?: "as-sent" | "bytewise" | "joined";
}

/**
 * One TCP connection in memory, on the process's timers, true to modules/network/socket.ts: no callback inside a call, none
 * after `close`, writes above the window throw. For one `open`.
 */
export class MemoryWire {
  readonly peer: MemoryPeer;
  /** All that was written, in pieces as written. */
  readonly writes: Uint8Array[] = [];
  /** The near end has called `close`. */
  closed = false;
  private options: Required<MemoryWireOptions>;
  private callbacks: SocketCallbacks | undefined;
  private inbox: Uint8Array[] = [];
  private joining: Uint8Array[] = [];
  private window = 0;
  private cut = false;

  constructor(options: MemoryWireOptions = {}) {
    this.options = { windowBytes: 1536, latencyMs: 1, delivery: "as-sent", ...options };
    this.peer = {
      onBytes: () => {},
      onClose: () => {},
      send: (bytes) => this.arrive(Uint8Array.from(bytes)),
      close: () => this.later(() => this.end("closed")),
    };
  }

  /** Opens the near end; connected after the latency. */
  open = (callbacks: SocketCallbacks): Socket => {
    if (this.callbacks) throw new Error("a wire is opened once");
    this.callbacks = callbacks;
    this.later(() => {
      this.window = this.options.windowBytes;
      this.callbacks?.onWritable(this.window);
    });
    return {
      read: (maxBytes) => this.read(maxBytes),
      write: (bytes) => this.write(Uint8Array.from(bytes)),
      close: () => this.close(),
    };
  };

  /** Nothing passes any more, either way, and nobody is told: a half-open connection. */
  breakSilently(): void {
    this.cut = true;
  }

  /** The connection ends with `reason`, at once. */
  end(reason: SocketFailure): void {
    const callbacks = this.callbacks;
    this.callbacks = undefined;
    callbacks?.onError(reason);
  }

  private later(run: () => void, delayMs = this.options.latencyMs): void {
    setTimeout(() => {
      if (!this.cut) run();
    }, delayMs);
  }

  private arrive(bytes: Uint8Array): void {
    const { delivery, latencyMs } = this.options;
    if (delivery === "joined") {
      if (this.joining.length === 0) {
        this.later(() => {
          const joined = Buffer.concat(this.joining);
          this.joining = [];
          this.deliver(joined);
        }, latencyMs + 5);
      }
      this.joining.push(bytes);
    } else {
      const pieces = delivery === "bytewise" ? Array.from(bytes, (byte) => Uint8Array.of(byte)) : [bytes];
      this.later(() => {
        for (const piece of pieces) this.deliver(piece);
      });
    }
  }

  private deliver(bytes: Uint8Array): void {
    if (this.closed || bytes.length === 0) return;
    this.inbox.push(bytes);
    this.callbacks?.onReadable(this.inbox.reduce((sum, piece) => sum + piece.length, 0));
  }

  private read(maxBytes = Number.POSITIVE_INFINITY): ArrayBuffer | undefined {
    const waiting = Buffer.concat(this.inbox);
    if (waiting.length === 0 || this.closed) return undefined;
    const taken = Uint8Array.from(waiting.subarray(0, maxBytes));
    const left = waiting.subarray(taken.length);
    this.inbox = left.length > 0 ? [left] : [];
    return taken.buffer;
  }

  private write(bytes: Uint8Array): void {
    if (this.closed) throw new Error("write after close");
    if (bytes.length > this.window) throw new Error("would block");
    this.window -= bytes.length;
    this.writes.push(bytes);
    this.later(() => {
      this.peer.onBytes(bytes);
      this.window += bytes.length;
      this.callbacks?.onWritable(this.window);
    });
  }

  private close(): void {
    if (this.closed) return;
    this.closed = true;
    this.callbacks = undefined;
    this.later(() => this.peer.onClose());
  }
}
