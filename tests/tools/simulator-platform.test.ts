import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildCommands, isCarried, mcsimOf } from "../../tools/base/simulator-platform.mjs";

describe("npm run simulator on three systems", () => {
  it("has the device's own TLS on Linux, and the helper's where the SDK links no mbedTLS", () => {
    expect(["lin", "mac", "win"].map((platform) => isCarried([], platform))).toEqual([false, true, true]);
  });

  it("takes --tls out of the options, in both ways of writing it", () => {
    for (const option of [["--tls", "helper"], ["--tls=helper"]]) {
      const args = ["--headless", ...option, "--fresh"];
      expect(isCarried(args, "lin")).toBe(true);
      expect(args).toEqual(["--headless", "--fresh"]);
    }
    expect(isCarried(["--tls", "engine"], "lin")).toBe(false);
    expect(isCarried(["--tls=helper"], "mac")).toBe(true);
  });

  it("says what is wrong with --tls", () => {
    for (const args of [["--tls"], ["--tls", "none"], ["--tls="], ["--tls=", "helper"]])
      expect(() => isCarried(args, "lin"), args.join(" ")).toThrow("--tls is one of engine, helper");
    for (const platform of ["mac", "win"])
      expect(() => isCarried(["--tls", "engine"], platform)).toThrow("no mbedTLS on this system");
  });

  it("starts the SDK's programs by files that need no shell", () => {
    const found = (platform: string) => mcsimOf({ root: "sdk", platform });
    expect(found("lin")).toBe(join("sdk", "build/bin/lin/release/mcsim"));
    expect(found("mac")).toBe(join("sdk", "build/bin/mac/release/mcsim.app/Contents/MacOS/mcsim"));
    expect(found("win")).toBe(join("sdk", "build/bin/win/release/mcsim.exe"));
    const { mcconfig, make, library } = buildCommands({ root: "sdk", platform: "win" });
    expect(mcconfig).toEqual([join("sdk", "build/bin/win/release/tools.exe"), "mcconfig"]);
    expect(make[0]).toBe("nmake");
    expect(library).toBe("mc.dll");
    for (const platform of ["lin", "mac"])
      expect(buildCommands({ root: "sdk", platform }).library).toBe("mc.so");
  });
});
