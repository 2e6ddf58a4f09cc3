// What the pages say of the whole project, held to what it does. Four sentences stood here that were false: which Node
// it takes, what Ctrl-C does, where outages are shaded, how long a device waits before it comes back.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Backoff } from "../../modules/base/backoff";
import { LINE_MS } from "../../modules/network/line-check";
import { parseCli } from "../../sim/cli/options";
import type { PoweredBoard } from "../../sim/device/worker-board";
import { Show } from "../../sim/live/show";
import { homeRouter } from "../../sim/world/router";
import { isNodeFit, NODE_WANTED } from "../../tools/base/node-version.mjs";
import { limit } from "../support/limit";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
/** As one reads it: where a line ends says nothing. */
const flat = (text: string): string => text.replaceAll(/\s+/g, " ");
const { engines, scripts } = JSON.parse(read("package.json")) as {
  engines: { node: string };
  scripts: Record<string, string>;
};
const PAGES = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(new URL("docs", root))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

test("The Node versions of the pages, of package.json and of the check at the start are the same", () => {
  const wanted = /^\^20\.(\d+)\.0 \|\| >=22\.(\d+)\.0$/.exec(engines.node);
  expect(wanted, engines.node).not.toBeNull();
  const [of20, of22] = [Number(wanted![1]), Number(wanted![2])];
  expect(NODE_WANTED).toBe(`20.${of20}, 22.${of22}, 24 or newer`);
  for (const [version, fits] of [
    [`20.${of20 - 1}.9`, false],
    [`20.${of20}.0`, true],
    ["21.9.0", false],
    [`22.${of22 - 1}.9`, false],
    [`22.${of22}.0`, true],
    ["24.0.0", true],
    ["18.20.0", false],
  ] as const)
    expect(isNodeFit(version), version).toBe(fits);
  const said = PAGES.flatMap((page) =>
    [...flat(read(page)).matchAll(/Node(?:\.js)? (\d[\d., ]*or newer)/g)].map(([, what]) => [page, what]),
  );
  expect(said.map(([page]) => page)).toEqual(expect.arrayContaining(["README.md", "docs/flashing.md"]));
  for (const [page, what] of said) expect(what, page).toBe(NODE_WANTED);
});

/** A board that has power and does nothing: outages are the room's. */
function idleBoard(): PoweredBoard {
  let on = false;
  return {
    get on() {
      return on;
    },
    powerOn: () => {
      on = true;
    },
    powerOff: async () => {
      on = false;
    },
    post: () => {},
    onMessage: () => {},
  };
}

test(
  "docs/simulator.md says where outages are shaded: where the page is told of them",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "aerolink-claims-"));
    const show = await Show.open({
      folder,
      routers: () => [homeRouter()],
      networks: [{ ssid: "Home", password: "correct horse" }],
      hardware: { tell() {}, renew() {}, open: async () => idleBoard() },
    });
    await show.act({ do: "router", index: 0, change: { on: false } });
    const end = performance.now() + limit(2_000);
    while (show.state.outages.length === 0 && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const inReal = show.state.outages.length > 0;
    await show.close();
    rmSync(folder, { recursive: true, force: true });
    const page = flat(read("docs/simulator.md"));
    expect(page).toMatch(inReal ? /outages shaded/ : /outages of the virtual world shaded/);
    if (inReal) expect(page).not.toContain("outages of the virtual world shaded");
  },
  limit(60_000),
);

/** Sentences that other suites prove: where, and by which tests. */
const PROVED = [
  {
    page: "docs/simulator.md",
    says: "Ctrl-C or SIGTERM ends it within seconds, whatever the broker does; a second one ends it at once.",
    by: "tests/sim/cli/cli-run.test.ts",
    tests: ["Ctrl-C ends the first one cleanly", "A broker that is silent does not hold up Ctrl-C"],
  },
  {
    page: "docs/tls.md",
    says: "reaches solid blue with nothing of ours in C",
    by: "tests/e2e/xs-carried.test.ts",
    tests: ["by the helper: solid blue", "nothing of the build for other desktops is ours in C"],
  },
  {
    page: "docs/protocol.md",
    says: "It hears what devices announce and say, and commands none.",
    by: "tests/docs/home-assistant-acl.test.ts",
    tests: ["Home Assistant hears states and announcements, and can command nobody"],
  },
];

