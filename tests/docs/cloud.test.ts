// What docs/cloud.md has one type is typed here, in its order: against a cloud that runs from its own configuration.
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SCOPES } from "../../cloud/access/scopes";
import { parseConfig, readConfig } from "../../cloud/config/config";
import { openStore, type RunningCloud, serve } from "../../cloud/main";
import { FLEET } from "../../cloud/store/scope";
import { RETENTION } from "../../cloud/store/store";
import { findPostgres, type PostgresCluster, startPostgres } from "../../tools/bench/cloud/postgres";
import { main as cloudServe } from "../../tools/cloud/serve";
import { main as identity } from "../../tools/identity/cli";
import { parseCli } from "../../tools/release/options";
import { operationsForTests } from "../support/cloud-operations";
import { limit } from "../support/limit";
import { manifestOf, updateStateText } from "../support/offers";
import { readingAt } from "../support/stores";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
const page = read("docs/cloud.md");
const blocksOf = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(([, text]) => text!);
const lines = blocksOf("sh").flatMap((block) => block.trim().split("\n"));
const DEVICE = "aerolink-02005e102030";
const NOW = Math.floor(Date.now() / 1000);

/** As GitHub makes them of headings. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );

test("What docs/cloud.md points at is there", () => {
  for (const [, link, anchor] of page.matchAll(/\]\(([\w./-]*)(?:#([\w-]+))?\)/g)) {
    const path =
      link === "" ? "docs/cloud.md" : new URL(`docs/${link}`, root).pathname.slice(root.pathname.length);
    expect(existsSync(new URL(path, root)), `${link}`).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(read(path)), `${path}#${anchor}`).toContain(anchor);
  }
});

test("Each command of the page is of a kind that is run here", () => {
  const kinds =
    /^(npm run (identity|cloud:serve|release) |npm run identity$|TOKEN=\$\(curl|curl |pg_dump|createdb|pg_restore)/;
  expect(lines.filter((line) => !kinds.test(line))).toEqual([]);
  for (const line of lines.filter((each) => each.startsWith("npm run release -- ")))
    expect(parseCli(line.split(" ").slice(4)), line).toBeDefined();
});

test("Its configurations are ones that the program takes", () => {
  const blocks = blocksOf("jsonc");
  expect(blocks.length).toBe(4);
  for (const block of blocks) parseConfig(block, "/etc/aerolink/cloud.jsonc");
});

test("Its table has every scope, and its calls, their days and their hundreds are those of the program", () => {
  const [, table = ""] = /\| scope \| lets a client \|\n([\s\S]*?)\n\n/.exec(page) ?? [];
  const named = [...table.matchAll(/`(api:[\w:]+)`/g)].map(([, scope]) => scope!);
  expect(named.sort()).toEqual(Object.keys(SCOPES).sort());
  const paths = operationsForTests().map(({ path }) => path);
  for (const [, path] of page.matchAll(
    /`(?:GET|POST|PATCH|DELETE)? ?(\/(?:api|oauth)\/[\w/{}-]+|\/metrics)`/g,
  ))
    if (path !== "/api/v3/external/")
      expect(
        paths.map((each) => each.replace(/\{device\}/, "{device}")),
        path,
      ).toContain(path);
  for (const [, path] of page.matchAll(
    /`(?:GET|POST|PATCH|DELETE) (\/(?:certificates|rollouts|devices)[\w/{}-]*)`/g,
  ))
    expect(
      paths.map((each) => each.replace(/\{\w+_id\}/, "{id}").replace("/api/v3/external", "")),
      path,
    ).toContain(path);
  const { readings, asides, audit } = RETENTION;
  expect(page.replaceAll(/\s+/g, " ")).toContain(
    `readings ${readings}, hourly means for ever, messages that were put aside ${asides}, audit ${audit}`,
  );
});

/** The page's configuration with this folder's files, on loopback, and without a broker. */
function ownConfig(folder: string, store: object): string {
  const file = join(folder, "cloud.jsonc");
  const [first] = blocksOf("jsonc");
  const { broker: _broker, tls: _tls, ...config } = JSON.parse(first!);
  writeFileSync(
    file,
    JSON.stringify({ ...config, publicUrl: "http://localhost", listen: { port: 0 }, store }),
  );
  return file;
}

