import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { BrokerFailure } from "../../modules/network/link-diagnosis";
import { AttemptDiagnosis } from "../../mqtt/attempt-diagnosis";

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => vi.useRealTimers());

/** What the diagnosis makes of a first attempt that ended so, where port 443 leaves it at `cloud-tls`. */
function diagnosed(reason: BrokerFailure, clock: "synced" | "estimated" | "disputed"): string | undefined {
  let found: string | undefined;
  const diagnosis = new AttemptDiagnosis({
    check: { run: (_reason, done) => void done("cloud-tls"), cancel() {} },
    isTimeEstimated: () => clock !== "synced",
    isTimeDisputed: () => clock === "disputed",
  });
  diagnosis.run({ address: "192.0.2.1", reason, wasUp: false }, (failure) => {
    found = failure;
  });
  vi.runAllTimers();
  return found;
}

test.each(["expired", "not-yet-valid"] as const)(
  "a certificate that is %s is the certificate's fault under a synced clock, and may be the clock's under another",
  (reason) => {
    expect(diagnosed(reason, "synced")).toBe("cloud-tls");
    expect(diagnosed(reason, "estimated")).toBe("sntp-blocked");
    expect(diagnosed(reason, "disputed")).toBe("time-disputed");
  },
);

test("what is wrong with a certificate but its dates is no matter of the clock", () => {
  for (const clock of ["synced", "estimated", "disputed"] as const)
    expect(diagnosed("wrong-name", clock)).toBe("cloud-tls");
});
