import FlashStorage from "embedded:storage/flash";
import type { Check, Tests } from "../tests";

/** A partition of this board (sdkconfig/partitions.csv). */
const PATH = "journal";

/** `embedded:storage/flash`: modules/io/flash/esp32/flash-esp32.c over esp_partition, NOR flash below. */
export default function flash({ test }: Tests): void {
  test("status tells size and blocks", (check) => {
    const { size, blockLength, blocks } = open(check).status();
    check.equal([size, blockLength, blocks], [576 * 1024, 4096, 144]);
  });

  test("an erased block reads FF", (check) => {
    const chip = open(check);
    chip.eraseBlock(1);
    check.equal(chip.read(2, 4096), new Uint8Array([0xff, 0xff]));
    check.equal(chip.read(1, 8191), new Uint8Array([0xff]));
  });

  test("write clears bits and never sets one; erase sets them again", (check) => {
    const chip = open(check);
    chip.eraseBlock(0);
    chip.write(new Uint8Array([0xf0, 0x0f]), 10);
    chip.write(new Uint8Array([0x3c, 0xff]), 10);
    check.equal(chip.read(4, 9), new Uint8Array([0xff, 0x30, 0x0f, 0xff]));
    chip.eraseBlock(0);
    check.equal(chip.read(2, 10), new Uint8Array([0xff, 0xff]));
  });

  test("erase takes a range of blocks, its end excluded, and no other", (check) => {
    const chip = open(check);
    chip.eraseBlock(0, 4);
    for (const block of [0, 1, 2, 3]) chip.write(new Uint8Array([block]), block * 4096);
    chip.eraseBlock(1, 3);
    check.equal(
      [0, 1, 2, 3].map((block) => byteAt(chip, block * 4096)),
      [0, 0xff, 0xff, 3],
    );
  });

  test("read fills a buffer of the caller, and writes cross block borders", (check) => {
    const chip = open(check);
    chip.eraseBlock(0, 2);
    chip.write(new Uint8Array([1, 2, 3, 4]), 4094);
    const into = new Uint8Array(6);
    check.equal(chip.read(into.subarray(1, 5), 4094), 4);
    check.equal(into, new Uint8Array([0, 1, 2, 3, 4, 0]));
  });

  test("what one handle wrote, another reads", (check) => {
    const chip = open(check);
    chip.eraseBlock(0);
    chip.write(new Uint8Array([7]), 0);
    check.equal(byteAt(open(check), 0), 7);
  });

  test("beyond the partition, an unknown partition, and writing for reading throw", (check) => {
    const chip = open(check);
    const { size, blocks } = chip.status();
    check.throws(() => chip.read(2, size - 1), "read");
    check.throws(() => chip.write(new Uint8Array(2), size - 1), "write");
    check.throws(() => chip.eraseBlock(blocks), "erase");
    check.throws(() => FlashStorage.open({ path: "nowhere" }), "path");
    const reader = FlashStorage.open({ path: PATH, mode: "r" });
    check.throws(() => reader.write(new Uint8Array(1), 0), "write for reading");
    check.throws(() => reader.eraseBlock(0), "erase for reading");
  });

  test("close is idempotent; a closed handle throws", (check) => {
    const chip = open(check);
    chip.close();
    chip.close();
    check.throws(() => chip.read(1, 0));
  });
}

function open(check: Check) {
  const chip = FlashStorage.open({ path: PATH });
  check.cleanup(() => chip.close());
  return chip;
}

function byteAt(chip: ReturnType<typeof open>, offset: number): number {
  return new Uint8Array(chip.read(1, offset))[0]!;
}
