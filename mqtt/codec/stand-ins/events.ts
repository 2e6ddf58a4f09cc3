type Listener = (value: unknown) => void;

/** The part of Node's EventEmitter that mqtt-packet's parser uses: one listener an event; none: nothing happens. */
export class EventEmitter {
  #packet: Listener | undefined;
  #error: Listener | undefined;

  on(event: "packet" | "error", listener: Listener): this {
    if (event === "packet") this.#packet = listener;
    else this.#error = listener;
    return this;
  }

  emit(event: "packet" | "error", value: unknown): void {
    const listener = event === "packet" ? this.#packet : this.#error;
    listener?.(value);
  }
}
