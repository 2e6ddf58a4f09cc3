import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { parseCli, UsageError } from "../../../sim/cli/options";
import { PageServer } from "../../../sim/live/page-server";
import type { Show } from "../../../sim/live/show";
import { ROOT } from "../../../tools/base/run-ts.mjs";
import { openDevPage } from "../../../tools/start/dev-page.mjs";

const show = {
  act: async () => undefined,
  subscribe: (listener: (event: object) => void) => {
    listener({ t: "led", led: { r: 1, g: 2, b: 3 } });
    return () => {};
  },
  state: { device: {} },
} as unknown as Show;

test("With --dev the page comes from its sources, behind the same gate, and the world's own addresses stay", async () => {
  const server = await PageServer.start({ show, folder: "", port: 0, live: openDevPage });
  try {
    const origin = server.url.slice(0, -1);
    const source = await fetch(`${origin}/main.tsx`);
    expect(source.headers.get("content-type")).toContain("javascript");
    expect(await source.text()).toContain("app.tsx");
    expect(await (await fetch(`${origin}/`)).text()).toContain("/@vite/client");
    // Told of what is saved: over a connection of the same server.
    expect(await (await fetch(`${origin}/@vite/client`)).text()).toContain("WebSocket");
    for (const path of ["/", "/main.tsx", "/@vite/client"]) {
      const stranger = await fetch(`${origin}${path}`, { headers: { origin: "http://elsewhere.example" } });
      expect(stranger.status).toBe(403);
    }
    // A key that a simulator keeps in the project's folder.
    const key = join(ROOT, ".aerolink", `test-${process.pid}`, "device.bin");
    mkdirSync(dirname(key), { recursive: true });
    writeFileSync(key, "a key of nobody");
    const asked = await fetch(`${origin}/@fs/${key.replaceAll("\\", "/").replace(/^\//, "")}`);
    rmSync(dirname(key), { recursive: true });
    expect(await asked.text()).not.toContain("a key of nobody");
    const events = await fetch(`${origin}/events`);
    expect(events.headers.get("content-type")).toBe("text/event-stream");
    await events.body!.cancel();
    const acted = await fetch(`${origin}/act`, { method: "POST", body: "{}" });
    expect(acted.status).toBe(403);
  } finally {
    await server.close();
  }
});

test("--dev is asked for by name, and not with --headless", () => {
  expect(parseCli([])!.dev).toBe(false);
  expect(parseCli(["--dev"])!.dev).toBe(true);
  expect(() => parseCli(["--dev", "--headless"])).toThrow(UsageError);
});
