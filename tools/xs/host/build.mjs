import { execFileSync } from "node:child_process";
import { join } from "node:path";

const source = join(import.meta.dirname, "host.c");

/**
 * Compiles the headless host into the folder `out`; returns its path. Needs gcc and GLib, as the SDK's simulator does;
 * `sdk.env` may name another compiler (CC) and where its GLib is (PKG_CONFIG_LIBDIR).
 */
export function buildHost(sdk, out) {
  const host = join(out, "host");
  const { env } = sdk;
  const glib = execFileSync("pkg-config", ["--cflags", "--libs", "glib-2.0"], { env, encoding: "utf8" });
  const includes = ["-DmxLinux=1", "-I", join(sdk.root, "build/simulators/modules")];
  const libraries = glib.trim().split(/\s+/);
  const [compiler, ...options] = (env.CC ?? "gcc").split(" ");
  const warnings = ["-O1", "-Wall", "-Wextra"];
  execFileSync(compiler, [...options, ...warnings, ...includes, source, "-o", host, ...libraries, "-ldl"], {
    env,
    stdio: "inherit",
  });
  return host;
}
