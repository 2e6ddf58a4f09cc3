// `npm start` as a process: what it says, and how it ends.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { limit } from "../../support/limit";
import { LONG } from "../../support/volume";

const LIMIT_MS = limit(60_000);

let folder: string;
let processes: ChildProcessWithoutNullStreams[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aerolink-"));
  processes = [];
});

afterEach(() => {
  for (const each of processes) each.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

function start(...args: string[]) {
  const child = spawn(process.execPath, ["tools/start/start.mjs", "--state", folder, ...args]);
  processes.push(child);
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said.err += text;
  });
  const ended = once(child, "close").then(([code]) => code as number | null);
  const until = (text: string) =>
    expect.poll(() => said.out, { timeout: LIMIT_MS, interval: 50 }).toContain(text);
  return { child, said, ended, until };
}

test(
  "For machines each line is JSON, from what begins to where the light ended, the fault by its hop between",
  async () => {
    const { said, ended, until, child } = start("--headless", "--json", "--scenario", "mac-filter");
    await until('"done":["mac-filter"]');
    child.kill("SIGINT");
    expect(await ended).toBe(0);
    const lines = said.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ t: "begins", scene: "mac-filter" });
    expect(lines[0]).not.toHaveProperty("page");
    expect(lines.at(-1)).toEqual({ t: "ends", sight: "solid white" });
    expect(lines.find(({ t, done }) => t === "state" && done.length > 0)).toMatchObject({
      sight: "solid white",
      faults: { router: "rejected" },
    });
    expect(said.err).toBe("");
  },
  LIMIT_MS,
);

test(
  "A busy port is said in one line",
  async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const { said, ended } = start("--port", String(port));
    expect(await ended).toBe(2);
    expect(said.err).toBe(`aerolink: port ${port} is in use; choose another with --port\n`);
    other.close();
  },
  LIMIT_MS,
);

test.runIf(LONG)(
  "A second simulator on the same board is refused, and Ctrl-C ends the first one cleanly, with an open page",
  async () => {
    const first = start();
    await first.until("in a browser");
    const url = /http:\S+/.exec(first.said.out)![0];
    const events = await fetch(`${url}events`);
    const second = start();
    expect(await second.ended).toBe(2);
    expect(second.said.err).toMatch(/^aerolink: another simulator runs on the board in .*--state\n$/);
    first.child.kill("SIGINT");
    expect(await first.ended).toBe(0);
    expect(first.said.out).toMatch(/\nStopped; the light was: [a-z ]+\.\n$/);
    expect(first.said.err).toBe("");
    await events.body?.cancel().catch(() => {});
    const third = start("--headless");
    await third.until("LED");
    third.child.kill("SIGTERM");
    expect(await third.ended).toBe(0);
  },
  LIMIT_MS,
);

test(
  "It ends without a word when whoever reads along has gone",
  async () => {
    const { child, said, ended, until } = start("--headless", "--json", "--sampling", "1");
    await until("begins");
    child.stdout.destroy();
    expect(await ended).toBe(0);
    expect(said.err).toBe("");
  },
  LIMIT_MS,
);

test.runIf(LONG)(
  "A broker that is silent does not hold up Ctrl-C",
  async () => {
    // Nobody answers there (RFC 5737), and a computer waits two minutes for it.
    const { said, ended, until, child } = start("--headless", "--broker", "mqtts://192.0.2.1");
    await until("connecting to 192.0.2.1");
    const asked = performance.now();
    child.kill("SIGINT");
    expect(await ended).toBe(0);
    expect(performance.now() - asked).toBeLessThan(10_000);
    expect(said.out).toContain("Stopped; the light was: ");
  },
  LIMIT_MS,
);

test.runIf(LONG)(
  "--until ends with 0 when its light is seen, and with 3 when time was up before",
  async () => {
    const seen = start("--headless", "--until", "solid-blue", "--seconds", "60");
    expect(await seen.ended).toBe(0);
    const missed = start("--headless", "--until", "pulse-yellow", "--seconds", "2");
    expect(await missed.ended).toBe(3);
    expect(missed.said.err).toBe("aerolink: pulse-yellow was not seen\n");
  },
  LIMIT_MS,
);

test("A light that there is not is refused", async () => {
  const { ended, said } = start("--until", "solid-green");
  expect(await ended).toBe(2);
  expect(said.err).toContain("--until is one of pulse-yellow");
});
