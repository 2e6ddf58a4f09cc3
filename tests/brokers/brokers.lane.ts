// npm run test:brokers: `main.ts` in the simulator on brokers that people have, each with mutual TLS. When all of them
// are installed and all is well, the table of docs/fleet.md is written anew.
import { afterAll, beforeAll, describe, onTestFailed, test } from "vitest";
import { closeAll } from "../support/running-simulator";
import { findTool } from "../support/tools";
import { Bench } from "./bench";
import { CASES, type Case, CasesRun, DEVICES } from "./cases";
import { PRODUCTS } from "./products";
import { Table } from "./table";

const table = new Table(PRODUCTS);
afterAll(() => {
  if (table.isWhole) table.write();
});

for (const product of PRODUCTS) {
  const isHere = product.needs.every((each) => findTool(each) !== undefined);
  describe.runIf(isHere)(product.name, () => {
    let bench: Bench;
    let runs: CasesRun[] = [];
    let returned: Promise<void>;

    beforeAll(async () => {
      bench = await Bench.start(product, DEVICES * product.versions.length);
      runs = product.versions.map((version, i) => new CasesRun(bench, version, i * DEVICES));
      returned = Promise.all(runs.map((run) => run.done())).then(() => bench.killAndReturn());
      returned.catch(() => {});
    });
    afterAll(async () => {
      await closeAll();
      await bench?.close();
    });

    for (const [i, version] of product.versions.entries())
      for (const name of Object.keys(CASES) as Case[])
        test(`MQTT ${version === 4 ? "3.1.1" : "5"}: ${CASES[name]}`, async () => {
          const run = runs[i]!;
          onTestFailed(async () => console.log(`${bench.said}\n\n${await run.log()}`));
          const cell = name === "kill" ? await returned.then(() => run.kill()) : await run.cells[name];
          table.set(product, version, name, cell);
        });
  });
}
