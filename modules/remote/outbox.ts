/** A retained message of which only the latest state matters. */
interface Due {
  readonly topic: string;
  /** Called when it is sent, so that it is true then. */
  format(): string;
}

/**
 * Retained messages that wait for room in the session's window. Each topic waits once, whatever happens meanwhile;
 * memory is bounded by the number of topics.
 */
export class Outbox {
  #publish: (topic: string, payload: string) => boolean;
  #due: Due[] = [];

  /** `publish`: at QoS 1, retained. False: not now, {@link Outbox.drain} tells when. */
  constructor(publish: (topic: string, payload: string) => boolean) {
    this.#publish = publish;
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
      if (!due || !this.#publish(due.topic, due.format())) return;
      this.#due.shift();
    }
  }

  clear(): void {
    this.#due.length = 0;
  }
}
