import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const POLL_MS = 500;
const WRITING_MS = 1_000;
const taken = new Set();

/**
 * Takes the folder `folder` for this process until it ends: two builds in one folder would spoil each other. Waits
 * for another process that has it, if that one is alive. Taken before by this one, it is taken.
 */
export function takeFolder(folder) {
  if (taken.has(folder)) return;
  for (let waited = false; !tryFolder(folder); waited = true) {
    if (!waited) console.error(`waiting for another build in ${folder}`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
  taken.add(folder);
}

/** @returns whether this process has the folder `folder` now, and keeps it until it ends; else another one has it */
export function tryFolder(folder) {
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, ".lock");
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (!isDead(lock)) return false;
      rmSync(lock, { force: true });
    }
  }
  process.on("exit", () => rmSync(lock, { force: true }));
  return true;
}

function isDead(lock) {
  try {
    const holder = Number(readFileSync(lock, "utf8"));
    // Without a number: one is about to be written, or a power cut came between.
    if (!(holder > 0)) return Date.now() - statSync(lock).mtimeMs > WRITING_MS;
    process.kill(holder, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH" || error.code === "ENOENT";
  }
}
