#pragma once
#include <stdbool.h>

/*
 * Which of the two images starts: otadata by ESP-IDF's esp_ota functions, with the guards that writing to the flash of
 * a slot by oneself goes around. A slot is the one that runs or the other one. Not for two tasks at once.
 *
 * A running image that is on trial ("pending") changes nothing but itself: the other slot is its way back.
 */
typedef enum {
    SLOT_NONE, /* no entry of otadata names it */
    SLOT_NEW,
    SLOT_PENDING,
    SLOT_VALID,
    SLOT_INVALID,
    SLOT_ABORTED,
    SLOT_UNDEFINED,
} slot_state;

typedef enum { SLOTS_OK, SLOTS_BAD_IMAGE, SLOTS_FLASH } slots_result;

/* False: the partition table has one place for an image only. */
bool slots_are_two(void);

slot_state slots_running(void);
slot_state slots_other(void);

/*
 * No entry names the other slot any more, so that no half-written image is ever chosen: before its first erase. Where
 * it was to start next, the running one is first made to. A power cut at any moment leaves an image that starts.
 */
bool slots_forget(void);

/* The other slot starts next, on trial. Its image is checked as the bootloader does: header, chip, SHA-256. */
slots_result slots_activate(void);

/* The running image stays. False also when another image is to start next: it has not been tried. */
bool slots_confirm(void);

/* The running image is given up. Restarts, or returns false: there is no other that may start. */
bool slots_reject(void);
