// The Moddable simulator's applications on 32 bits: XS has the slots, pointers and chunk headers there that it has on
// ESP32. GLib and mbedTLS for 32 bits are Debian's, unpacked (fetch-ia32.sh) or installed.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BUILD } from "../../base/sdk.mjs";

const LIBRARIES = "usr/lib/i386-linux-gnu";
const GLIB = "-lgio-2.0 -lgobject-2.0 -lglib-2.0";
/** Doubles are computed as a device's compiler does it, and not in the 80 bits of the x87. */
const COMPILER = "gcc -m32 -msse2 -mfpmath=sse";

/**
 * How C is compiled, linked and run for 32 bits on this computer, or why it cannot be (a text). `env` has CC (with what
 * is asked for in `flags`) and PKG_CONFIG_LIBDIR; whoever sets both has them taken as they are. `run`: what a program
 * is started with.
 * @param {string} out a folder for small files
 * @returns {string | { env: NodeJS.ProcessEnv, run: string[] }}
 */
export function findIa32(out, flags = [], env = process.env) {
  const found = env.CC && env.PKG_CONFIG_LIBDIR ? env : unpacked(out, env);
  if (typeof found === "string") return found;
  const CC = [found.CC, ...flags].join(" ");
  const run = tryProgram(found.CC);
  return typeof run === "string" ? run : { env: { ...found, CC }, run };
}

function unpacked(out, env) {
  const root = [env.AEROLINK_IA32, join(BUILD, "ia32"), "/"].find(
    (each) =>
      each && ["libgio-2.0.so", "libmbedtls.so"].every((name) => existsSync(join(each, LIBRARIES, name))),
  );
  if (!root) return "no GLib and mbedTLS for 32 bits (tools/xs/host/fetch-ia32.sh unpacks Debian's)";
  const folder = join(root, LIBRARIES);
  const include = join(root, "usr/include");
  // Debian's own files for pkg-config require those of more packages.
  const cflags = [`${include}/glib-2.0`, `${folder}/glib-2.0/include`].map((each) => `-I${each}`).join(" ");
  const libdir = join(out, "pkgconfig");
  mkdirSync(libdir, { recursive: true });
  for (const name of ["gio-2.0", "glib-2.0"])
    writeFileSync(
      join(libdir, `${name}.pc`),
      `Name: ${name}\nDescription: for 32 bits\nVersion: 2\nCflags: ${cflags}\nLibs: ${GLIB}\n`,
    );
  // Old tags: libraries of libraries are looked for there as well.
  const paths = `${folder}:${join(root, "lib/i386-linux-gnu")}`;
  const CC = `${COMPILER} -I${include} -L${folder} -Wl,--disable-new-dtags,-rpath,${paths},-rpath-link,${paths}`;
  return { ...env, CC, PKG_CONFIG_LIBDIR: libdir };
}

/** What starts a program that `compiler` made: nothing, or qemu where the kernel refuses it; or why none runs. */
function tryProgram(compiler) {
  const [command, ...options] = compiler.split(" ");
  const folder = mkdtempSync(join(tmpdir(), "aerolink-ia32-"));
  try {
    const source = join(folder, "main.c");
    const program = join(folder, "main");
    writeFileSync(source, '_Static_assert(sizeof(void *) == 4, ""); int main(void) { return 32; }\n');
    const { status } = spawnSync(command, [...options, source, "-o", program]);
    if (status !== 0) return `${command} makes nothing for 32 bits here (Debian: gcc-multilib)`;
    const starts = ([first, ...rest]) => spawnSync(first, rest).status === 32;
    const run = [[], ["qemu-i386"]].find((each) => starts([...each, program]));
    return run ?? "nothing runs 32-bit programs here (neither the kernel nor qemu-i386)";
  } finally {
    rmSync(folder, { recursive: true });
  }
}
