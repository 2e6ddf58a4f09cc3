/**
 * For `spawn`: npm, mcconfig and the like are scripts on Windows, which only its shell can start. Arguments of ours have
 * no spaces but in paths, which are quoted.
 */
export const SCRIPT = { shell: process.platform === "win32" };

/** `args` as the shell of {@link SCRIPT} takes them apart. */
export const scriptArgs = (args) =>
  process.platform === "win32" ? args.map((arg) => (/\s/.test(arg) ? `"${arg}"` : arg)) : args;
