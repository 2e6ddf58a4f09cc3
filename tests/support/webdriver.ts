// Browsers that are not Chromium, driven over WebDriver (W3C) without a library: WebKitGTK by its WebKitWebDriver
// over HTTP, Firefox by Marionette, the socket that geckodriver speaks to.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Key of an element's reference (WebDriver, 11). */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
const START_MS = 60_000;
const POLL_MS = 100;
/** A proxy that nothing answers at: what asks for the world outside gets nothing. */
const NOWHERE = { host: "127.0.0.1", port: 9 } as const;

type Command =
  | "NewSession"
  | "Navigate"
  | "FindElement"
  | "ElementClick"
  | "ElementSendKeys"
  | "SwitchToFrame"
  | "ExecuteScript"
  | "TakeScreenshot";
type Send = (command: Command, parameters: Record<string, unknown>) => Promise<unknown>;

export interface DrivenBrowser {
  /** Name and version, as the browser says. */
  readonly version: string;
  go(url: string): Promise<void>;
  /** The value of a JavaScript expression in the page, or the frame. */
  evaluate<T>(expression: string): Promise<T>;
  /** Waits until the expression is true. */
  until(expression: string, limitMs?: number): Promise<void>;
  click(selector: string): Promise<void>;
  type(selector: string, text: string): Promise<void>;
  /** Into the frame, or back to the page. */
  enterFrame(selector: string | undefined): Promise<void>;
  /** PNG. */
  screenshot(): Promise<Buffer>;
  close(): Promise<void>;
}

