/** Its members' sizes are known. */
export class Cellar {
  readonly bytes = new Uint8Array(1_000);
  readonly adders: (() => number)[] = [];

  fill(count: number): void {
    for (let i = 0; i < count; i++) this.adders.push(() => i + this.bytes.length);
  }
}
