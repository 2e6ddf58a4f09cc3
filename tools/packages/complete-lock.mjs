// Some registries hold a package's builds for Linux only. `npm install` then leaves the other platforms' optional
// packages out of package-lock.json, and `npm ci` refuses the file. This puts them back, from what the depending
// package asks for, with the SHA-512 that the registry says; npm takes them from there on the platform that needs them.
// Run it after `npm install`.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SCRIPT } from "../base/command.mjs";

const path = fileURLToPath(new URL("../../package-lock.json", import.meta.url));
const lock = JSON.parse(readFileSync(path, "utf8"));

/** Platform and processor by the words that such names end in. */
const OS = ["android", "darwin", "freebsd", "linux", "win32"];
const CPU = ["arm64", "x64"];

let added = 0;
for (const [owner, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    const words = name.split("/").at(-1).split("-");
    const os = OS.find((each) => words.includes(each));
    const cpu = CPU.find((each) => words.includes(each));
    if (lock.packages[key] || lock.packages[`${owner}/${key}`] || !os || !cpu) continue;
    const libc = os === "linux" ? { libc: [words.includes("musl") ? "musl" : "glibc"] } : {};
    lock.packages[key] = { version, cpu: [cpu], dev: true, ...libc, optional: true, os: [os] };
    added++;
  }
}
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
);

const unknown = [];
for (const [key, entry] of Object.entries(lock.packages)) {
  // The project itself, its workspaces and the links to them come from no registry.
  if (!key.includes("node_modules/") || entry.integrity || entry.link) continue;
  const name = `${key.slice(key.lastIndexOf("node_modules/") + 13)}@${entry.version}`;
  const asked = spawnSync("npm", ["view", name, "dist.integrity"], { ...SCRIPT, encoding: "utf8" });
  const integrity = /^sha512-[\w+/]{86}==$/.exec((asked.stdout ?? "").trim())?.[0];
  const { version, ...rest } = entry;
  if (integrity) lock.packages[key] = { version, integrity, ...rest };
  else unknown.push(name);
}
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} optional packages of other platforms added to package-lock.json`);
if (unknown.length > 0) {
  console.error(`the registry says no SHA-512 of ${unknown.join(", ")}: run this again where it does`);
  process.exitCode = 1;
}
