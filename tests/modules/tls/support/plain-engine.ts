import type TlsEngine from "../../../../modules/tls/engine";

const ROOM = 64;

/**
 * An engine whose "TLS" is a greeting ("hi", "!", "k" for the last word) and plaintext: what the socket does around it is
 * then easy to see. A "?" for an answer is a certificate of an unknown CA; a zero byte is close_notify. A key is its
 * certificate's when their second bytes are equal.
 */
export class PlainEngine implements TlsEngine {
  static last: PlainEngine;
  closed = false;
  session: ArrayBuffer | undefined;
  alpn: string | undefined;
  /** What the next session that is saved holds. */
  ticket = 1;
  /** Bytes of a record that arrives. */
  recordBytes = 8;
  #state: "fresh" | "greeting" | "greeted" | "open" | "gone" = "fresh";
  /** What it says once it is open, seconds. */
  verifiedFrom = 0;
  #authorities = 0;
  #failure = 0;
  #certificate: Uint8Array | undefined;
  #in: number[] = [];
  #out: number[] = [];
  #readable: number[] = [];

  constructor() {
    PlainEngine.last = this;
  }
  close(): void {
    this.closed = true;
  }
  addAuthority(): boolean {
    this.#authorities++;
    return true;
  }
  addCertificate(der: Uint8Array): boolean {
    this.#certificate ??= der;
    return true;
  }
  setKey(der: Uint8Array): boolean {
    return der[1] === this.#certificate?.[1];
  }
  start(_host: string, session?: ArrayBuffer, alpn?: string): boolean {
    this.session = session;
    this.alpn = alpn;
    return true;
  }
  room(): number {
    return ROOM - this.#in.length;
  }
  feed(bytes: Uint8Array): number {
    if (bytes.length > this.room()) throw new Error("fed beyond its room");
    this.#in.push(...bytes);
    return bytes.length;
  }
  outgoing(): number {
    return this.#out.length;
  }
  take(count: number): ArrayBuffer {
    return Uint8Array.from(this.#out.splice(0, count)).buffer;
  }
  step(): number {
    if (this.closed) throw new Error("stepped when closed");
    if (this.#state === "fresh") return this.#greet("h", "greeting");
    if (this.#state === "greeting") return this.#greet("i", "greeted");
    if (this.#state === "gone") return -1;
    if (this.#readable.length > 0 || this.#in.length === 0) return 0;
    if (this.#state === "greeted") {
      if (this.#in.shift() === 0x3f) return this.#fail(1);
      this.#state = "open";
      this.#out.push("k".charCodeAt(0));
      return 1;
    }
    const record = this.#in.splice(0, this.recordBytes);
    if (record[0] === 0) return this.#fail(10);
    this.#readable = record;
    return 0;
  }
  isOpen(): boolean {
    return this.#state === "open";
  }
  failure(): number {
    return this.#failure;
  }
  readable(): number {
    return this.#readable.length;
  }
  read(count: number): ArrayBuffer {
    return Uint8Array.from(this.#readable.splice(0, count)).buffer;
  }
  write(bytes: Uint8Array): number {
    if (bytes.length === 0) throw new Error("an empty record");
    const taken = bytes.subarray(0, ROOM - this.#out.length);
    this.#out.push(...taken);
    return taken.length;
  }
  sayGoodbye(): void {
    if (this.#state !== "open") return;
    this.#out.push(0);
    this.#state = "gone";
  }
  validFrom(): number {
    return this.#state === "open" ? this.verifiedFrom : 0;
  }
  trustedUntil(): number {
    return this.#authorities * 1_000;
  }
  resumed(): boolean {
    return this.session !== undefined;
  }
  saveSession(): ArrayBuffer | undefined {
    return this.#state === "open" ? Uint8Array.of(this.ticket).buffer : undefined;
  }

  #greet(letter: string, next: "greeting" | "greeted"): number {
    this.#out.push(letter.charCodeAt(0));
    this.#state = next;
    return next === "greeted" ? 0 : 1;
  }
  #fail(failure: number): number {
    this.#state = "gone";
    this.#failure = failure;
    return -1;
  }
}
