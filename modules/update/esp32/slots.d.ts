/** Numbers are those of slots.h, in its order. */
/** False: the partition table has one place for an image only. */
export function areTwo(): boolean;
/** slot_state of the slot that runs. */
export function running(): number;
/** slot_state of the other one. */
export function other(): number;
export function forget(): boolean;
/** slots_result. Reads the whole image: about a second. */
export function activate(): number;
export function confirm(): boolean;
/** Restarts, or returns false. */
export function reject(): boolean;