async function typed(file: string, line: string): Promise<string[]> {
  const said: string[] = [];
  const words = line.replace("npm run cloud:serve -- ", "").replace("cloud.jsonc", file).split(" ");
  expect(await cloudServe(words, (text) => void said.push(text)), line).toBe(0);
  return said;
}

const readings = (from: number, count: number) => ({
  kind: "readings" as const,
  device: DEVICE,
  readings: Array.from({ length: count }, (_, i) => readingAt(from + i, NOW - 600 + (from + i) * 60)),
});

describe("On one machine", () => {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-cloud-page-"));
  const here = (name: string): string => join(folder, name);
  const file = ownConfig(folder, { engine: "embedded", file: "cloud.db" });
  const edits = lines.filter((line) => /^npm run cloud:serve -- --config cloud\.jsonc \w/.test(line));
  let cloud: RunningCloud | undefined;

  afterAll(async () => {
    await cloud?.close();
    rmSync(folder, { recursive: true });
  });

  test("the cloud's certificate is made by the two lines of the page, where the page says", async () => {
    const pki = here(".aerolink/pki");
    for (const line of lines.filter((each) => each.startsWith("npm run identity")))
      expect(
        await identity([...line.split(" ").slice(4), "--dir", pki], { print: () => {}, warn: () => {} }),
        line,
      ).toBe(0);
    for (const [, name] of blocksOf("jsonc")[0]!.matchAll(/"(\.aerolink\/pki\/[^"]+)"/g))
      expect(existsSync(here(name!)), name).toBe(true);
  });

  test(
    "accounts, devices and clients are made while it runs, and its scripts get what they ask for",
    async () => {
      const secrets: string[] = [];
      for (const line of edits.filter((each) => /(account|device|client) (add|list)/.test(each)))
        secrets.push(...(await typed(file, line)));
      const caretaker = JSON.parse(secrets.filter((line) => line.includes("client_secret")).at(-1)!);
      cloud = await serve({
        config: readConfig(file),
        version: "0.0.0",
        log: () => {},
        connectControl: () => {
          throw new Error("there is no broker");
        },
      });
      await cloud.store.take([
        readings(1, 5),
        { kind: "state", device: DEVICE, topic: "update/state", text: updateStateText(), at: NOW },
      ]);
      writeFileSync(here("offer.jws"), manifestOf());
      const asked = lines.filter((line) => /^(TOKEN=|curl )/.test(line));
      const script = asked.map((line) => line.replaceAll("https://air.example.org", cloud!.url)).join("\n");
      const { stdout } = await promisify(execFile)("sh", ["-e", "-c", script], {
        cwd: folder,
        env: {
          PATH: process.env.PATH,
          CLIENT_ID: caretaker.client_id,
          CLIENT_SECRET: caretaker.client_secret,
        },
      });
      expect(stdout).toContain(`"mqtt_id":"${DEVICE}"`);
      expect(stdout).toContain("cloud_account_id,cloud_device_id,cloud_timestamp,timestamp");
      expect(stdout).toContain('"tags":["ground-floor"]');
      // This cloud has no broker, and says so.
      expect(stdout).toContain("urn:aerolink:problem:no-broker");
      expect(stdout).toContain('"action":"change-device"');
    },
    limit(30_000),
  );

  test("a backup of the running store is whole, and the restored one takes new readings", async () => {
    const [line] = edits.filter((each) => each.includes(" backup "));
    await typed(file, line!.replace("cloud-backup.db", here("cloud-backup.db")));
    await cloud!.store.take([readings(6, 1)]);
    await cloud!.close();
    cloud = undefined;
    for (const name of ["cloud.db-wal", "cloud.db-shm"]) rmSync(here(name), { force: true });
    renameSync(here("cloud-backup.db"), here("cloud.db"));
    const store = await openStore(readConfig(file), () => {});
    await store.hours.sumUp();
    expect(await store.readings.latest(FLEET, NOW + 86_400)).toMatchObject([{ seq: 5 }]);
    expect((await store.clients.visible(FLEET)).map(({ name }) => name).sort()).toEqual([
      "caretaker",
      "dashboard",
    ]);
    expect((await store.audit.visible(FLEET)).length).toBeGreaterThan(3);
    expect(await store.take([readings(6, 2)])).toMatchObject({ added: 2 });
    await store.close();
  });

  test("what a device has said is deleted by the line of the page, then the device, and both are written down", async () => {
    for (const line of edits.filter((each) => /device (forget|remove)/.test(each))) await typed(file, line);
    const store = await openStore(readConfig(file), () => {});
    expect(await store.devices.visible(FLEET)).toEqual([]);
    expect(await store.readings.latest(FLEET, NOW + 86_400)).toEqual([]);
    const rows = await store.audit.visible(FLEET, { limit: 2 });
    expect(rows.map(({ actor, action }) => [actor, action])).toEqual([
      ["operator", "device-remove"],
      ["operator", "device-forget"],
    ]);
    await store.close();
    expect(await cloudServe(["--config", file, "device", "forget", "nobody"], () => {})).toBe(2);
    expect(await cloudServe(["--config", file, "backup", file], () => {})).toBe(2);
  });
});

