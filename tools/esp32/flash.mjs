// npm run flash [-- target] [-- debug | secure | selftest] [-- name=value …]: builds a release of the firmware with mcconfig
// and writes it to the ESP32 that is plugged in; with `debug` a build for the debugger, with `selftest` one that tries the
// board and reports (docs/bring-up.md). docs/flashing.md leads there from a bare computer. With `secure` it is built for a locked chip, and not written (docs/security.md). name=value goes over
// `config`.
import { buildEsp32 } from "./build.mjs";

const args = process.argv.slice(2);
const target = args.find((arg) => arg.startsWith("esp32")) ?? "esp32";
const settings = args.filter((arg) => arg.includes("="));
const kinds = args.filter((arg) => ["release", "debug", "secure", "selftest"].includes(arg));
const kind = kinds[0] ?? "release";
const unknown = args.filter((arg) => arg !== target && !kinds.includes(arg) && !settings.includes(arg));
if (unknown.length || kinds.length > 1)
  stop(`${args.join(" ")}: not understood. npm run flash -- esp32/m5atom_lite debug`);

const built = buildEsp32({ target, kind, write: kind !== "secure", folder: "flash", settings });
if ("why" in built) stop(built.why);
if (kind === "secure" && built.status === 0)
  console.log(
    "built, not written: docs/security.md says how it is signed and what the first boot burns for ever",
  );
process.exit(built.status);

function stop(why) {
  console.error(`flash: ${why}`);
  process.exit(1);
}
