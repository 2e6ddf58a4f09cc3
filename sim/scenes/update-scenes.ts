import type { ReleaseKind } from "../live/release-kinds";

/** A scene of updates: in the home network of "success", a release is sent once the device is online. */
export interface UpdateScene {
  readonly name: string;
  /** One line for a person. */
  readonly title: string;
  readonly send: ReleaseKind;
  /** Percent of the image after which the plug is pulled, and put back. */
  readonly plugAt?: number;
  /** What the device says of it in the end. */
  readonly ends: "confirmed" | "rolled-back" | "failed";
  /** In the log or in what the device says. */
  readonly reason?: string;
}

/** Of the board of `npm start`, as if it had been flashed with it: there are older ones to offer it. */
export const FACTORY_RELEASE = 10;

export const UPDATE_SCENES: readonly UpdateScene[] = [
  {
    name: "update-good",
    title: "A good release over the air: loaded, tried, kept.",
    send: "good",
    ends: "confirmed",
  },
  {
    name: "update-crashes",
    title: "A release that crashes at once: the old one is back.",
    send: "crashes",
    ends: "rolled-back",
    reason: "crashed",
  },
  {
    name: "update-never-blue",
    title: "A release that never reaches the cloud: given up, the second time for good.",
    send: "never-blue",
    ends: "rolled-back",
    reason: "not-online",
  },
  {
    name: "update-plug",
    title: "The plug is pulled half-way through: it goes on where it was.",
    send: "good",
    plugAt: 50,
    ends: "confirmed",
  },
  {
    name: "update-board",
    title: "A release of another board: refused.",
    send: "other-board",
    ends: "failed",
    reason: "wrong-board",
  },
  {
    name: "update-older",
    title: "An older release: refused.",
    send: "older",
    ends: "failed",
    reason: "not-newer",
  },
];

export function findUpdateScene(name: string): UpdateScene | undefined {
  return UPDATE_SCENES.find((scene) => scene.name === name);
}
