import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { PoweredBoard } from "../../../sim/device/worker-board";
import { linkedBoard } from "../../../sim/linked/linked-board";
import type { FromDevice } from "../../../sim/world/wire";

let folder: string;
let board: PoweredBoard;
let lives: number[];
let offs: number;
let lost: number;
let heard: FromDevice[];
let sockets: Socket[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "aerolink-"));
  [lives, offs, lost, heard, sockets] = [[], 0, 0, [], []];
  board = await linkedBoard({
    folder,
    mac: "02:00:5e:10:20:30",
    sensorSeed: 1,
    supply: {
      on: (life) => lives.push(life),
      off: async () => {
        offs++;
      },
    },
    onLost: () => lost++,
  });
  board.onMessage = (message) => heard.push(message);
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await board.powerOff();
  rmSync(folder, { recursive: true, force: true });
});

const lifeFile = () =>
  JSON.parse(readFileSync(join(folder, "life.json"), "utf8")) as {
    port: number;
    life: number;
    resetReason: string;
  };

/** The other process, in the life that it was told of, or in another. */
async function device(
  life = lifeFile().life,
): Promise<{ socket: Socket; text: () => string; ended: () => boolean }> {
  const socket = connect(lifeFile().port, "127.0.0.1");
  sockets.push(socket);
  let text = "";
  let ended = false;
  socket.setEncoding("utf8");
  socket.on("data", (part: string) => {
    text += part;
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    ended = true;
  });
  socket.write(`${life}\n`);
  return { socket, text: () => text, ended: () => ended };
}

test("Each power-on is a life of its own, and says why the last one ended", async () => {
  board.powerOn();
  expect(lifeFile()).toMatchObject({ life: 1, resetReason: "power-on" });
  await board.powerOff();
  board.powerOn("software");
  expect(lifeFile()).toMatchObject({ life: 2, resetReason: "software" });
  expect(lives).toEqual([1, 2]);
  expect(offs).toBe(1);
});

test("Messages pass both ways, cut anywhere, with their bytes", async () => {
  board.powerOn();
  const { socket, text } = await device();
  socket.write('{"t":"tcp-data","id":1,"bytes":{"ba');
  await new Promise((resolve) => setTimeout(resolve, 50));
  socket.write('se64":"AP8="}}\n{"t":"leave"}\n');
  await vi.waitFor(() => expect(heard).toHaveLength(2));
  expect(heard).toEqual([{ t: "tcp-data", id: 1, bytes: new Uint8Array([0, 255]) }, { t: "leave" }]);
  board.post({ t: "tcp-data", id: 1, bytes: new Uint8Array([1]) });
  await vi.waitFor(() => expect(text()).toBe('{"t":"tcp-data","id":1,"bytes":{"base64":"AQ=="}}\n'));
});

test("A life that is over is not heard, and neither is one that nobody began", async () => {
  board.powerOn();
  await board.powerOff();
  board.powerOn();
  const old = await device(1);
  old.socket.write('{"t":"leave"}\n');
  await vi.waitFor(() => expect(old.ended()).toBe(true));
  await board.powerOff();
  const early = await device(2);
  await vi.waitFor(() => expect(early.ended()).toBe(true));
  expect(heard).toEqual([]);
  expect(lost).toBe(0);
});

test("With the power off nothing is heard any more; ending with the power on is reported once", async () => {
  board.powerOn();
  const first = await device();
  first.socket.write('{"t":"leave"}\n');
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  await board.powerOff();
  await vi.waitFor(() => expect(first.ended()).toBe(true));
  expect(lost).toBe(0);
  board.powerOn();
  const second = await device();
  second.socket.write('{"t":"leave"}\n');
  await vi.waitFor(() => expect(heard).toHaveLength(2));
  second.socket.destroy();
  await vi.waitFor(() => expect(lost).toBe(1));
});

test("A web page that sends a request here is no board, whatever its lines say", async () => {
  board.powerOn();
  const real = await device();
  real.socket.write('{"t":"leave"}\n');
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  const page = connect(lifeFile().port, "127.0.0.1");
  sockets.push(page);
  page.on("error", () => {});
  page.write(`POST / HTTP/1.1\r\n\r\n${lifeFile().life}\n{"t":"leave"}\n`);
  await new Promise((resolve) => page.on("close", resolve).resume());
  expect(heard).toHaveLength(1);
  expect(real.ended()).toBe(false);
});

test("A board that sends what is no message has let go of the wire", async () => {
  board.powerOn();
  const { socket, ended } = await device();
  socket.write("no message\n");
  await vi.waitFor(() => expect(ended()).toBe(true));
  expect(lost).toBe(1);
});