export async function openFirefox(executablePath: string): Promise<DrivenBrowser> {
  const profile = mkdtempSync(join(tmpdir(), "aerolink-firefox-"));
  const port = await freePort();
  const preferences = {
    "marionette.port": port,
    "network.proxy.type": 1,
    "network.proxy.http": NOWHERE.host,
    "network.proxy.http_port": NOWHERE.port,
    "network.proxy.ssl": NOWHERE.host,
    "network.proxy.ssl_port": NOWHERE.port,
    "datareporting.policy.dataSubmissionEnabled": false,
    "app.update.enabled": false,
  };
  writeFileSync(
    join(profile, "user.js"),
    Object.entries(preferences)
      .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`)
      .join("\n"),
  );
  const browser = run(
    executablePath,
    [
      "--headless",
      "--width=1440",
      "--height=1200",
      "--marionette",
      "--no-remote",
      "--profile",
      profile,
      "about:blank",
    ],
    {
      HOME: profile,
    },
  );
  const close = async (): Promise<void> => {
    await end(browser);
    rmSync(profile, { recursive: true, force: true });
  };
  try {
    const socket = await poll("Marionette", async () => {
      const attempt = connect(port, "127.0.0.1");
      await once(attempt, "connect");
      return attempt;
    });
    const send = await marionette(socket);
    return await session(
      send,
      (element) => ({ element: element ?? null }),
      {},
      async () => {
        socket.destroy();
        await close();
      },
    );
  } catch (error) {
    await close();
    throw error;
  }
}

export async function openWebKit(driverPath: string): Promise<DrivenBrowser> {
  const home = mkdtempSync(join(tmpdir(), "aerolink-webkit-"));
  const screen = process.env.DISPLAY === undefined ? await openScreen() : undefined;
  const port = await freePort();
  const driver = run(driverPath, [`--port=${port}`], {
    HOME: home,
    // What a computer without a language has, and the page must bear.
    LANG: "C",
    // Without a session bus it would look for one.
    DBUS_SESSION_BUS_ADDRESS: "disabled:",
    ...(screen && { DISPLAY: screen.name }),
  });
  const close = async (): Promise<void> => {
    await end(driver);
    if (screen) await end(screen.server);
    rmSync(home, { recursive: true, force: true });
  };
  const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    const { value } = (await response.json()) as { value: unknown };
    if (!response.ok) throw new Error(JSON.stringify(value));
    return value;
  };
  try {
    await poll("WebKitWebDriver", () => ask("GET", "/status"));
    let at = "";
    const send: Send = async (command, { id, frame, ...parameters }) => {
      if (command !== "NewSession") {
        const [method, path] = PATHS[command];
        return ask(
          method,
          `${at}${path.replace(":id", String(id))}`,
          method === "POST" ? { ...parameters, ...(frame !== undefined && { id: frame }) } : undefined,
        );
      }
      const made = (await ask("POST", "/session", parameters)) as { sessionId: string };
      at = `/session/${made.sessionId}`;
      return made;
    };
    const alwaysMatch = {
      proxy: {
        proxyType: "manual",
        httpProxy: `${NOWHERE.host}:${NOWHERE.port}`,
        sslProxy: `${NOWHERE.host}:${NOWHERE.port}`,
        noProxy: ["127.0.0.1"],
      },
    };
    const frame = (element: string | undefined) => ({
      frame: element === undefined ? null : { [ELEMENT]: element },
    });
    return await session(send, frame, { capabilities: { alwaysMatch } }, async () => {
      await ask("DELETE", at);
      await close();
    });
  } catch (error) {
    await close();
    throw error;
  }
}

const PATHS = {
  Navigate: ["POST", "/url"],
  FindElement: ["POST", "/element"],
  ElementClick: ["POST", "/element/:id/click"],
  ElementSendKeys: ["POST", "/element/:id/value"],
  SwitchToFrame: ["POST", "/frame"],
  ExecuteScript: ["POST", "/execute/sync"],
  TakeScreenshot: ["GET", "/screenshot"],
} as const satisfies Record<Exclude<Command, "NewSession">, readonly ["GET" | "POST", string]>;

async function session(
  send: Send,
  frameParameters: (element: string | undefined) => Record<string, unknown>,
  parameters: Record<string, unknown>,
  close: () => Promise<void>,
): Promise<DrivenBrowser> {
  const { capabilities } = (await send("NewSession", parameters)) as {
    capabilities: { browserName: string; browserVersion: string };
  };
  const find = async (selector: string): Promise<string> => {
    const found = (await send("FindElement", { using: "css selector", value: selector })) as object;
    return unwrapped<Record<string, string>>(found)[ELEMENT]!;
  };
  const evaluate = async <T>(expression: string): Promise<T> =>
    unwrapped(await send("ExecuteScript", { script: `return ${expression}`, args: [] }));
  return {
    version: `${capabilities.browserName} ${capabilities.browserVersion}`,
    go: async (url) => void (await send("Navigate", { url })),
    evaluate,
    until: async (expression, limitMs = 30_000) => {
      const limit = Date.now() + limitMs;
      while (!(await evaluate(`Boolean(${expression})`))) {
        if (Date.now() > limit) throw new Error(`never true: ${expression}`);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },
    click: async (selector) => void (await send("ElementClick", { id: await find(selector) })),
    type: async (selector, text) => void (await send("ElementSendKeys", { id: await find(selector), text })),
    enterFrame: async (selector) => {
      // What is clicked is scrolled into the frame's view, not into the page's.
      if (selector !== undefined)
        await evaluate(
          `document.querySelector(${JSON.stringify(selector)}).scrollIntoView({ block: "center" })`,
        );
      const element = selector === undefined ? undefined : await find(selector);
      await send("SwitchToFrame", frameParameters(element));
    },
    screenshot: async () =>
      Buffer.from(unwrapped<string>(await send("TakeScreenshot", { full: false })), "base64"),
    close,
  };
}

/** Marionette wraps what HTTP gives bare. */
function unwrapped<T>(result: unknown): T {
  const wrapped = typeof result === "object" && result !== null && Object.keys(result).join() === "value";
  return (wrapped ? (result as { value: T }).value : result) as T;
}

/** `length:[0, id, command, parameters]` out, `length:[1, id, error, result]` back, after a greeting. */
async function marionette(socket: Socket): Promise<Send> {
  let unread = Buffer.alloc(0);
  let id = 0;
  const waiting = new Map<number, (answer: unknown[]) => void>();
  let greeted = (): void => {};
  const greeting = new Promise<void>((resolve) => {
    greeted = resolve;
  });
  socket.on("error", () => {}); // the browser has ended; what waits for it has a limit of its own
  socket.on("data", (bytes) => {
    unread = Buffer.concat([unread, bytes]);
    for (;;) {
      const colon = unread.indexOf(":");
      const length = Number(unread.subarray(0, Math.max(colon, 0)));
      if (colon < 0 || unread.length < colon + 1 + length) return;
      const message = JSON.parse(unread.subarray(colon + 1, colon + 1 + length).toString());
      unread = unread.subarray(colon + 1 + length);
      if (Array.isArray(message)) waiting.get(message[1])?.(message);
      else greeted();
    }
  });
  await greeting;
  return (command, parameters) =>
    new Promise((resolve, reject) => {
      const mine = ++id;
      waiting.set(mine, ([, , error, result]) => {
        waiting.delete(mine);
        if (error) reject(new Error(`${command}: ${JSON.stringify(error)}`));
        else resolve(result);
      });
      const text = JSON.stringify([0, mine, `WebDriver:${command}`, parameters]);
      socket.write(`${Buffer.byteLength(text)}:${text}`);
    });
}

/** A screen that nobody sees. */
async function openScreen(): Promise<{ server: ChildProcess; name: string }> {
  const server = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "1440x1200x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const [number] = await Promise.race([
    once(server.stdio[3] as NodeJS.ReadableStream, "data"),
    once(server, "error").then(([error]) => Promise.reject(error as Error)),
  ]);
  return { server, name: `:${String(number).trim()}` };
}

function run(path: string, args: readonly string[], env: Record<string, string>): ChildProcess {
  return spawn(path, args, { stdio: "ignore", env: { ...process.env, ...env } });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill();
  const late = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await ended;
  clearTimeout(late);
}

async function poll<T>(what: string, attempt: () => Promise<T>): Promise<T> {
  const limit = Date.now() + START_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > limit) throw new Error(`${what} does not answer`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
