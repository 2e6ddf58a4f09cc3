import { describe, expect, it } from "vitest";
import { measure, unexplained } from "../../../tools/xs/link.mjs";

const LINKED = String.raw`
#define mxAliasCount 3
#define mxHeapCount 10
#define mxStackCount 2
#define mxKeysCount 4
static const txU1 gxCode1[100];
static const txU1 gxCode1[100] = {
/* 0001 */	{ NULL, {.ID = xsID_a, .flag = 0x8b, .kind = XS_CODE_X_KIND}, .value = { .code = { (txByte*)"\x0c\x00a\"", NULL } } },
/* 0002 */	{ NULL, {.ID = 12 /* Symbol.toStringTag */, .flag = 0x8e, .kind = XS_STRING_X_KIND}, .value = { .string = "a\nb" } },
	{ 16384, 2048, 1024, 128, 512, 32, 32, 53, 3, 1024, 17, 0, 20480},
	"main",
`;

describe("measure", () => {
  it("adds up bytecode, text, slots and keys", () => {
    expect(measure(LINKED)).toEqual({
      bytecode: 100 + 4,
      text: 4,
      slots: 12,
      keys: 4,
      flash: 104 + 4 + 12 * 16 + 4 * 6,
      alias: 12,
      creation: [16384, 2048, 1024, 128, 512, 32, 32, 53, 3, 1024, 17, 0, 20480],
    });
  });
});

describe("unexplained", () => {
  it("keeps warnings of RAM and of missing modules, and nothing else", () => {
    const output = [
      "Total resource size: 0 bytes",
      "### warning: modules/device/status: TRANSITIONS: not frozen",
      "### warning: led/panel: default() count: no const",
      "# warning: no modules match: ./main!",
      "### 1876 instances, 1818 keys",
    ];
    expect(unexplained(output.join("\n"))).toEqual(output.slice(1, 4));
  });
});
