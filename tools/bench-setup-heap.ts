// What setup mode takes of the XS heap: the whole firmware, built for the Moddable simulator with instrumentation and
// run without a display, its portal used by phones over loopback.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { takeFolder } from "./lock.mjs";
import { ensureDevelopmentPki } from "./pki/development";
import { BUILD, ROOT, sdkOrSkip } from "./sdk.mjs";
import { buildHost } from "./xs-host/build.mjs";

const LANE = "bench-setup-heap";
/** Of the simulated board (sim/moddable/desktop-board.ts). */
const PORT = 8080;
/** Bytes of a slot on this computer and on a device. */
const SLOT_HERE = 32;
const SLOT_DEVICE = 16;
const PHONES = 4;

const sdk = sdkOrSkip(LANE);
const out = join(BUILD, LANE);
takeFolder(out);
const host = buildHost(sdk, out);
const manifest = join(ROOT, "tools/setup-heap/manifest.json");
const built = spawnSync("mcconfig", ["-i", "-m", "-p", "lin", "-t", "build", "-o", out, manifest], {
  env: sdk.env,
  encoding: "utf8",
});
if (built.status !== 0) throw new Error(`${built.stdout}${built.stderr}`);

const folder = join(out, "run");
rmSync(folder, { recursive: true, force: true });
mkdirSync(join(folder, "aerolink"), { recursive: true });
const { identity } = await ensureDevelopmentPki(join(folder, "pki"), { mac: "02:00:5e:10:20:30" });
writeFileSync(join(folder, "aerolink/identity.flash"), identity);
const firmware = spawn(host, [join(out, "bin/lin/mc/instrument/setup-heap/mc.so")], {
  cwd: folder,
  stdio: ["pipe", "pipe", "inherit"],
});

interface Heap {
  readonly slots: number;
  readonly chunks: number;
}

let onHeap: (heap: Heap) => void = () => {};
let rest = "";
firmware.stdout.on("data", (text) => {
  const lines = `${rest}${text}`.split("\n");
  rest = lines.pop()!;
  for (const line of lines)
    if (line.startsWith('{"question"')) {
      const { slots, chunks } = JSON.parse(line) as Heap;
      onHeap({ slots: slots / SLOT_HERE, chunks });
    }
});

const watch = (): void => void firmware.stdin.write("watch\n");
const ask = (): Promise<Heap> =>
  new Promise((resolve) => {
    onHeap = resolve;
    firmware.stdin.write("now\n");
  });

/** A phone that sends `text`, and what came until the end. */
function phone(text: string): { socket: Socket; answer: Promise<string> } {
  const socket = connect(PORT, "127.0.0.1");
  let answer = "";
  socket.on("data", (bytes) => {
    answer += bytes;
  });
  socket.write(text);
  return {
    socket,
    answer: new Promise((resolve) => {
      socket.on("error", () => {});
      socket.on("close", () => resolve(answer));
    }),
  };
}

const HEAD = "Host: 127.0.0.1\r\nUser-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)\r\n";
const GET = `GET /?choose HTTP/1.1\r\n${HEAD}\r\n`;
const FORM = `${HEAD}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n`;

async function get(): Promise<void> {
  const answer = await phone(GET).answer;
  if (!answer.startsWith("HTTP/1.1 200 ")) throw new Error(`no page: ${JSON.stringify(answer.slice(0, 60))}`);
}

const rows: string[] = [];
const bytes = (count: number): string => Math.round(count).toLocaleString("en");
function row(name: string, { slots, chunks }: Heap): void {
  rows.push(`| ${name} | ${bytes(slots)} | ${bytes(chunks)} | ${bytes(slots * SLOT_DEVICE + chunks)} |`);
}

for (let tries = 0; ; tries++) {
  await wait(500);
  try {
    await get();
    break;
  } catch (error) {
    if (tries === 20) throw error;
  }
}
for (let i = 0; i < 20; i++) await get();
await wait(500);
const idle = await ask();
row("portal open, nobody in it", idle);

const half = Array.from({ length: PHONES }, () => phone(`POST /join HTTP/1.1\r\n${FORM}${"x".repeat(999)}`));
await wait(500);
row("four phones, each with all but the last byte of the largest form", await ask());
for (const { socket } of half) socket.write("x");
await Promise.all(half.map(({ answer }) => answer));

watch();
for (let round = 0; round < 25; round++) await Promise.all(Array.from({ length: PHONES }, get));
row("four phones load 25 pages each at once: the most", await ask());

for (let round = 0; round < 20; round++) {
  const flood = Array.from({ length: 50 }, (_, i) => phone(i % 2 === 0 ? "" : "GET / HT"));
  await wait(100);
  for (const { socket } of flood) socket.destroy();
}
await wait(500);
const start = performance.now();
await get();
const servedMs = performance.now() - start;
await wait(500);
const after = await ask();
row("after 20 floods of 50 connections", after);
firmware.kill("SIGKILL");

console.log("| state | slots | chunks, bytes | on a device, bytes (16 a slot) |\n| --- | --: | --: | --: |");
console.log(rows.join("\n"));
console.log(`\nA good client after the floods: ${servedMs.toFixed(0)} ms.`);
const lost = (after.slots - idle.slots) * SLOT_DEVICE + after.chunks - idle.chunks;
if (lost > 256) {
  console.error(`${LANE}: ${lost} bytes of heap are lost`);
  process.exitCode = 1;
}
