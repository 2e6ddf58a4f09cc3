import TextDecoder from "text/decoder";
import TextEncoder from "text/encoder";
import Timer from "timer";
import type { FromCarried, ToCarried } from "../../carried/messages";
import type { DeviceEnd, FromDevice, ToDevice } from "../../world/wire";
import { formatLine, Lines, parseLine } from "../../world/wire-line";
import TCP from "./real-tcp";

/**
 * The device's end of the wire to the world of `npm start`, which runs in Node: a connection on the computer itself,
 * a message a line. What is posted before it stands waits; once it has ended nothing passes any more.
 */
export class Link implements DeviceEnd {
  onMessage: (message: ToDevice | ToCarried) => void = () => {};
  #socket: TCP;
  #writable = 0;
  #unsent: Uint8Array[] = [];
  #encoder = new TextEncoder();
  #decoder = new TextDecoder();
  #lines = new Lines();
  #arrived: (ToDevice | ToCarried)[] = [];
  #ended = false;

  /** @param life which life of the board this is; the world hears no other */
  constructor(port: number, life: number) {
    this.#unsent.push(this.#encoder.encode(`${life}\n`));
    const link = this;
    this.#socket = new TCP({
      address: "127.0.0.1",
      port,
      onReadable() {
        link.take(new Uint8Array(this.read() as ArrayBuffer));
      },
      onWritable(bytes) {
        link.#writable = bytes;
        link.send();
      },
      onError() {
        link.#ended = true;
      },
    });
  }

  post(message: FromDevice | FromCarried): void {
    if (this.#ended) return;
    this.#unsent.push(this.#encoder.encode(`${formatLine(message, (bytes) => bytes.toBase64())}\n`));
    this.send();
  }

  private send(): void {
    while (this.#unsent.length > 0 && this.#writable > 0 && !this.#ended) {
      const bytes = this.#unsent[0]!;
      const part = bytes.subarray(0, this.#writable);
      if (part.length === bytes.length) this.#unsent.shift();
      else this.#unsent[0] = bytes.subarray(part.length);
      this.#writable -= part.length;
      this.#socket.write(part);
    }
  }

  private take(bytes: Uint8Array): void {
    const text = this.#decoder.decode(bytes, { stream: true });
    for (const line of this.#lines.take(text)) {
      const message = parseLine<ToDevice | ToCarried>(line, (base64) => Uint8Array.fromBase64(base64));
      if (this.#arrived.push(message) === 1) this.deliverLater();
    }
  }

  /** Each message in a turn of its own, as a driver's. */
  private deliverLater(): void {
    Timer.set(() => {
      const message = this.#arrived.shift()!;
      if (this.#arrived.length > 0) this.deliverLater();
      if (!this.#ended) this.onMessage(message);
    }, 0);
  }
}
