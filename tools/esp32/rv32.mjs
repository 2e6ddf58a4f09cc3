// A Linux distribution's RISC-V GCC as the compiler of an ESP32-C3: the same instructions and linker as Espressif's, older
// by some versions. Nothing that it links runs; sizes are what it is for.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export const COMPILER = "riscv64-unknown-elf-gcc";
export const CPU = ["-march=rv32imc_zicsr_zifencei", "-mabi=ilp32", "--specs=picolibc.specs"];
/** Of the variants of libc and libgcc that distributions build, the next to the chip's. */
const LINK_CPU = ["-march=rv32imac", "-mabi=ilp32", "--specs=picolibc.specs"];

/** Sections of an image, in flash or copied to RAM at boot. What is nowhere defined counts for nothing. */
const SCRIPT = `SECTIONS {
  . = 0x42000000;
  .text : { *(.text .text.* .iram* .rodata .rodata.* .srodata .srodata.*) }
  .data : { *(.data .data.* .sdata .sdata.*) }
  .bss : { *(.bss .bss.* .sbss .sbss.* COMMON) }
}
`;

/** What xsHost.h takes from the IDF's headers, enough for what xsl writes. */
const IDF_TYPES = {
  "freertos/FreeRTOS.h":
    "typedef int portMUX_TYPE; typedef void *TaskHandle_t; typedef unsigned TickType_t;\n",
  "freertos/task.h": "",
  "esp_partition.h": "typedef struct esp_partition esp_partition_t;\n",
  "lwip/netdb.h": "",
  "lwip/inet.h": "",
};

export function hasCompiler() {
  return spawnSync(COMPILER, ["--specs=picolibc.specs", "-E", "-x", "c", "/dev/null"]).status === 0;
}

/**
 * Links `files` without what `roots` do not reach, writes `image`.elf and `image`.map and returns the map's text.
 * `scripts`: linker scripts that define symbols, such as those of the chip's ROM. Throws the linker's words.
 * @param {{ image: string, files: string[], roots: string[], scripts?: string[] }} what
 */
export function link({ image, files, roots, scripts = [] }) {
  writeFileSync(`${image}.ld`, SCRIPT);
  run([
    ...[...LINK_CPU, "-nostartfiles", "-T", `${image}.ld`, ...scripts.flatMap((script) => ["-T", script])],
    "-Wl,--gc-sections,--unresolved-symbols=ignore-all,--no-warn-rwx-segments",
    ...[`-Wl,-e,${roots[0]}`, ...roots.map((root) => `-Wl,-u,${root}`), `-Wl,-Map=${image}.map`],
    ...["-Wl,--start-group", ...files, "-lc", "-lgcc", "-Wl,--end-group", "-o", `${image}.elf`],
  ]);
  return readFileSync(`${image}.map`, "utf8");
}

/**
 * Bytes that the JavaScript of a link lane's output takes in the image: xsl's C, compiled with the flags that the SDK's
 * makefile in `folder` has, and linked. No IDF is needed.
 * @param {string} folder @param {string} sdkRoot
 */
export function linkedJavaScript(folder, sdkRoot) {
  const out = join(folder, "as-linked");
  for (const [name, text] of Object.entries(IDF_TYPES)) {
    mkdirSync(dirname(join(out, name)), { recursive: true });
    writeFileSync(join(out, name), text);
  }
  const xs = ["includes", "sources", "platforms/esp", "platforms/mc"].map((path) =>
    join(sdkRoot, "xs", path),
  );
  const files = ["mc.xs", "mc.resources"].map((name) => {
    const object = join(out, `${name}.c.o`);
    run([
      ...[...CPU, "-std=gnu17", "-Os", "-w", "-fdata-sections", "-ffunction-sections"],
      ...["-D__ets__", "-U__STRICT_ANSI__", "-DESP32=4", "-DESP_PLATFORM", "-DmxUseDefaultSharedChunks=1"],
      ...[out, ...xs, folder].map((path) => `-I${path}`),
      ...[...flagsOfTarget(folder), "-c", join(folder, `${name}.c`), "-o", object],
    ]);
    return object;
  });
  const image = join(out, "javascript");
  link({ image, files, roots: ["xsPreparationAndCreation"] });
  const { stdout } = spawnSync(COMPILER.replace("gcc", "size"), [`${image}.elf`], { encoding: "utf8" });
  const [text, data] = stdout.split("\n")[1].trim().split(/\s+/).map(Number);
  return text + data;
}

/** C_FLAGS_SUBPLATFORM, which a target's manifest gives the SDK's makefile. */
export function flagsOfTarget(folder) {
  const [, flags = ""] =
    /^C_FLAGS_SUBPLATFORM = (.*)$/m.exec(readFileSync(join(folder, "makefile"), "utf8")) ?? [];
  return flags.split(" ").filter(Boolean);
}

function run(args) {
  const { status, stderr } = spawnSync(COMPILER, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${COMPILER}: ${stderr}`);
}
