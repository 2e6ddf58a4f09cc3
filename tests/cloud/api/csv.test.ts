import fc from "fast-check";
import { expect, test } from "vitest";
import { csvCell, csvRows } from "../../../cloud/api/http/csv";
import { ACME, NOW, startCloudApi } from "../../support/cloud-api";

test.each([
  ["=1+1", "'=1+1"],
  ["+49", "'+49"],
  ["-2", "'-2"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\t=1", "'\t=1"],
  [" =1", "' =1"],
  ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
  ["a=b", "a=b"],
  ["Lab, north", '"Lab, north"'],
  ["two\nlines", '"two\nlines"'],
  ['say "hi"', '"say ""hi"""'],
  [-2.5, "-2.5"],
  [null, ""],
  [undefined, ""],
  [true, "true"],
])("The cell %j is written as %j", (value, text) => {
  expect(csvCell(value)).toBe(text);
});

/** RFC 4180. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = "", end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

test("Whatever text there is, a reader of CSV finds it in its cell, and a spreadsheet finds no formula", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.string({ unit: "binary" }), fc.string()), { maxLength: 5 }),
      async (pairs) => {
        const rows = (async function* () {
          for (const [a, b] of pairs) yield { a, b };
        })();
        let text = "";
        for await (const piece of csvRows(["a", "b"], rows)) text += piece;
        const cells = parse(text);
        expect(cells).toHaveLength(pairs.length + 1);
        for (const [i, pair] of pairs.entries())
          for (const [j, value] of pair.entries()) {
            const cell = cells[i + 1]![j]!;
            expect([value, `'${value}`]).toContain(cell);
            expect(cell).not.toMatch(/^\s*[=+\-@]/);
          }
      },
    ),
  );
});

test("A device whose name is a formula does not reach a spreadsheet as one", async () => {
  const cloud = await startCloudApi();
  try {
    await cloud.store.devices.add(
      { id: "evil", account: ACME, serial: "=cmd|' /C calc'!A0", model: "@x" },
      NOW,
    );
    const readings = [{ epoch: "5c0ffee1", seq: 1, unixSeconds: NOW, steps: [1, 1, 1, 1, 1, -500, 1, 1, 1] }];
    await cloud.store.take([{ kind: "readings", device: "evil", readings }]);
    const text = await (await cloud.get("/api/v3/external/telemetry", { accept: "text/csv" })).text();
    expect(text).toContain(",'@x,'=cmd|' /C calc'!A0,");
    expect(text).toContain(",-5,");
  } finally {
    await cloud.close();
  }
});
