import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const POLL_MS = 500;

/**
 * Takes the folder `folder` for this process until it ends: two builds in one folder would spoil each other. Waits
 * for another process that has it, if that one is alive.
 */
export function takeFolder(folder) {
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, ".lock");
  for (let waited = false; ; waited = true) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (isDead(lock)) rmSync(lock, { force: true });
      else {
        if (!waited) console.error(`waiting for another build in ${folder}`);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
      }
    }
  }
  process.on("exit", () => rmSync(lock, { force: true }));
}

function isDead(lock) {
  try {
    process.kill(Number(readFileSync(lock, "utf8")) || process.pid, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH" || error.code === "ENOENT";
  }
}
