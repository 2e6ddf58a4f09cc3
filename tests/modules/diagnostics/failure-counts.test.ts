import { expect, test } from "vitest";
import { FailureCounts } from "../../../modules/diagnostics/failure-counts";

test("The last six failures are kept as they came, with what lies behind them and when", () => {
  const clock = { uptimeMs: 0 };
  const failures = new FailureCounts({ clock });
  for (let i = 1; i <= 8; i++) {
    clock.uptimeMs = i * 1000;
    failures.count("cloud-tls", `reason ${i}`);
  }
  expect(failures.recent.map(({ detail }) => detail)).toEqual([3, 4, 5, 6, 7, 8].map((i) => `reason ${i}`));
  expect(failures.recent[0]).toEqual({ reason: "cloud-tls", detail: "reason 3", atMs: 3000 });
  expect(failures.total).toBe(8);
});

test("What lies behind a failure is counted too, and is the last that is told, but no failure of its own", () => {
  const failures = new FailureCounts({ clock: { uptimeMs: 5 } });
  expect(failures.last).toBeUndefined();
  failures.count("cloud-tls", "expired");
  failures.countDetail("expired");
  expect(failures.toObject()).toEqual({ "cloud-tls": 1, expired: 1 });
  expect(failures.last).toBe("expired");
  expect(failures.total).toBe(1);
});

test("Reasons beyond the sixty-fourth are kept among the last, and are not counted by name", () => {
  const failures = new FailureCounts({ clock: { uptimeMs: 0 } });
  for (let i = 0; i < 100; i++) failures.count(`reason-${i}`);
  expect(Object.keys(failures.toObject())).toHaveLength(64);
  expect(failures.recent.at(-1)?.reason).toBe("reason-99");
});
