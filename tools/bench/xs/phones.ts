import { connect, createServer, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** The setup page's, of the simulated board (modules/board/desktop.ts). */
const PORT = 8080;
export const PHONES = 4;

const HEAD = "Host: 127.0.0.1\r\nUser-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)\r\n";
const GET = `GET /?choose HTTP/1.1\r\n${HEAD}\r\n`;
const FORM = `${HEAD}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n`;

/** A phone that sends `text`, and what came until the end. */
export function phone(text: string): { socket: Socket; answer: Promise<string> } {
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

/** @throws when it is no page */
export async function loadPage(): Promise<void> {
  const answer = await phone(GET).answer;
  if (!answer.startsWith("HTTP/1.1 200 ")) throw new Error(`no page: ${JSON.stringify(answer.slice(0, 60))}`);
}

/** Waits until no other program of this computer has the setup page's port. */
export async function untilPortFree(): Promise<void> {
  for (let tries = 0; ; tries++) {
    const server = createServer();
    try {
      await new Promise<void>((resolve, reject) => server.once("error", reject).listen(PORT, resolve));
      await new Promise((resolve) => server.close(resolve));
      return;
    } catch (error) {
      if (tries === 120) throw error;
      await wait(500);
    }
  }
}

/** Loads the page until it comes: the portal is opened while the device begins. @throws when it does not */
export async function untilOpen(): Promise<void> {
  for (let tries = 0; ; tries++) {
    await wait(500);
    try {
      return await loadPage();
    } catch (error) {
      if (tries === 20) throw error;
    }
  }
}

/** Four phones that have sent all but the last byte of the largest form. @returns sends that, and waits for the answers */
export async function halfForms(): Promise<() => Promise<void>> {
  const half = Array.from({ length: PHONES }, () =>
    phone(`POST /join HTTP/1.1\r\n${FORM}${"x".repeat(999)}`),
  );
  await wait(500);
  return async () => {
    for (const { socket } of half) socket.write("x");
    await Promise.all(half.map(({ answer }) => answer));
  };
}

/** Four phones load the page `rounds` times each, at once. */
export async function loadAtOnce(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) await Promise.all(Array.from({ length: PHONES }, loadPage));
}

/** `rounds` times 50 connections that say nothing or too little, and go. */
export async function flood(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const all = Array.from({ length: 50 }, (_, i) => phone(i % 2 === 0 ? "" : "GET / HT"));
    await wait(100);
    for (const { socket } of all) socket.destroy();
  }
  await wait(500);
}
