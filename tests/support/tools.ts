import { execFileSync } from "node:child_process";

/**
 * Path of a program that a test needs beside npm, or `undefined`, said in one line. In CI everything is installed:
 * there a missing tool fails the run rather than skipping its tests.
 */
export function findTool(name: string, where: readonly string[] = []): string | undefined {
  for (const candidate of [name, ...where]) {
    try {
      return execFileSync("/bin/sh", ["-c", `command -v "${candidate}"`], { encoding: "utf8" }).trim();
    } catch {}
  }
  if (process.env.CI) throw new Error(`${name} is not installed`);
  console.log(`${name} is not installed: the tests that need it did not run`);
  return undefined;
}

export const findMosquitto = (): string | undefined => findTool("mosquitto", ["/usr/sbin/mosquitto"]);
export const findChromium = (): string | undefined => findTool("chromium", ["/usr/bin/chromium"]);
