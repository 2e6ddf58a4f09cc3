// The instructions of XS, as the SDK that builds the firmware has them: their numbers and lengths are read from its sources.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {object} Table
 * @property {string[]} names by number, without XS_CODE_: "GET_LOCAL_1"
 * @property {number[]} sizes by number; 0: an ID follows; negative: a length of as many bytes, and as much
 * @property {Map<string, number>} numbers by name
 */

/** @returns {Table} of the SDK in `sdk` */
export function readTable(sdk) {
  const read = (name) => readFileSync(join(sdk, "xs/sources", name), "utf8");
  return tableOf(read("xsCommon.h"), read("xsCommon.c"));
}

/** @returns {Table} of the texts of XS's `xsCommon.h` and `xsCommon.c` */
export function tableOf(header, source) {
  const [, listed] = /enum \{\s*(XS_NO_CODE = 0,[\s\S]*?)XS_CODE_COUNT/.exec(header);
  const names = [...listed.matchAll(/\bXS_(?:CODE_)?(\w+)(?: = 0)?,/g)].map(([, name]) => name);
  const [, sized] = /gxCodeSizes\[XS_CODE_COUNT\][^{]*\{([\s\S]*?)\n\};/.exec(source);
  // IDs are of two bytes, on the device and in what xsc writes for it.
  const short = sized.replace(/#ifdef mx32bitID[\s\S]*?#else([\s\S]*?)#endif/g, "$1");
  const sizes = [...short.matchAll(/^\s*(-?\d+) \/\*/gm)].map(([, size]) => Number(size));
  if (sizes.length !== names.length)
    throw new Error(`XS has ${names.length} instructions, and lengths of ${sizes.length}`);
  return { names, sizes, numbers: new Map(names.map((name, number) => [name, number])) };
}
