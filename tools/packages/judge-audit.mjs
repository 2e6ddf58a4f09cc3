import { FIRMWARE_PACKAGES } from "./firmware-parts.mjs";

const GRAVE = ["high", "critical"];

/** What `npm audit --json` printed, as lines for a person, and whether it is a failure. Never throws. */
export function judgeAudit(text) {
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = undefined;
  }
  const found = answer?.vulnerabilities;
  if (typeof found !== "object" || found === null || answer.metadata === undefined)
    return {
      failed: false,
      lines: ["audit: the registry gives no answer about known flaws; nothing was checked"],
    };
  const flaws = Object.values(found).map(({ name, severity }) => ({
    name: String(name),
    severity: String(severity),
    shipped: FIRMWARE_PACKAGES.includes(name),
  }));
  const lines = flaws.map(
    ({ name, severity, shipped }) => `audit: ${name}, ${severity}${shipped ? ", in the firmware" : ""}`,
  );
  return {
    failed: flaws.some(({ severity, shipped }) => shipped || GRAVE.includes(severity)),
    lines: lines.length > 0 ? lines : ["audit: no known flaw"],
  };
}
