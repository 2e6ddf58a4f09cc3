import { File } from "file";
import Timer from "timer";
import { ANSWER_FILE, type Answered, QUESTION_FILE, type Question } from "../../carried/questions";
import { formatLine, parseLine } from "../../world/wire-line";
import { fileName } from "../modules/machine";

/** How long the helper may take: it is on the same computer. */
const LIMIT_MS = 10_000;
const LOOK_MS = 1;

/** Asks the helper, and waits for what it says; a call as the device's own cryptography is one. */
export class Asker {
  #n: number;

  /** @param life which life of the board this is */
  constructor(life: number) {
    this.#n = life * 1_000_000;
    for (const left of [QUESTION_FILE, ANSWER_FILE]) remove(fileName(left));
  }

  /** @throws Error where the helper says nothing */
  ask<Answer>(question: Question): Answer {
    const n = ++this.#n;
    const draft = fileName(`${QUESTION_FILE}.new`);
    remove(draft);
    const file = new File(draft, true);
    file.write(formatLine({ n, question }, (bytes) => bytes.toBase64()));
    file.close();
    File.rename(draft, QUESTION_FILE);
    return this.wait(n) as Answer;
  }

  private wait(n: number): unknown {
    const path = fileName(ANSWER_FILE);
    for (const end = Date.now() + LIMIT_MS; Date.now() < end; Timer.delay(LOOK_MS)) {
      if (!File.exists(path)) continue;
      const file = new File(path);
      const line = file.read(String);
      file.close();
      File.delete(path);
      const answered = parseLine<Answered>(line, (base64) => Uint8Array.fromBase64(base64));
      if (answered.n === n) return answered.answer;
    }
    throw new Error("the simulator's helper does not answer");
  }
}

function remove(path: string): void {
  if (File.exists(path)) File.delete(path);
}
