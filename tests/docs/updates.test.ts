// What docs/updates.md has one type is typed here, as far as it needs no board, no broker and no fleet.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { USUAL_PLAN } from "../../cloud/rollout/plan";
import { main } from "../../tools/release/cli";
import { parseCli } from "../../tools/release/options";
import { limit } from "../support/limit";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
const page = read("docs/updates.md");
const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text]) => text!.trim().split("\n"));
const RELEASE = "npm run release -- ";

/** A line as a shell takes it apart. */
const words = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);

test("Every command of docs/updates.md is one that the tool takes", () => {
  const lines = blocks.flat().filter((line) => line.startsWith(RELEASE));
  expect(lines.length).toBeGreaterThan(9);
  for (const line of lines) expect(parseCli(words(line.slice(RELEASE.length))), line).toBeDefined();
});

test("The stages, their pause and their limits are those of the tool", () => {
  const { stages, mostFailures, quorum } = USUAL_PLAN;
  expect(stages.map(({ share }) => `${share * 100} %`).join(", ")).toBe("1 %, 10 %, 100 %");
  expect([stages[0]!.soakSeconds, mostFailures, quorum]).toEqual([24 * 3_600, 0.02, 0.5]);
  expect(page).toContain("1 %, 10 %, 100 % of the devices");
  expect(page).toContain(
    "after 24 hours (`--soak`), when half of the stage has confirmed, and less than 2 % have failed",
  );
});

describe("From the keys to an offer", () => {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-updates-"));
  const here = (name: string): string => join(folder, name);
  const saved = process.env.AEROLINK_PASSPHRASE;
  const manifest = JSON.parse(read("manifest.json")) as {
    config: { release: number; firmwareVersion: string };
  };
  const built = `images/aerolink-simulator-${manifest.config.release}-${manifest.config.firmwareVersion}.bin`;

  beforeAll(() => {
    process.env.AEROLINK_PASSPHRASE = "for a test";
    writeFileSync(
      here("manifest.json"),
      read("manifest.json").replace(/"updateKeys": \[[^\]]*\]/, '"updateKeys": []'),
    );
  });
  afterAll(() => {
    if (saved === undefined) delete process.env.AEROLINK_PASSPHRASE;
    else process.env.AEROLINK_PASSPHRASE = saved;
    rmSync(folder, { recursive: true });
  });

  /** As it is typed, with this folder in place of the files and folders of a real one. */
  async function type(line: string): Promise<void> {
    const placed = words(line).map((word, i, all) =>
      (all[i - 1] === "--release" ? String(manifest.config.release) : word)
        .replace(/^\.aerolink\/release\/images\/aerolink-simulator-.*\.bin$/, here(built))
        .replace(".aerolink/release", folder)
        .replace(/^(image\.bin|offer\.jws|input|signature)$/, (name) =>
          here(name === "image.bin" ? built : name),
        ),
    );
    if (!line.startsWith(RELEASE)) {
      const [program, ...args] = placed;
      return void execFileSync(program!, [args[0]!, "-passin", "env:AEROLINK_PASSPHRASE", ...args.slice(1)], {
        cwd: folder,
      });
    }
    const [action, ...rest] = placed.slice(words(RELEASE).length);
    const more = {
      keygen: ["--dir", folder, "--manifest", here("manifest.json")],
      build: ["--out", here("images")],
      sign: ["--manifest", here("manifest.json")],
    }[action!];
    const warned: string[] = [];
    const said = { print: () => {}, warn: (text: string) => void warned.push(text) };
    expect(await main([action!, ...rest, ...(more ?? [])], said), `${line}: ${warned.join()}`).toBe(0);
  }

  const lineOf = (start: string): string[] => blocks.flat().filter((line) => line.startsWith(start));

  test(
    "what the page has one type makes keys, an image, and an offer of it, twice over",
    async () => {
      for (const line of lineOf(`${RELEASE}keygen`)) await type(line);
      expect(existsSync(here("signing.key.pem")) && existsSync(here("reserve.pub"))).toBe(true);
      await type(lineOf(`${RELEASE}build --board simulator`)[0]!);
      const bySigning = lineOf(`${RELEASE}sign`).find((line) => line.includes("--signing-key"))!;
      await type(bySigning);
      const offer = readFileSync(here("offer.jws"), "utf8");
      rmSync(here("offer.jws"));
      const elsewhere = blocks.find((block) => block.some((line) => line.startsWith("openssl")))!;
      for (const line of elsewhere) await type(line);
      const other = readFileSync(here("offer.jws"), "utf8");
      expect(other.length).toBe(offer.length);
      expect(other).not.toBe(offer);
    },
    limit(30_000),
  );
});

/** As GitHub makes them of headings. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );

test("What docs/updates.md and docs/bring-up.md point at is there", () => {
  for (const path of ["docs/updates.md", "docs/bring-up.md"])
    for (const [, link, anchor] of read(path).matchAll(/\]\(([\w./-]*)(?:#([\w-]+))?\)/g)) {
      const target = link === "" ? path : `docs/${link}`;
      expect(existsSync(new URL(target, root)), `${path}: ${link}`).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(read(target)), `${path}: ${target}`).toContain(anchor);
    }
});
