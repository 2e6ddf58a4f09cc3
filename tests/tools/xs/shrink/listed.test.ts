// What the shrinker takes for granted, proved by the type checker: nothing in the firmware lists the properties of what
// may be an instance of a class with `#` fields. They are properties on the device, and would be listed.
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type Node, type SourceFile, SyntaxKind } from "typescript/unstable/ast";
import { API, type Type } from "typescript/unstable/sync";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "../../../../tools/base/sdk.mjs";
import { ROOMS } from "../../../../tools/xs/manifests.mjs";
import { listedBy } from "../../../../tools/xs/shrink/classes.mjs";
import { isClass, parse, walk } from "../../../../tools/xs/shrink/syntax.mjs";
import { limit } from "../../../support/limit";

/** Places whose declared type says too little, and why no instance comes there. */
const SEEN: Record<string, string> = {
  "configuration.ts: values": "is parsed JSON",
  "credentials.ts: authorities!": "is made by parseParts, an object literal",
  "credentials.ts: credential": "is made by parseParts, an object literal",
  "diagnostics.ts: formatSensors(all.sensors)": "makes an object literal",
  "status-report.ts: formatSensors(all.sensors)": "makes an object literal",
  "diagnostics.ts: formatNetwork(network)": "makes an object literal",
  "status-report.ts: formatNetwork(all.network)": "makes an object literal",
};

interface Tree {
  type: string;
  start: number;
  end: number;
  id?: Tree;
  body: { body: { type: string; static: boolean; key: { type: string } }[] };
}

const files = ["main.ts", ...ROOMS.flatMap((room: string) => [...below(room)])] as string[];
let api: API;
beforeAll(() => {
  api = new API({ cwd: ROOT });
});
afterAll(() => api.close());

function* below(folder: string): Generator<string> {
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && entry.name !== "stand-ins") yield* below(path);
    else if (/(?<!\.d)\.ts$/.test(path)) yield path;
  }
}

function nodeAt(file: SourceFile, { start, end }: Tree, from: Node = file): Node | undefined {
  let found: Node | undefined;
  from.forEachChild((child) => {
    if (found || child.pos > start || child.end < end) return;
    found = nodeAt(file, { start, end } as Tree, child);
    if (!found && child.getStart(file) === start && child.end === end) found = child;
  });
  return found;
}

test("Nothing lists the properties of what may be an instance with # fields", {
  timeout: limit(60_000),
}, () => {
  const [project] = api.updateSnapshot({ openProjects: [join(ROOT, "tsconfig.json")] }).getProjects();
  const { checker, program } = project!;
  const classes: Type[] = [];
  const places: { what: string; type: Type }[] = [];
  for (const path of files) {
    const text = readFileSync(join(ROOT, path), "utf8");
    const file = program.getSourceFile(join(ROOT, path))!;
    walk(parse(path, text), (node: Tree) => {
      const hasHidden = ({ type, key, static: isStatic }: Tree["body"]["body"][number]): boolean =>
        type === "PropertyDefinition" && key.type === "PrivateIdentifier" && !isStatic;
      if (isClass(node) && node.body.body.some(hasHidden)) {
        const symbol = checker.getSymbolAtLocation(nodeAt(file, node.id!)!)!;
        classes.push(checker.getDeclaredTypeOfSymbol(symbol));
      }
      for (const listed of listedBy(node) as Tree[]) {
        const found = nodeAt(file, listed);
        const type = found && found.kind !== SyntaxKind.MethodDeclaration && checker.getTypeAtLocation(found);
        const what = `${basename(path)}: ${text.slice(listed.start, listed.end)}`;
        if (type) places.push({ what, type });
      }
    });
  }
  expect(classes.length).toBeGreaterThan(50);
  expect(places.length).toBeGreaterThan(150);

  // Structural: an interface may stand for an instance of whatever class has its members.
  const found = places.filter(({ type }) => classes.some((each) => checker.isTypeAssignableTo(each, type)));
  expect([...new Set(found.map(({ what }) => what))].sort()).toEqual(Object.keys(SEEN).sort());
});
