import { isInitial, isOut, OTA_STATES, type OtaData, slotOf } from "./ota-data";

/** Which of the two slots starts, and what the choice writes: the IDF's second stage with rollback (bootloader_utility.c). */
export function chooseSlot(otadata: OtaData, isBootable: (slot: number) => boolean): number | undefined {
  giveUpUnconfirmed(otadata);
  const entries = otadata.read();
  const initial = isInitial(entries);
  let start = -1;
  if (entries.every(isOut)) start = 0;
  else {
    const active = otadata.active(entries);
    if (active !== undefined) {
      start = slotOf(entries[active]);
      const { seq, state } = entries[active];
      if (state === OTA_STATES.new) otadata.write(active, seq, OTA_STATES.pending);
    }
  }
  for (const slot of searchFrom(start)) {
    if (!isBootable(slot)) continue;
    // Only a board without any whole entry gets one.
    if (entries.every(isOut) && initial) otadata.write(0, slot + 1, OTA_STATES.valid);
    return slot;
  }
  return undefined;
}

/** Who was started and did not confirm has had its one boot. */
function giveUpUnconfirmed(otadata: OtaData): void {
  for (const [sector, { seq, state, crc }] of otadata.read().entries())
    if (state === OTA_STATES.pending) otadata.write(sector as 0 | 1, seq, OTA_STATES.aborted, crc);
}

/** Down from where it starts, then up. */
const searchFrom = (start: number): readonly number[] => (start === 1 ? [1, 0] : [0, 1]);
