// Reads GNU ld's map of a linked image: what each object file brought into it.

/** Sections that stay out of an image: made at boot, or for the debugger. */
const ABSENT = /^\.(bss|tbss|sbss|noinit|debug|comment|riscv\.attributes|note|stack|heap)/;

/**
 * Bytes in the image by object file, as the map names it (`path/lib.a(member.o)` for members of an archive). Equal strings
 * count for the first object that has them; what the linker fills up counts for none.
 * @param {string} map @returns {Map<string, number>}
 */
export function sizesByObject(map) {
  const sizes = new Map();
  const text = map.split("Linker script and memory map")[1] ?? "";
  let output = "";
  // A long section name stands on a line of its own, its figures on the next.
  for (const line of text.replace(/^( \S+)\n +(?=0x)/gm, "$1 ").split("\n")) {
    const section = /^(\.\S+)/.exec(line);
    if (section) output = section[1];
    const [, size, file] = /^ \S+\s+0x[0-9a-f]+\s+0x([0-9a-f]+)\s+(\S.*)$/.exec(line) ?? [];
    if (!file || ABSENT.test(output)) continue;
    sizes.set(file, (sizes.get(file) ?? 0) + Number.parseInt(size, 16));
  }
  return sizes;
}

/**
 * Whose object that is: `js` (what xsl wrote), `xs` (the engine), `libc` (with libgcc), `ours` (objects named in
 * `ours`, such as `radio.c.o`), `sdk` (the rest).
 * @param {string} file @param {ReadonlySet<string>} ours
 */
export function ownerOf(file, ours) {
  if (/\/lib(c|gcc|m)\.a\(/.test(file)) return "libc";
  const object = /([^/()]+)\)?$/.exec(file)?.[1] ?? file;
  if (/^mc\.(xs|resources)\.c\.o$/.test(object)) return "js";
  if (/^(xs\w*|e_pow)\.c\.o$/.test(object)) return "xs";
  return ours.has(object) ? "ours" : "sdk";
}
