// modules/board/esp32/crash.c on both architectures, under AddressSanitizer and UBSan.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { limit } from "../support/limit";
import { fuzz, LONG } from "../support/volume";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const HAS_GCC = spawnSync("gcc", ["--version"]).status === 0;
const hex = (text: string): string => Buffer.from(text).toString("hex") || "-";

interface Crash {
  readonly check?: "ok" | "bad";
  readonly summary?: "ok" | "bad";
  readonly task?: string;
  readonly image?: string;
  readonly pc?: string;
  readonly returns?: string;
  readonly callers?: readonly string[];
}

describe.skipIf(!HAS_GCC).each([
  ["Xtensa", 0],
  ["RISC-V", 1],
])("the last crash on %s", (architecture, riscv) => {
  const folder = `${ROOT}build/board`;
  const driver = `${folder}/crash-driver-${riscv}`;
  beforeAll(() => {
    mkdirSync(folder, { recursive: true });
    execFileSync("gcc", [
      ...["-std=c11", "-Wall", "-Wextra", "-Werror", "-g", "-O1", `-DCONFIG_IDF_TARGET_ARCH_RISCV=${riscv}`],
      ...["-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
      ...[`-I${ROOT}tests/board/idf`, `-I${ROOT}modules/board/esp32`],
      ...[`${ROOT}tests/board/crash-driver.c`, `${ROOT}modules/board/esp32/crash.c`, "-o", driver],
    ]);
  }, limit(60_000));
  const tell = (crashes: readonly Crash[]): string[] =>
    execFileSync(driver, {
      input: crashes
        .map(({ check = "ok", summary = "ok", task = "xs", image = "1a2b3c4d5", pc = "42012345", ...rest }) =>
          [check, summary, hex(task), hex(image), pc, rest.returns ?? "0", ...(rest.callers ?? [])].join(" "),
        )
        .join("\n")
        .concat("\n"),
      encoding: "latin1",
    })
      .trim()
      .split("\n");

  it("is none without a core dump, with a damaged one, and where no summary can be made of it", () => {
    expect(tell([{ check: "bad" }, { summary: "bad" }, { check: "bad", summary: "bad" }])).toEqual([
      ...["none", "none", "none"],
    ]);
  });

  it("is one line: task, image, where it was, and how it came there", () => {
    expect(tell([{ returns: "42023456", callers: ["42034567", "42045678"] }])).toEqual([
      "task xs image 1a2b3c4d5 pc 42012345 from 42023456 42034567 42045678",
    ]);
  });

  it("says what it knows where the way is lost", () => {
    expect(tell([{ task: "", image: "" }])).toEqual(["task  image  pc 42012345 from"]);
  });

  it("has as many addresses as there is room for in 120 characters", () => {
    const callers = Array.from({ length: 40 }, (_, i) => (0x42100000 + 16 * i).toString(16));
    const [line] = tell([{ task: "fifteen letters", callers }]);
    expect(line!.length).toBeLessThanOrEqual(120);
    expect(line!.length).toBeGreaterThan(120 - 9);
    expect(line).toMatch(/ from( 421000[0-9a-f]{2}){6,}$/);
  });

  it("lets no byte of the task's name end the line, or be taken for another part of it", () => {
    expect(tell([{ task: 'a\nb"c\\d\u0001 e' }])[0]).toBe("task a?b?c?d??e image 1a2b3c4d5 pc 42012345 from");
  });

  it.runIf(architecture === "RISC-V")(
    "takes of the stack what may be the address of code, once in a row",
    () => {
      const callers = ["3fc90000", "42034567", "42034567", "0", "deadbeef", "40380010", "42034567"];
      expect(tell([{ returns: "3fc80000", callers }])).toEqual([
        "task xs image 1a2b3c4d5 pc 42012345 from 42034567 40380010 42034567",
      ]);
    },
  );

  it("stays a line of at most 120 characters whatever the flash holds", () => {
    const address = fc.integer({ min: 0, max: 0xffffffff }).map((n) => n.toString(16));
    const crash = fc.record({
      task: fc.string({ maxLength: 20, unit: "binary" }),
      image: fc.string({ maxLength: 12, unit: "binary" }),
      pc: address,
      returns: address,
      callers: fc.array(fc.oneof(address, fc.constant("42000010")), { maxLength: 300 }),
    });
    fc.assert(
      fc.property(fc.array(crash, { minLength: 20, maxLength: 20 }), (crashes) => {
        const lines = tell(crashes);
        expect(lines).toHaveLength(20);
        for (const line of lines) expect(line).toMatch(/^[ -~]{1,120}$/);
      }),
      fuzz(LONG ? 1_000 : 3),
    );
  });
});
