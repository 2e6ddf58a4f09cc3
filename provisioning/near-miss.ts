/** The name of `names` that a person may have meant by `typed`, which is none of them; the first of equals. */
export function nearMiss(typed: string, names: readonly string[]): string | undefined {
  const wanted = fold(typed);
  let best: string | undefined;
  let least = wanted.length >= 8 ? 3 : wanted.length >= 4 ? 2 : 1;
  for (const name of names) {
    if (name === typed) return undefined;
    const distance = distanceOf(wanted, fold(name));
    if (distance >= least) continue;
    least = distance;
    best = name;
  }
  // The 5 GHz name of a router, or half of a name.
  return best ?? names.find((name) => isBeginning(fold(name), wanted));
}

const SPACES = "\u00a0\u2007\u202f\t";
const PAIRS = Object.freeze(
  {
    "\u2018": "'",
    "\u2019": "'",
    "\u00b4": "'",
    "`": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u2013": "-",
    "\u2014": "-",
    _: "-",
  } as const,
  true,
);

/** What keyboards of phones change by themselves is made equal: case, spaces, quotes, dashes. */
function fold(name: string): string[] {
  let folded = "";
  for (const each of name.toLowerCase()) {
    const character = SPACES.includes(each) ? " " : (PAIRS[each as keyof typeof PAIRS] ?? each);
    if (character !== " " || !folded.endsWith(" ")) folded += character;
  }
  return [...folded.trim()];
}

/** Characters to add, drop or replace (Levenshtein); 3 and more are all the same. */
function distanceOf(a: readonly string[], b: readonly string[]): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++)
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (a[i] === b[j] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}

const LEAST_BEGINNING = 4;

function isBeginning(a: readonly string[], b: readonly string[]): boolean {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false;
  return length >= LEAST_BEGINNING;
}
