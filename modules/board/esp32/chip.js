// What every ESP32 can do and no SDK module offers. Types: chip.d.ts. Native code: chip.c.
export function randomBytes(count) {
  return native("xs_chip_random_bytes").call(this, count);
}

export function freeHeap() {
  return native("xs_chip_free_heap").call(this);
}

export function lowestHeap() {
  return native("xs_chip_lowest_heap").call(this);
}

export function resetReason() {
  return native("xs_chip_reset_reason").call(this);
}

export function lastCrash() {
  return native("xs_chip_last_crash").call(this);
}
