import { spawnSync } from "node:child_process";
import { MBEDTLS_VERSION } from "../../../tests/tls/support/engine-driver";
import { countInstructions, countLongestStep } from "../../../tests/tls/support/instructions";

/** Prints a table of handshakes in instructions: the device's engine alone, as valgrind counts it. */
export async function main(): Promise<void> {
  if (spawnSync("valgrind", ["--version"]).status !== 0)
    return console.log("instructions: skipped, valgrind is not installed");
  console.log(`mbedTLS ${MBEDTLS_VERSION}, x86-64, TLS 1.2, millions of instructions`);
  console.log("| keys | full | its longest step | resumed | of a full one | once a run |");
  console.log("| --- | --: | --: | --: | --: | --: |");
  const millions = (count: number) => (count / 1e6).toFixed(2);
  for (const key of ["P-256", "RSA-2048"] as const) {
    const { full, resumed, once } = await countInstructions(key);
    const longestStep = await countLongestStep(key);
    const share = `${((100 * resumed) / full).toFixed(1)} %`;
    console.log(
      `| ${key} | ${millions(full)} | ${millions(longestStep)} | ${millions(resumed)} | ${share} | ${millions(once)} |`,
    );
  }
}
