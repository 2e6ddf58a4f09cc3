/** Where messages of the cloud go. */
export interface CloudLine {
  /** `undefined`: nobody there lets us send. */
  readonly topicBase: string | undefined;
  publish(topic: string, payload: Uint8Array, how?: { readonly retain: boolean }): void;
}

export const NOT_SENT =
  "not sent: the cloud's side has no certificate for this broker (--cloud-cert, --cloud-key)";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What the page sends as the cloud. Each thing is sent, or said why not. */
export class CloudDesk {
  #line: () => CloudLine;
  #now: () => number;
  #commands = 0;
  /** Of the desired configuration that was sent last. */
  #version = 0;

  constructor(line: () => CloudLine, now: () => number = Date.now) {
    this.#line = line;
    this.#now = now;
  }

  command(name: string, args: Record<string, unknown>): string | undefined {
    const id = `page-${++this.#commands}-${this.#now().toString(36)}`;
    return this.#send("command", encode(JSON.stringify({ id, name, args })));
  }

  /** A version rises, also over restarts: it is the time. */
  configure(settings: Record<string, unknown>): string | undefined {
    this.#version = Math.max(this.#version + 1, Math.floor(this.#now() / 1_000));
    const body = JSON.stringify({ version: this.#version, settings });
    return this.#send("config/desired", encode(body), { retain: true });
  }

  /** No configuration waits at the broker any more. */
  forgetConfiguration(): void {
    this.#send("config/desired", new Uint8Array(0), { retain: true });
  }

  /** A signed offer; empty: nothing is offered. */
  offer(jws: string): void {
    this.#send("update/offer", encode(jws), { retain: true });
  }

  /** @returns why not */
  #send(topic: string, payload: Uint8Array, how?: { readonly retain: boolean }): string | undefined {
    const line = this.#line();
    if (line.topicBase === undefined) return NOT_SENT;
    line.publish(`${line.topicBase}/${topic}`, payload, how);
    return undefined;
  }
}