test.each(PROVED)("$page: $says", ({ page, says, by, tests }) => {
  expect(flat(read(page))).toContain(says);
  const suite = read(by);
  for (const name of tests) expect(suite, by).toContain(name);
});

test("docs/network.md gives the delays that the firmware waits", () => {
  const page = flat(read("docs/network.md"));
  const backoff = new Backoff();
  const bounds = Array.from({ length: 20 }, () => backoff.nextDelayMs(1 - 1e-9) + 1);
  expect(bounds[0]).toBe(1_000);
  const minutes = Math.max(...bounds) / 60_000;
  expect(page).toContain(
    `After a power cut devices come back within seconds; where the cause may lie with the cloud, with random delays of up to ${minutes} minutes.`,
  );
  const source = read("wiring/link-wires.ts");
  const pause = Number(/const LINE_PAUSE_MS = (\w+);/.exec(source)![1]!.replace("_", ""));
  const said = /it asks again at most (\d+) s after each attempt/.exec(page);
  // The line's check comes first, and both are rounded up together.
  const longest = pause + LINE_MS;
  expect(Math.ceil(longest / 5_000) * 5).toBe(Number(said?.[1]));
});

/** A command as a shell takes it apart, up to a comment. */
const words = (line: string): string[] =>
  [...line.replace(/\s#.*$/, "").matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);

test("Every command of the pages is there: its script, its file, its options of npm start", () => {
  let count = 0;
  for (const page of PAGES) {
    const text = read(page);
    const commands = [
      ...[...text.matchAll(/`((?:npm|node|npx|AEROLINK_\w+=\d) [^`\n]+)`/g)].map(([, command]) => command!),
      ...[...text.matchAll(/^```(?:sh|bash)?\n([\s\S]*?)^```/gm)].flatMap(([, block]) =>
        block!.split("\n").filter((line) => /^(npm|node|npx|AEROLINK_)/.test(line)),
      ),
    ];
    for (const command of commands) {
      count++;
      const [script] = /(?<=npm run )[\w:]+/.exec(command) ?? [];
      if (script) expect(scripts, `${page}: ${command}`).toHaveProperty([script]);
      for (const [path] of command.matchAll(/\b(?:tools|tests|sim)\/[\w./-]+\.(?:mjs|ts|sh)\b/g))
        expect(existsSync(new URL(path, root)), `${page}: ${command}`).toBe(true);
      const [, options] = /npm start -- (.*)$/.exec(command) ?? [];
      if (options && !/…|\b[A-Z]{3,}\b/.test(options))
        expect(() => parseCli(words(options)), `${page}: ${command}`).not.toThrow();
    }
  }
  expect(count).toBeGreaterThan(60);
});

test("A line of the pages has at most 160 characters, but for tables and what cannot be broken", () => {
  const long = PAGES.flatMap((page) => {
    let fenced = false;
    return read(page)
      .split("\n")
      .flatMap((line, i) => {
        if (line.trimStart().startsWith("```")) fenced = !fenced;
        const whole = fenced || line.startsWith("|") || /^!?\[[^\]]*\]\([^)]*\)$/.test(line);
        return line.length > 160 && !whole ? [`${page}:${i + 1} has ${line.length}`] : [];
      });
  });
  expect(long).toEqual([]);
});

test("Most pages have a picture, each says what is in it, and each is there", () => {
  const pictured = PAGES.filter((page) => /!\[[^\]]{10,}\]\(/.test(read(page)));
  expect(pictured.length).toBeGreaterThanOrEqual(10);
  for (const page of PAGES)
    for (const [whole, said, path] of read(page).matchAll(/!\[([^\]]*)\]\(([^)]+)\)/g)) {
      expect(said!.length, `${page}: ${whole}`).toBeGreaterThan(8);
      expect(existsSync(new URL(path!, new URL(page, root))), `${page}: ${path}`).toBe(true);
    }
});
