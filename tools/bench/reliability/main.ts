import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildFirmware } from "../../../tests/support/firmware";
import { fleet } from "./fleet";
import { herd } from "./herd";
import { matrix, pairs } from "./matrix";
import { soaks } from "./soak";
import { ways } from "./way-back";

export type Built = Awaited<ReturnType<typeof buildFirmware>>;

const DOCS = fileURLToPath(new URL("../../../docs/", import.meta.url));
const PARTS = {
  matrix,
  pairs,
  soak: soaks,
  "way-back": ways,
  herd: () => herd(join(DOCS, "herd.svg")),
  fleet,
} as const satisfies Record<string, (built: Built) => string>;
type Part = keyof typeof PARTS;

/** Replaces what stands between a part's two marks. */
function write(part: Part, text: string): void {
  const file = join(DOCS, "reliability.md");
  const page = readFileSync(file, "utf8");
  const begin = `<!-- ${part}: written by npm run bench:reliability -->\n`;
  const end = `<!-- end of ${part} -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/reliability.md: no place for ${part}`);
  writeFileSync(file, `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`);
}

export async function main(args: readonly string[]): Promise<number> {
  const names = args.length > 0 ? args : Object.keys(PARTS);
  const unknown = names.filter((name) => !Object.hasOwn(PARTS, name));
  if (unknown.length > 0) {
    console.error(`no such part: ${unknown.join(", ")} (there are ${Object.keys(PARTS).join(", ")})`);
    return 2;
  }
  const built = await buildFirmware();
  for (const name of names as Part[]) {
    console.log(name);
    write(name, PARTS[name](built));
  }
  return 0;
}
