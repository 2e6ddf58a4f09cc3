import { chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRoot, NOBODY } from "./leash";
import type { Setup } from "./product";

const DOCS = new URL("../../docs/fleet/", import.meta.url);

/** A file of the broker's, readable for the user that it runs as. */
export function write(setup: Setup, name: string, text: string): string {
  const path = join(setup.folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  own(path);
  return path;
}

export function makeFolder(setup: Setup, name: string): string {
  const path = join(setup.folder, name);
  mkdirSync(path);
  own(path);
  return path;
}

export function own(path: string): void {
  if (isRoot) chownSync(path, NOBODY, NOBODY);
}

/** Certificates under the names that the files of docs/fleet/ have for them. */
export function writeCertificates(setup: Setup): void {
  const { pki } = setup;
  write(setup, "broker.pem", pki.broker.certificatePem);
  write(setup, "broker.key", pki.broker.keyPem);
  write(setup, "broker-and-key.pem", pki.broker.certificatePem + pki.broker.keyPem);
  write(setup, "broker-ca.pem", pki.authorityPem);
  write(setup, "clients-ca.pem", pki.deviceAuthorityPem + pki.operatorAuthorityPem);
}

/**
 * A file of docs/fleet/ for this run: its folders and ports, the line with NAME once for each device, and `changes`, each
 * of which must be there.
 */
export function writeFleet(setup: Setup, name: string, changes: readonly [string, string][] = []): string {
  let text = readFileSync(new URL(name, DOCS), "utf8");
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`docs/fleet/${name}: no ${from}`);
    text = text.replaceAll(from, to);
  }
  text = text
    .replaceAll("/etc/aerolink/", `${setup.folder}/`)
    .replaceAll("/var/lib/aerolink/", `${setup.folder}/`);
  const named = (each: string): string[] =>
    setup.devices.map((device) => each.replaceAll(/NAME(?![A-Z])/g, device));
  // What stands once for each device: a line, or a member of a list.
  text = name.endsWith(".json")
    ? JSON.stringify(JSON.parse(text), (_key, value: unknown) =>
        Array.isArray(value)
          ? value.flatMap((each: unknown) => {
              const once = JSON.stringify(each);
              return once.includes("NAME") ? named(once).map((copy): unknown => JSON.parse(copy)) : [each];
            })
          : value,
      )
    : text.replaceAll(/^(?!\s*#)(?!.*(?:<!--|NAME=)).*\bNAME\b.*\n/gm, (line) => named(line).join(""));
  return write(setup, name, text);
}
