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
  let output = { name: "", end: 0 };
  let last;
  // The map gives a section of strings its own size, also where the linker keeps all of them elsewhere: where the next
  // one begins is what counts.
  const count = (end) => {
    if (last?.file) sizes.set(last.file, (sizes.get(last.file) ?? 0) + end - last.start);
    last = undefined;
  };
  // A long section name stands on a line of its own, its figures on the next.
  for (const line of text.replace(/^( ?[.*]\S+)\n +(?=0x)/gm, "$1 ").split("\n")) {
    const [, place, name, address, size, file = ""] =
      /^( ?)([.*]\S+)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s*(\S.*)?$/.exec(line) ?? [];
    if (!name) continue;
    const start = Number.parseInt(address, 16);
    const end = start + Number.parseInt(size, 16);
    if (place === "") {
      count(output.end);
      output = { name, end };
    } else if (!ABSENT.test(output.name)) {
      count(start);
      last = { file: name === "*fill*" ? "" : file, start };
    }
  }
  count(output.end);
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
