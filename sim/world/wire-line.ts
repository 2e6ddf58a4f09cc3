/** A message of the wire as a line of JSON. Bytes are an object with `base64`; `encode` is the engine's own way to it. */
export function formatLine(message: object, encode: (bytes: Uint8Array) => string): string {
  const replace = function (this: Record<string, unknown>, key: string, value: unknown): unknown {
    // Not `value`: Node's Buffer has made itself an array in there.
    const member = this[key];
    return member instanceof Uint8Array ? { base64: encode(member) } : value;
  };
  return JSON.stringify(message, replace);
}

export function parseLine<Message>(line: string, decode: (base64: string) => Uint8Array): Message {
  return JSON.parse(line, (_key, value: unknown) => {
    if (typeof value !== "object" || value === null || !("base64" in value)) return value;
    return decode(value.base64 as string);
  }) as Message;
}

/** Cuts text as it arrives into lines; what follows the last line end waits. */
export class Lines {
  #waiting = "";

  /** Characters that wait for their line's end. */
  get waiting(): number {
    return this.#waiting.length;
  }

  take(text: string): string[] {
    const lines = (this.#waiting + text).split("\n");
    this.#waiting = lines.pop()!;
    return lines;
  }
}
