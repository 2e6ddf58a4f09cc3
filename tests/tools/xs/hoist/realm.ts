// What a program does in a realm of its own: one that makes globals leaves them nowhere else.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";

const RUN = `import { parentPort } from "node:worker_threads";
try {
  const main = await import("./main.mjs");
  parentPort.postMessage({ exports: Object.keys(main).sort(), result: main.run() });
} catch (error) {
  parentPort.postMessage(error.name);
}`;

/** As `outcome` of `xs-shrink/behaviour`; modules may be named as XS does, without a path. */
export async function outcomeApart(codes: Record<string, string>): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-hoist-"));
  try {
    for (const [name, code] of Object.entries(codes)) {
      const text = code.replace(/(from|import) ?"(?:\.\/)?([\w-]+)"/g, '$1 "./$2.mjs"');
      writeFileSync(join(folder, `${name}.mjs`), text);
    }
    writeFileSync(join(folder, "run.mjs"), RUN);
    return await new Promise((done, fail) => {
      const worker = new Worker(join(folder, "run.mjs"));
      worker.once("message", done).once("error", fail);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
