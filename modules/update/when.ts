import type { Attempts } from "./attempts";
import type { TrialWatch } from "./trial/trial-watch";
import type { UpdateWait } from "./update-report";
import type { UpdatesOptions } from "./updates-options";

/** What speaks against an update to `image` now. `notBefore`: uptime until which the device lets others go first. */
export function whyNot(
  device: UpdatesOptions,
  trial: TrialWatch,
  attempts: Attempts,
  image: string,
  notBefore: number,
): UpdateWait | undefined {
  const setting = device.setting();
  if (setting === "off") return "off";
  if (setting === "manual" && !attempts.isAsked) return "manual";
  const wait = device.busy() ?? trial.waitFor(image);
  if (wait !== undefined) return wait;
  if (attempts.isPausing) return "pause";
  return !attempts.isAsked && device.uptimeMs() < notBefore ? "jitter" : undefined;
}
