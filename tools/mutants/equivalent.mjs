// Mutants that no test can tell from the program, each with the reason. They are named by what the code says, not by
// where it stands; one that is not found any more fails the lane.

/** By file: member, code, what it becomes, why nobody can tell. @type {Record<string, [string, string, string, string][]>} */
export const EQUIVALENT = {};

/**
 * Writes the reason beside each mutant that is listed.
 * @param {string[]} files @param {object[]} mutants of the files
 * @returns {string[]} entries that fit no mutant
 */
export function markEquivalent(files, mutants, table = EQUIVALENT) {
  const unfound = [];
  for (const file of files)
    for (const [member, from, to, reason] of table[file] ?? []) {
      const meant = mutants.filter(
        (one) => one.file === file && one.member === member && one.from === from && one.to === to,
      );
      for (const mutant of meant) mutant.equivalent = reason;
      if (meant.length === 0)
        unfound.push(`tools/mutants/equivalent.mjs: ${file} has no "${from}" in ${member}`);
    }
  return unfound;
}
