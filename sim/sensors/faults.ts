/** What a person can do to a sensor, in the words of the page. */
export const TWIN_FAULT_NAMES = {
  /** Its plug is out: nothing answers, and it has lost what it was told. */
  unplugged: "unplugged",
  /** A line that disturbs what it says. */
  "wrong-crc": "disturbed line",
  /** Its fan stands still. */
  "fan-stuck": "fan stuck",
  /** What it measures wanders off, by 2 % an hour. */
  drifting: "drifting",
} as const;

export type TwinFault = keyof typeof TWIN_FAULT_NAMES;
export const TWIN_FAULTS = Object.keys(TWIN_FAULT_NAMES) as TwinFault[];
