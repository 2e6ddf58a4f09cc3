import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { type AskPassphrase, PASSPHRASE_VARIABLE, Refusal } from "./files";

/** The passphrase of a file, of the environment, or of a person at a terminal; asked for once. */
export function createPassphrase(file: string | undefined): AskPassphrase {
  let answer: Promise<string | undefined> | undefined;
  return (what) => {
    answer ??= find(file, what);
    return answer;
  };
}

async function find(file: string | undefined, what: string): Promise<string | undefined> {
  if (file !== undefined) {
    const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
      throw new Refusal(`${file}: cannot be read (${cause.code})`, { cause });
    });
    return text.replace(/\r?\n$/, "");
  }
  const given = process.env[PASSPHRASE_VARIABLE];
  if (given !== undefined) return given;
  return process.stdin.isTTY ? prompt(`Passphrase for ${what}: `) : undefined;
}

/** What a person types is not shown. */
function prompt(question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  process.stderr.write(question);
  return new Promise((resolve) => {
    lines.question("", (line) => {
      lines.close();
      process.stderr.write("\n");
      resolve(line);
    });
  });
}
