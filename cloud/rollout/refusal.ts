/** Why a rollout is not begun, or not changed, in words for whoever asked. */
export const ROLLOUT_REFUSALS = {
  "no-manifest": "This is no signed manifest.",
  expired: "The manifest has run out: sign the image again.",
  "other-image": "The manifest is of another image than the one that is being rolled out.",
  nobody: "None of these devices can take the release.",
  "under-way": "Some of these devices are in another rollout that is not over.",
  over: "This rollout is over.",
  busy: "This rollout is being worked on; try again.",
} as const satisfies Record<string, string>;

export type RolloutRefusalReason = keyof typeof ROLLOUT_REFUSALS;

export class RolloutRefusal extends Error {
  override name = "RolloutRefusal";
  readonly reason: RolloutRefusalReason;
  /** Of `nobody`: each device, and why it cannot. */
  readonly devices: readonly { readonly device: string; readonly why: string }[];

  constructor(
    reason: RolloutRefusalReason,
    message: string = ROLLOUT_REFUSALS[reason],
    devices: RolloutRefusal["devices"] = [],
  ) {
    super(message);
    this.reason = reason;
    this.devices = devices;
  }
}
