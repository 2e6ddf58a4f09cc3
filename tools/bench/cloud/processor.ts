import { readdirSync, readFileSync } from "node:fs";

/** Of /proc: Linux counts in hundredths of a second. */
const TICKS = 100;

/** Processor time, s, that a process and all below it have had, user and system. */
export function processorOf(pid: number): number {
  const all = new Map<number, { parent: number; seconds: number }>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      // After the name, which may hold anything but ends with the last bracket: state, parent, …, utime, stime.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      // What its dead children had is its own.
      const seconds = [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i]), 0) / TICKS;
      all.set(Number(name), { parent: Number(fields[1]), seconds });
    } catch {
      // It has ended meanwhile.
    }
  }
  let sum = 0;
  for (const [each, { seconds }] of all) {
    let up: number | undefined = each;
    while (up !== undefined && up !== pid) up = all.get(up)?.parent;
    if (up === pid) sum += seconds;
  }
  return sum;
}
