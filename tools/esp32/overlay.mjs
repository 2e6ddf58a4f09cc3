/** ESP-IDF options of `base` with those of `over` in their place, or after them. */
export function overlaid(base, over) {
  const names = new Set([...over.matchAll(/^(CONFIG_\w+)=/gm)].map(([, name]) => name));
  const kept = base.split("\n").filter((line) => !names.has(/^(CONFIG_\w+)=/.exec(line)?.[1]));
  return `${kept.join("\n")}\n${over}`;
}
