// Just enough of Kconfig for npm run check:c: the defaults of boolean options, with `depends on`, `select` and `if`, and of
// plain numbers. Menus and prompts count for nothing.

/** More than options are deep in each other. */
const MAX_PASSES = 50;

/**
 * Adds to `options` (names with CONFIG_, 1 for y) what the Kconfig `texts` answer by default, and what follows from
 * it. Names in `off` stay off.
 * @param {Map<string, unknown>} options @param {string[]} texts @param {ReadonlySet<string>} off
 */
export function addDefaults(options, texts, off) {
  const entries = texts.flatMap(parse);
  let before = new Map(options);
  // An option may depend on one that comes later: all over again, by the answers before, until they are the same.
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const after = answers(entries, before, options, off);
    const same =
      after.size === before.size && [...after].every(([name, value]) => before.get(name) === value);
    before = after;
    if (same) break;
  }
  for (const [name, value] of before) options.set(name, value);
}

function answers(entries, before, given, off) {
  const after = new Map(given);
  const isOn = (name) => before.has(`CONFIG_${name}`);
  const set = (name, value) => {
    if (!off.has(`CONFIG_${name}`) && !after.has(`CONFIG_${name}`)) after.set(`CONFIG_${name}`, value);
  };
  for (const { name, defaults, depends, selects, choice } of entries) {
    if (!depends.every((expression) => holds(expression, isOn))) continue;
    const first = defaults.find(({ condition }) => holds(condition, isOn));
    if (choice) {
      if (first && !choice.some((member) => given.has(`CONFIG_${member}`))) set(first.value, 1);
      continue;
    }
    if (first && first.value !== "n") set(name, first.value === "y" ? 1 : first.value);
    if (!isOn(name)) continue;
    for (const { value, condition } of selects) if (holds(condition, isOn)) set(value, 1);
  }
  return after;
}

/** Options and choices of one Kconfig file, in its order. */
function parse(text) {
  const entries = [];
  let entry;
  let choice;
  let help;
  const blocks = [];
  const open = (name) => {
    entry = { name, defaults: [], depends: [...blocks], selects: [] };
    entries.push(entry);
  };
  for (const line of text.replace(/\\\n/g, " ").split("\n")) {
    const indent = line.search(/\S/);
    if (indent < 0) continue;
    if (help && indent > help.indent) continue;
    help = undefined;
    const [, word, rest = ""] = /^\s*(\w+)\s*(.*?)\s*(?:#.*)?$/.exec(line) ?? [];
    if (word === "help") help = { indent };
    else if (word === "config" || word === "menuconfig") {
      open(rest);
      choice?.choice.push(rest);
    } else if (word === "choice") {
      open(rest);
      choice = Object.assign(entry, { choice: [] });
    } else if (word === "endchoice" || word === "menu" || word === "endmenu") {
      entry = undefined;
      if (word === "endchoice") choice = undefined;
    } else if (word === "if" || word === "endif") {
      entry = undefined;
      if (word === "if") blocks.push(rest);
      else blocks.pop();
    } else if (entry && word === "default") {
      const [, value, condition = "y"] = /^"?([\w.]+)"?(?:\s+if\s+(.*))?$/.exec(rest) ?? [];
      if (value) entry.defaults.push({ value, condition });
    } else if (entry && word === "depends") entry.depends.push(rest.replace(/^on\s+/, ""));
    else if (entry && word === "select") {
      const [value, condition = "y"] = rest.split(/\s+if\s+/);
      entry.selects.push({ value, condition });
    }
  }
  return entries;
}

/** Names, `!`, `&&`, `||` and parentheses; a comparison does not hold. */
function holds(expression, isOn) {
  const tokens = expression.match(/&&|\|\||[!()]|[^\s!()&|]+/g) ?? [];
  const peek = () => tokens[0];
  const or = () => {
    let value = and();
    while (peek() === "||" && tokens.shift()) value = and() || value;
    return value;
  };
  const and = () => {
    let value = not();
    while (peek() === "&&" && tokens.shift()) value = not() && value;
    return value;
  };
  const not = () => {
    const token = tokens.shift();
    if (token === "!") return !not();
    if (token === "y") return true;
    if (token !== "(") return isOn(token);
    const value = or();
    tokens.shift();
    return value;
  };
  const value = or();
  return value && tokens.length === 0;
}