const programs = findPostgres();

describe.skipIf(!programs)("On PostgreSQL", () => {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-cloud-page-"));
  let cluster: PostgresCluster;

  beforeAll(async () => {
    cluster = await startPostgres(programs!, { fsync: "off" });
  }, limit(60_000));
  afterAll(async () => {
    await cluster?.stop();
    rmSync(folder, { recursive: true });
  });

  test(
    "a dump of the running database is restored into another, which goes on, and Grafana's user reads it and no more",
    async () => {
      const url = cluster.newDatabase();
      const restored = url.replace(/\/test_\d+/, "/restored");
      const config = (store: string) =>
        readConfig(ownConfig(folder, { engine: "postgresql", url: store, connections: 1 }));
      const store = await openStore(config(url), () => {});
      await store.take([readings(1, 5)]);
      await store.audit.add({
        ...{ at: NOW, account: store.homeAccount, actor: "operator", action: "x", device: null, detail: {} },
      });
      await store.hours.sumUp();
      const dump = lines.filter((line) => /^(pg_dump|createdb|pg_restore)/.test(line));
      expect(dump).toHaveLength(3);
      await promisify(execFile)("sh", ["-e", "-c", dump.join("\n")], {
        cwd: folder,
        env: { PATH: `${programs}:${process.env.PATH}`, DATABASE_URL: url, RESTORED_URL: restored },
      });
      await store.close();
      const again = await openStore(config(restored), () => {});
      expect(await again.readings.latest(FLEET, NOW + 86_400)).toMatchObject([{ device: DEVICE, seq: 5 }]);
      expect(await again.audit.visible(FLEET)).toMatchObject([{ action: "x" }]);
      expect(await again.take([readings(5, 2)])).toMatchObject({ added: 1, repeated: 1 });

      const owner = new pg.Client({ connectionString: restored });
      await owner.connect();
      await owner.query(blocksOf("sql").join("\n"));
      const grafana = new pg.Client({ connectionString: restored.replace("aerolink@", "grafana@") });
      await grafana.connect();
      expect((await grafana.query("SELECT COUNT(*)::int AS n FROM readings")).rows).toEqual([{ n: 6 }]);
      await expect(grafana.query("SELECT * FROM clients")).rejects.toThrow("permission denied");
      await expect(grafana.query("DELETE FROM readings")).rejects.toThrow("permission denied");
      await grafana.end();
      await owner.end();
      await again.close();
    },
    limit(60_000),
  );
});
