/**
 * Up to 1,024 bytes of the hardware's random number generator. True randomness while the radio runs; before that the
 * generator goes on from what the bootloader seeded it with (ESP-IDF, esp_random.h).
 */
export function randomBytes(count: number): ArrayBuffer;
/** Bytes of the heap that are free now. */
export function freeHeap(): number;
/** The least that were free since the boot. */
export function lowestHeap(): number;
/** esp_reset_reason_t: why the last run ended. */
export function resetReason(): number;
/** What the core dump tells of the last crash (crash.h), at most 120 characters. Reads all of it. */
export function lastCrash(): string | undefined;
