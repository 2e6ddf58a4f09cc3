/** A scene of certificates: in the home network of "success", once the device is online. */
export interface IdentityScene {
  readonly name: string;
  /** One line for a person. */
  readonly title: string;
  /** What is done, each once what stands before it has come about. */
  readonly steps: readonly IdentityStep[];
  /** A word of the log, or a reason that the device gives. */
  readonly reason?: string;
}

/** What a scene does, and waits for before the next one. */
export type IdentityStep =
  /** The device is told to renew; until it has a new certificate in force. */
  | "renew"
  /** The same with a broker that will not have the new one; until the device is back at the old one. */
  | "renew-in-vain"
  /** A list with a second authority; until the device has it in force. */
  | "announce"
  /** The same with one that soon ends. */
  | "announce-ending"
  /** The broker shows the second authority; until the device is back. */
  | "move"
  /** Until that authority has expired, and the device has found out. */
  | "expire"
  /** The broker shows its own again; until the device is back. */
  | "move-back";

export const IDENTITY_SCENES: readonly IdentityScene[] = [
  {
    name: "identity-renewal",
    title: "A new certificate for a new key: asked for, tried, kept.",
    steps: ["renew"],
  },
  {
    name: "identity-roll-over",
    title: "The broker's authority changes: the list comes first, then the broker moves.",
    steps: ["announce", "move", "move-back"],
  },
  {
    name: "identity-expired",
    title: "An authority that ends: pulse blue with the reason, until the broker shows one that has not.",
    steps: ["announce-ending", "move", "expire", "move-back"],
    reason: "expired",
  },
  {
    name: "identity-rollback",
    title: "A certificate that the broker will not have: the old one is back after five minutes.",
    steps: ["renew-in-vain"],
    reason: "trial-failed",
  },
];

export function findIdentityScene(name: string): IdentityScene | undefined {
  return IDENTITY_SCENES.find((scene) => scene.name === name);
}
