// Makes the bytecode of modules shorter (tools/xs/bytecode/): `node tools/xs/shorten.mjs FILE.xsb …`, after xsc. A release's
// makefile calls it for the one module that all of ours became.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { findSdk } from "../base/sdk.mjs";
import { shortenModule } from "./bytecode/index.mjs";
import { readTable } from "./bytecode/opcodes.mjs";

const files = process.argv.slice(2);
const sdk = findSdk();
if (files.length === 0 || !sdk) {
  console.error(
    sdk ? "usage: node tools/xs/shorten.mjs module.xsb …" : "shorten: no Moddable SDK ($MODDABLE)",
  );
  process.exit(2);
}
for (const file of files) {
  try {
    writeFileSync(file, shortenModule(readFileSync(file), readTable(sdk.root)));
  } catch (error) {
    // make would take what is there for finished.
    rmSync(file, { force: true });
    throw error;
  }
}
