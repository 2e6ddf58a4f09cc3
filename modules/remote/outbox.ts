/** A retained message of which only the latest state matters. */
interface Due {
  readonly topic: string;
  /** Called when it is sent, so that it is true then. */
  format(): string;
}

/** At QoS 1, retained. False: not now, {@link Outbox.drain} tells when. */
export interface OutboxLink {
  publishRetained(topic: string, payload: string): boolean;
}

/**
 * Retained messages that wait for room in the session's window. Each topic waits once, whatever happens meanwhile;
 * memory is bounded by the number of topics.
 */
export class Outbox {
  #link: OutboxLink;
  #due: Due[] = [];

  constructor(link: OutboxLink) {
    this.#link = link;
  }

  put(topic: string, format: () => string): void {
    const waiting = this.#due.findIndex((due) => due.topic === topic);
    if (waiting >= 0) this.#due[waiting] = { topic, format };
    else this.#due.push({ topic, format });
    this.drain();
  }

  drain(): void {
    for (;;) {
      const due = this.#due[0];
      if (!due || !this.#link.publishRetained(due.topic, due.format())) return;
      this.#due.shift();
    }
  }

  clear(): void {
    this.#due.length = 0;
  }
}
