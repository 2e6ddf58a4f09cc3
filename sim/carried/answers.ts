import { existsSync, type FSWatcher, readFileSync, renameSync, rmSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeCredentials } from "../device/node-credentials";
import { nodeSignatures } from "../device/node-signatures";
import { canUse, trustedUntil } from "../tls/tls-socket";
import { formatLine, parseLine } from "../world/wire-line";
import { ANSWER_FILE, type Answered, type Asked, QUESTION_FILE, type Question } from "./questions";

/** Where the folder cannot be watched, and for what the watch does not tell. */
const LOOK_MS = 50;

const credentials = nodeCredentials(Date.now);

/** By Node what the device's engine says in C. */
export function answer(question: Question): unknown {
  switch (question.ask) {
    case "is-sound":
      return canUse(question.identity);
    case "trusted-until":
      return trustedUntil(question.identity);
    case "verify-es256":
      return nodeSignatures.verifyEs256(question.key, question.message, question.signature);
    case "new-key":
      return credentials.newKey();
    case "request":
      return credentials.requestFor(question.key, question.certificate);
    case "judge":
      return credentials.judge(question.candidate, question.present, question.dated);
    case "validity":
      return credentials.validity(question.certificate);
  }
}

/** Answers what a board asks in `folder`, until closed. */
export class Answers {
  #question: string;
  #answer: string;
  #watch: FSWatcher | undefined;
  #timer: NodeJS.Timeout;

  constructor(folder: string) {
    this.#question = join(folder, QUESTION_FILE);
    this.#answer = join(folder, ANSWER_FILE);
    for (const left of [this.#question, this.#answer]) rmSync(left, { force: true });
    try {
      this.#watch = watch(folder, { persistent: false }, (_event, name) => {
        if (name === null || name === QUESTION_FILE) this.#look();
      });
      this.#watch.on("error", () => this.#watch?.close());
    } catch {
      // The timer looks.
    }
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  close(): void {
    this.#watch?.close();
    clearInterval(this.#timer);
  }

  #look(): void {
    if (!existsSync(this.#question)) return;
    let line: string;
    try {
      line = readFileSync(this.#question, "utf8");
      rmSync(this.#question);
    } catch {
      return; // Windows: the board has it open still
    }
    const { n, question } = parseLine<Asked>(line, (text) => new Uint8Array(Buffer.from(text, "base64")));
    const answered: Answered = { n, answer: answer(question) };
    writeFileSync(
      `${this.#answer}.new`,
      formatLine(answered, (bytes) => Buffer.from(bytes).toString("base64")),
      {
        mode: 0o600,
      },
    );
    renameSync(`${this.#answer}.new`, this.#answer);
  }
}
