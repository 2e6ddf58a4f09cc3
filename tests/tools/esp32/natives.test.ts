import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

/** The linker of a device build would tell; no lane here runs it. */
it.each([
  ["wifi/esp32/driver.js", "wifi/esp32/radio-xs.c"],
  ["modules/board/esp32/chip.js", "modules/board/esp32/chip.c"],
  ["modules/tls/engine.js", "modules/tls/engine-xs.c"],
  ["modules/credentials/native/credential.js", "modules/credentials/native/credential-xs.c"],
  ["modules/signed/native/verify.js", "modules/signed/native/verify-xs.c"],
  ["modules/update/esp32/slots.js", "modules/update/esp32/slots-xs.c"],
  [
    "modules/sockets/tcp.js modules/sockets/listener.js modules/sockets/udp.js",
    "modules/sockets/tcp-xs.c modules/sockets/bound-xs.c modules/sockets/sockets-xs.c",
  ],
])("%s and %s name the same native functions", (scripts, sources) => {
  const texts = (names: string): string => names.split(" ").map(read).join("");
  const used = [...texts(scripts).matchAll(/[Nn]ative\("(\w+)"\)/g)].map(([, name]) => name);
  const written = [...texts(sources).matchAll(/^void (xs_\w+)\(/gm)].map(([, name]) => name);
  expect(used.length).toBeGreaterThan(0);
  expect([...new Set(used)].sort()).toEqual(written.sort());
});

it.each([
  ["wifi/esp32/driver.js", "wifi/esp32/driver.d.ts"],
  ["modules/board/esp32/chip.js", "modules/board/esp32/chip.d.ts"],
  ["modules/update/esp32/slots.js", "modules/update/esp32/slots.d.ts"],
])("%s offers what %s declares", (script, types) => {
  const names = (text: string): string[] =>
    [...text.matchAll(/^(?: {2}(?:static )?| *export function )(\w+)\(/gm)].map(([, name]) => name!).sort();
  expect(names(read(script)).length).toBeGreaterThan(0);
  expect(names(read(script))).toEqual(names(read(types)));
});
