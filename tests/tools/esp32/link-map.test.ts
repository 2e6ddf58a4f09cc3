import { describe, expect, it } from "vitest";
import { ownerOf, sizesByObject } from "../../../tools/esp32/link-map.mjs";

/** As GNU ld 2.40 writes it. */
const MAP = `Discarded input sections

 .text.unused   0x00000000       0x40 build/xs_esp32c3.a(xsAll.c.o)

Linker script and memory map

LOAD build/xs_esp32c3.a

.text           0x42000000     0x1148
 *(.text .text.*)
 .text.fxRunID  0x42000000     0x1000 build/xs_esp32c3.a(xsRun.c.o)
                0x42000000                fxRunID
 .text.xs_a_very_long_name
                0x42001000       0x20 build/xs_esp32c3.a(radio-xs.c.o)
 *fill*         0x42001020        0x4 
 .rodata.gxHeap
                0x42001024      0x100 build/xs_esp32c3.a(mc.xs.c.o)
 .rodata.str1.4
                0x42001124       0x10 build/xs_esp32c3.a(mc.xs.c.o)
                                 0x18 (size before relaxing)
 .rodata.str1.4
                0x42001134       0x30 build/xs_esp32c3.a(xsRun.c.o)
 .text          0x42001134        0x8 /usr/lib/gcc/libgcc.a(save-restore.o)
 .text.last     0x4200113c        0xc build/xs_esp32c3.a(timer.c.o)

.bss            0x42002000      0x400
 .bss.gTimers   0x42002000      0x400 build/xs_esp32c3.a(timer.c.o)

.debug_info     0x00000000     0x9999
 .debug_info    0x00000000     0x9999 build/xs_esp32c3.a(timer.c.o)
`;

describe("sizesByObject", () => {
  it("adds up what each object has in the image, no string twice, neither what was discarded nor BSS", () => {
    expect(Object.fromEntries(sizesByObject(MAP))).toEqual({
      "build/xs_esp32c3.a(xsRun.c.o)": 0x1000,
      "build/xs_esp32c3.a(radio-xs.c.o)": 0x20,
      "build/xs_esp32c3.a(mc.xs.c.o)": 0x110,
      "/usr/lib/gcc/libgcc.a(save-restore.o)": 8,
      "build/xs_esp32c3.a(timer.c.o)": 0xc,
    });
  });
});

describe("ownerOf", () => {
  it.each([
    ["build/xs_esp32c3.a(mc.xs.c.o)", "js"],
    ["build/as-linked/mc.resources.c.o", "js"],
    ["build/xs_esp32c3.a(xsRun.c.o)", "xs"],
    ["build/xs_esp32c3.a(e_pow.c.o)", "xs"],
    ["build/xs_esp32c3.a(radio-xs.c.o)", "ours"],
    ["build/xs_esp32c3.a(tcp.c.o)", "sdk"],
    ["/usr/lib/gcc/libgcc.a(save-restore.o)", "libc"],
    ["/usr/lib/picolibc/libm.a(libm_math_s_log.c.o)", "libc"],
  ])("gives %s to %s", (file, owner) => {
    expect(ownerOf(file, new Set(["radio-xs.c.o"]))).toBe(owner);
  });
});
