import KeyValueStorage from "embedded:storage/key-value";
import { type ErasableStore, FactoryReset, RESET_MARK } from "../../modules/device/factory-reset";
import { RamFlash, SECTOR_BYTES } from "./ram-flash";
import type { Tests } from "./tests";

const open = (path: string): ErasableStore => KeyValueStorage.open({ path, format: "string" }) as never;
const write = (text: string): void => trace(`${text}\n`);
const log = { error: write, warn: write, info: write, debug: write };

/** Stores of the platform's own, flash in RAM: one that throws for a while, and a block that no longer erases. */
export default function factoryReset({ later }: Tests): void {
  later(
    "a reset erases all but what survives, through refusals and worn flash, and restarts",
    (check, done) => {
      const stores = [open("reset-a"), open("reset-b")];
      check.cleanup(() => {
        for (const store of stores) for (const key of [...store]) store.delete(key);
      });
      stores[0]!.write("networks", "secret");
      stores[0]!.write("bootCount", "7");
      stores[1]!.write("0", "secret");
      const flash = new RamFlash(new Uint8Array(4 * SECTOR_BYTES).fill(0x55));
      const erase = flash.eraseBlock.bind(flash);
      let refusals = 1;
      flash.eraseBlock = (block) => {
        if (block === 1 && refusals-- > 0) throw new Error("flash");
        if (block !== 2) erase(block);
      };
      let restarts = 0;
      const run = (): void =>
        new FactoryReset({
          stores,
          survivors: ["bootCount"],
          partitions: [flash],
          board: { restart },
          log,
        }).run();
      const restart = (): void => {
        restarts++;
        if (restarts === 1) {
          check.equal(stores[0]!.read("networks"), "secret");
          check.equal(stores[0]!.read(RESET_MARK), "1");
          return run();
        }
        check.equal([...stores[0]!], ["bootCount"]);
        check.equal([...stores[1]!], []);
        const first = [0, 1, 2, 3].map((block) => flash.cells[block * SECTOR_BYTES]);
        check.equal(first, [0xff, 0xff, 0, 0xff]);
        done();
      };
      run();
    },
    4_000,
  );
}
