import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { buildWithEngine } from "./engine-driver";

export interface JudgedChain {
  readonly host: string;
  /** DER. */
  readonly anchors: readonly Uint8Array[];
  /** DER, as a server sends them. */
  readonly sent: readonly Uint8Array[];
}

const hex = (list: readonly Uint8Array[]): string =>
  list.map((der) => Buffer.from(der).toString("hex")).join(",");

/** The C engine's word on certificates, many a second: tests/tls/engine-judge.c. */
export class EngineJudge {
  readonly #program: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor({ sanitized }: { sanitized: boolean }) {
    this.#program = spawn(buildWithEngine("engine-judge", { sanitized }), []);
    this.#program.stderr.pipe(process.stderr);
    this.#lines = createInterface(this.#program.stdout)[Symbol.asyncIterator]();
  }

  /** "accepted", "unusable" for an anchor that is not taken, or the reason; one for each. */
  judge(chains: readonly JudgedChain[]): Promise<string[]> {
    return this.#ask(chains.map(({ host, anchors, sent }) => `${host} ${hex(anchors)} ${hex(sent)}`));
  }

  /** Whether it takes each as its own: "accepted" or "unusable". */
  takesOwn(list: readonly { chain: readonly Uint8Array[]; key: Uint8Array }[]): Promise<string[]> {
    return this.#ask(list.map(({ chain, key }) => `own ${hex(chain)} ${hex([key])}`));
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#program.once("close", resolve));
    this.#program.stdin.end();
    await ended;
  }

  async #ask(questions: readonly string[]): Promise<string[]> {
    this.#program.stdin.write(questions.map((question) => `${question}\n`).join(""));
    const answers: string[] = [];
    for (const question of questions) {
      const { value } = await this.#lines.next();
      if (value === undefined) throw new Error(`the judge ended over: ${question}`);
      answers.push(value);
    }
    return answers;
  }
}
