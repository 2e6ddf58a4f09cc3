import type { KeyedDevice } from "../../store/devices";
import type { Scope } from "../../store/scope";
import type { Store } from "../../store/store";

/** Readings that are not there although ones before and after them are (docs/payload.md, "Duplicates, order, gaps"). */
export interface Gap {
  readonly device: KeyedDevice;
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
  /** When the readings before and after it were taken, Unix seconds; `null`: nobody knows. */
  readonly after: number | null;
  readonly before: number | null;
}

interface Run {
  first: number;
  last: number;
  firstTime: number | null;
  lastTime: number | null;
}

/** In memory are runs of numbers without a gap, so that a year without one is a single run. */
export async function gapsOf(
  store: Store,
  scope: Scope,
  device: KeyedDevice,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<Gap[]> {
  const epochs = new Map<string, Run[]>();
  const add = (epoch: string, seq: number, time: number | null): void => {
    const runs = epochs.get(epoch) ?? [];
    epochs.set(epoch, runs);
    const last = runs.at(-1);
    if (last && seq === last.last + 1) {
      last.last = seq;
      last.lastTime = time;
    } else runs.push({ first: seq, last: seq, firstTime: time, lastTime: time });
  };
  for await (const { epoch, seq, time } of store.readings.rows(scope, { devices: [device.id], from, to }))
    add(epoch, seq, time);
  // They are there, though nobody knows when they were taken.
  for (const { epoch, seq } of await store.readings.undated(scope, device.id))
    if (epochs.has(epoch)) add(epoch, seq, null);
  return [...epochs].flatMap(([epoch, runs]) => between(device, epoch, runs));
}

function between(device: KeyedDevice, epoch: string, runs: Run[]): Gap[] {
  runs.sort((a, b) => a.first - b.first);
  const gaps: Gap[] = [];
  let before = runs[0]!;
  for (const run of runs.slice(1)) {
    if (run.first > before.last + 1)
      gaps.push({
        device,
        epoch,
        from: before.last + 1,
        to: run.first - 1,
        after: before.lastTime,
        before: run.firstTime,
      });
    if (run.last > before.last) before = run;
  }
  return gaps;
}
