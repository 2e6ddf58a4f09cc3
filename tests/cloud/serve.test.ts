import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { readConfig } from "../../cloud/config/config";
import { serve } from "../../cloud/main";
import type { Store } from "../../cloud/store/store";
import { Upkeep } from "../../cloud/store/upkeep";
import { main } from "../../tools/cloud/serve";

const folder = mkdtempSync(join(tmpdir(), "aerolink-cloud-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "cloud.jsonc");
writeFileSync(
  file,
  `{ "publicUrl": "http://localhost", "listen": { "port": 0 }, "store": { "engine": "embedded", "file": "cloud.db" } }`,
);

async function run(...args: string[]): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = [];
  const code = await main(["--config", file, ...args], (line) => void lines.push(line));
  return { code, lines };
}

test("A client made on the command line gets a token from the cloud that the same configuration starts, and its secret is kept nowhere", async () => {
  expect((await run("account", "add", "acme")).code).toBe(0);
  const { lines } = await run(
    "client",
    "add",
    "script",
    "--account",
    "acme",
    "--scope",
    "api:read:device",
    "--from",
    "127.0.0.0/8",
    "--until",
    "2100-01-01",
  );
  const made = JSON.parse(lines[0]!) as { client_id: string; client_secret: string; account_id: string };
  expect((await run("device", "add", "one", "--account", "acme")).code).toBe(0);

  const log: string[] = [];
  const cloud = await serve({ config: readConfig(file), version: "1.2.3", log: (line) => log.push(line) });
  try {
    const { client_id, client_secret } = made;
    const form = new URLSearchParams({ grant_type: "client_credentials", client_id, client_secret });
    const token = (await (
      await fetch(`${cloud.url}/oauth/token`, { method: "POST", body: form })
    ).json()) as { access_token: string };
    const headers = { authorization: `Bearer ${token.access_token}` };
    const devices = await (await fetch(`${cloud.url}/api/v3/external/devices`, { headers })).json();
    expect(devices).toMatchObject([{ mqtt_id: "one", account_id: made.account_id }]);
    const command = await fetch(`${cloud.url}/api/v3/external/devices/one/desired`, { headers });
    expect([command.status, await command.json()]).toEqual([
      503,
      expect.objectContaining({ type: "urn:aerolink:problem:no-broker" }),
    ]);
    expect(await (await fetch(`${cloud.url}/healthz`)).json()).toEqual({ ok: true });
    await run("client", "revoke", client_id);
    expect((await fetch(`${cloud.url}/api/v3/external/devices`, { headers })).status).toBe(401);
  } finally {
    await cloud.close();
  }
  const kept = ["cloud.db", "cloud.db-wal"].map((name) => {
    try {
      return readFileSync(join(folder, name), "latin1");
    } catch {
      return "";
    }
  });
  for (const text of [...kept, log.join("\n"), (await run("client", "list")).lines.join("\n")])
    expect(text).not.toContain(made.client_secret);
  expect((await run("client", "list")).lines.join("\n")).not.toContain("scrypt");
});

test.each([
  [["client", "add"]],
  [["client", "add", "x", "--scope", "everything"]],
  [["client", "add", "x", "--from", "somewhere"]],
  [["client", "add", "x", "--until", "later"]],
  [["client", "add", "x", "--account", "nobody"]],
  [["client", "revoke", "nobody"]],
  [["device", "list", "x"]],
  [["start"]],
  [["--nonsense"]],
])("%j is wrong usage", async (args) => {
  expect((await run(...args)).code).toBe(2);
});

test("A configuration that is wrong is told, and nothing starts", async () => {
  const wrong = join(folder, "wrong.jsonc");
  writeFileSync(wrong, "{}");
  expect(await main(["--config", wrong], () => {})).toBe(1);
  expect(await main(["--config", join(folder, "none.jsonc")], () => {})).toBe(1);
  expect(await main([], () => {})).toBe(2);
});

test("Hours are summed up each minute, retention is kept a minute after the start and four times a day, and trouble ends neither", async () => {
  vi.useFakeTimers();
  try {
    const done = { hours: 0, retain: 0, troubles: 0 };
    const store = {
      hours: {
        sumUp: async () => {
          done.hours++;
          if (done.hours % 2 === 0) throw new Error("away");
        },
      },
      retain: async () => done.retain++,
    } as unknown as Store;
    const upkeep = new Upkeep(store, { onTrouble: () => done.troubles++ });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(done).toEqual({ hours: 1, retain: 1, troubles: 0 });
    await vi.advanceTimersByTimeAsync(24 * 3_600_000 - 60_000);
    expect(done).toEqual({ hours: 1_440, retain: 4, troubles: 720 });
    await upkeep.close();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(done.hours).toBe(1_440);
  } finally {
    vi.useRealTimers();
  }
});
