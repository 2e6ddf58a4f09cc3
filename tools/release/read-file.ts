import { readFile } from "node:fs/promises";
import { Refusal } from "../pki/files";

/** @throws Refusal when the file cannot be read */
export async function readBytes(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new Refusal(`${path}: cannot be read (${cause.code})`, { cause });
  });
}

/** @throws Refusal when the file cannot be read */
export async function readText(path: string): Promise<string> {
  return Buffer.from(await readBytes(path)).toString("utf8");
}
