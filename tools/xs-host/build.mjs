import { execFileSync } from "node:child_process";
import { join } from "node:path";

const source = join(import.meta.dirname, "host.c");

/** Compiles the headless host into the folder `out`; returns its path. Needs gcc and GLib, as the SDK's simulator does. */
export function buildHost(sdk, out) {
  const host = join(out, "host");
  const glib = execFileSync("pkg-config", ["--cflags", "--libs", "glib-2.0"], { encoding: "utf8" });
  const includes = ["-DmxLinux=1", "-I", join(sdk.root, "build/simulators/modules")];
  const libraries = glib.trim().split(/\s+/);
  execFileSync("gcc", ["-O1", "-Wall", "-Wextra", ...includes, source, "-o", host, ...libraries, "-ldl"], {
    stdio: "inherit",
  });
  return host;
}
