// The commands of docs/protocol.md, as a person asks for them. Those that the other cards send are there.

export interface Argument {
  readonly name: string;
  readonly label: string;
  readonly usual: string;
  readonly least?: number;
  readonly most?: number;
  readonly isText?: true;
}

export interface CommandEntry {
  readonly label: string;
  readonly says: string;
  readonly args?: readonly Argument[];
  /** What is asked first: it does more than a look. */
  readonly ask?: string;
}

export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  identify: {
    label: "Flash the light",
    says: "To find the monitor in the room.",
    args: [{ name: "seconds", label: "Seconds", usual: "10", least: 1, most: 300 }],
  },
  "read-now": { label: "Measure now", says: "A reading, sent at once." },
  ping: { label: "Ping", says: "Whether it answers, and since when it runs." },
  restart: { label: "Restart", says: "Back within a minute, with all readings.", ask: "Restart the device?" },
  "setup-mode": {
    label: "Setup mode",
    says: "Opens its own Wi-Fi; back after ten minutes without a visitor.",
    ask: "It leaves the cloud until setup ends. Go on?",
  },
  "calibrate-co2": {
    label: "Calibrate CO₂",
    says: "Outdoors only, after ten minutes in fresh air (docs/protocol.md).",
    args: [{ name: "ppm", label: "ppm", usual: "430", least: 400, most: 2000 }],
    ask: "Is the monitor in fresh air?",
  },
  "forget-network": {
    label: "Forget a network",
    says: "Any but the one that it is on.",
    args: [{ name: "ssid", label: "Network", usual: "", isText: true }],
    ask: "Forget this network?",
  },
};
