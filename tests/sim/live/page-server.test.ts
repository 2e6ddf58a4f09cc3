import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type RequestOptions, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PageServer, PortTaken } from "../../../sim/live/page-server";
import type { Action, PageEvent } from "../../../sim/live/protocol";
import type { Show } from "../../../sim/live/show";

let folder: string;
let server: PageServer;
let acted: Action[];
let refusal: string | undefined;
let listeners: ((event: PageEvent) => void)[];

const show = {
  act: async (action: Action) => {
    acted.push(action);
    return refusal;
  },
  subscribe: (listener: (event: PageEvent) => void) => {
    listeners.push(listener);
    listener({ t: "led", led: { r: 1, g: 2, b: 3 } });
    return () => listeners.splice(listeners.indexOf(listener), 1);
  },
  state: {
    device: {
      id: "aerolink-1",
      mac: "02:00:5e:10:20:30",
      setupSsid: "Aerolink-102030",
      setupPassword: "secret99",
    },
  },
} as unknown as Show;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "aerolink-"));
  writeFileSync(join(folder, "index.html"), "<!doctype html>");
  writeFileSync(join(folder, "secret.pem"), "key");
  acted = [];
  listeners = [];
  refusal = undefined;
  server = await PageServer.start({ show, folder, port: 0 });
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

function ask(path: string, options: RequestOptions = {}, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port: server.port, path, ...options }, (response) => {
      let text = "";
      response.on("data", (part) => {
        text += part;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: text }),
      );
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

const act = (body: string, origin: string | undefined = `http://127.0.0.1:${server.port}`) =>
  ask("/act", { method: "POST", ...(origin && { headers: { origin } }) }, body);

test("The page is served with a policy that lets nothing in from outside", async () => {
  const answer = await ask("/");
  expect(answer).toMatchObject({ status: 200, body: "<!doctype html>" });
  expect(answer.headers["content-security-policy"]).toContain("default-src 'self'");
  expect((await ask("/", { headers: { host: `localhost:${server.port}` } })).status).toBe(200);
});

test("Another name for this computer is refused: a page elsewhere may have pointed its own name here", async () => {
  expect((await ask("/", { headers: { host: `evil.example:${server.port}` } })).status).toBe(421);
  expect((await ask("/events", { headers: { host: "127.0.0.1" } })).status).toBe(421);
});

test("Only this page may act", async () => {
  expect((await act('{"do":"mend"}')).status).toBe(204);
  expect((await act('{"do":"mend"}', "http://evil.example")).status).toBe(403);
  expect((await act('{"do":"mend"}', "")).status).toBe(403);
  expect(acted).toEqual([{ do: "mend" }]);
});

test("What is no action is said to be none, and what cannot be done says why", async () => {
  expect((await act('{"do":"nothing"}')).status).toBe(400);
  refusal = "the room is full";
  expect(await act('{"do":"add-router"}')).toMatchObject({ status: 409, body: "the room is full\n" });
});

test("An endless body is cut off", async () => {
  await expect(act("x".repeat(100_000))).rejects.toThrow();
  expect(acted).toEqual([]);
});

test("Nothing but the built page's own kinds of file is served, and nothing outside its folder", async () => {
  for (const path of ["/secret.pem", "/..%2findex.html", "/a//index.html", "/.hidden.js", "/nowhere.js"])
    expect((await ask(path)).status, path).toBe(404);
  expect((await ask("/", { method: "PUT" })).status).toBe(405);
});

test("The label says what is printed on the device", async () => {
  const answer = await ask("/label.svg");
  expect(answer.headers["content-type"]).toBe("image/svg+xml");
  for (const text of ["02:00:5E:10:20:30", "Aerolink-102030", "secret99"])
    expect(answer.body).toContain(text);
});

test("Events come as they happen, and end with the reader", async () => {
  const events: string[] = [];
  await new Promise<void>((resolve) => {
    const asked = request({ host: "127.0.0.1", port: server.port, path: "/events" }, (response) => {
      response.on("data", (part) => {
        events.push(String(part));
        asked.destroy();
        resolve();
      });
      response.on("error", () => {});
    });
    asked.on("error", () => {});
    asked.end();
  });
  expect(events[0]).toBe('data: {"t":"led","led":{"r":1,"g":2,"b":3}}\n\n');
  await expect.poll(() => listeners.length).toBe(0);
});

test("A port that is taken is said with its number, and what to do", async () => {
  const again = PageServer.start({ show, folder, port: server.port });
  await expect(again).rejects.toThrow(PortTaken);
  await expect(again).rejects.toThrow(`port ${server.port} is in use; choose another with --port`);
});

test("Without a wish the next free port is taken", async () => {
  const first = await PageServer.start({ show, folder });
  const second = await PageServer.start({ show, folder });
  expect(second.port).toBeGreaterThan(first.port);
  await first.close();
  await second.close();
});
