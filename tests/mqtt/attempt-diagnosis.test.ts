import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Cause } from "../../modules/network/line-check";
import type { BrokerFailure } from "../../modules/network/link-diagnosis";
import type { LinkFailure } from "../../modules/network/link-failure";
import { AttemptDiagnosis, CHECK_PAUSE_MS } from "../../mqtt/attempt-diagnosis";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

function build(cause: Cause, verdict: LinkFailure | undefined = "no-internet") {
  const calls: string[] = [];
  const diagnosis = new AttemptDiagnosis({
    line: {
      run: (namesSilent, onCause) => {
        calls.push(`line${namesSilent ? ", names silent" : ""}`);
        setTimeout(() => onCause(cause), 10);
      },
      cancel: () => calls.push("line cancelled"),
    },
    check: {
      run: (reason, onVerdict) => {
        calls.push(`443 after ${reason}`);
        setTimeout(() => onVerdict(verdict), 10);
      },
      cancel: () => calls.push("443 cancelled"),
    },
    uptimeMs: () => performance.now(),
    isTimeEstimated: () => false,
    isTimeDisputed: () => false,
  });
  const run = (reason: Parameters<AttemptDiagnosis["run"]>[0]["reason"], wasUp = false): string[] => {
    diagnosis.run({ address: undefined, reason, wasUp }, (failure, why) => calls.push(`${failure}, ${why}`));
    vi.advanceTimersByTime(20);
    return calls.splice(0);
  };
  return { diagnosis, calls, run };
}

test("Silence is asked first whether it is the whole line's, then port 443 tells more", () => {
  expect(build("cloud").run("connect-timeout")).toEqual([
    "line",
    "443 after connect-timeout",
    "no-internet, cloud",
  ]);
  expect(build("line").run("no-answer")).toEqual([
    "line, names silent",
    "443 after no-answer",
    "no-internet, line",
  ]);
});

test("An answer, and a connection that had been up, are never the line's", () => {
  expect(build("line").run("connect-refused")).toEqual(["443 after connect-refused", "no-internet, cloud"]);
  expect(build("line").run("ping-timeout", true)).toEqual(["ping-timeout, cloud"]);
});

test("While the line is surely down port 443 is asked every five minutes at most, and whenever it may not be", () => {
  const { run } = build("line");
  run("no-answer");
  expect(run("no-answer")).toEqual(["line, names silent", "no-internet, line"]);
  expect(run("connect-refused")[0]).toBe("443 after connect-refused");
  vi.advanceTimersByTime(CHECK_PAUSE_MS);
  expect(run("no-answer")[1]).toBe("443 after no-answer");
});

test("A diagnosis that is cancelled cancels what runs", () => {
  const { diagnosis, calls } = build("line");
  diagnosis.run({ address: undefined, reason: "no-answer", wasUp: false }, () => calls.push("told")).cancel();
  expect(calls.slice(1)).toEqual(["line cancelled", "443 cancelled"]);
});

/** What the diagnosis makes of a first attempt that ended so, where port 443 leaves it at `cloud-tls`. */
function diagnosed(reason: BrokerFailure, clock: "synced" | "estimated" | "disputed"): string | undefined {
  let found: string | undefined;
  const diagnosis = new AttemptDiagnosis({
    line: { run: (_namesSilent, done) => done("cloud"), cancel() {} },
    check: { run: (_reason, done) => void done("cloud-tls"), cancel() {} },
    uptimeMs: () => 0,
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
