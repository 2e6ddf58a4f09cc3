// Makes the modules of a build smaller on XS without changing what they do. XS keeps in flash, for each module that is
// preloaded, a slot (16 bytes) for each name, function, prototype and captured variable; docs/xs.md says what each step
// saves. What cannot be proved to do the same is left as it is.
import { neededExports, placeExports } from "./exports.mjs";
import { placeArrows } from "./functions.mjs";
import { Numbers, placeNumbers } from "./numbers.mjs";
import { print } from "./print.mjs";
import { placePrivates } from "./privates.mjs";
import { Program } from "./program.mjs";
import { Edits } from "./syntax.mjs";

/**
 * @param {import("./program.mjs").Source[]} sources every module of the build, and readers: what else imports them
 * @returns {Promise<Map<string, string>>} by name, those that are no readers
 * @throws {import("./syntax.mjs").Refusal} naming file, line and reason
 */
export async function shrinkProgram(sources) {
  const program = new Program(sources);
  const numbers = new Numbers();
  const needed = neededExports(program, numbers);
  const edits = new Map(program.own.map((module) => [module, new Edits(module.code)]));
  placePrivates(program, edits);
  const texts = program.own.map((module) => {
    const edit = edits.get(module);
    placeNumbers(module, numbers, edit);
    placeExports(module, needed, numbers, edit);
    const arrows = placeArrows(program, module, needed, edit);
    return [module.name, `${arrows}${edit}`];
  });
  const results = texts.map(async ([name, text]) => [name, await print(name, text)]);
  return new Map(await Promise.all(results));
}
