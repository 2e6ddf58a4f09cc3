#pragma once
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * A board with two slots and otadata, of which every byte that is erased or written may be the last one before the power
 * goes. The rules are those of ESP-IDF 6.0.2 with rollback: esp_ota_ops.c for the running image, bootloader_utility.c
 * and bootloader_common_loader.c for the boot.
 */
enum { SLOTS = 2, ENTRY = 32 };

typedef enum { WHOLE, TORN } image;

/* Where control goes when the power is cut or the board restarts; the value says which. */
enum { CUT = 1, RESTART = 2 };
extern jmp_buf out_of_it;

/* As `npm run flash` leaves it: an image in the first slot, otadata erased. `slots`: 1 for a debug build. */
void flash_by_cable(int slots);
void put_image(bool other, image what);
/* The slot that starts, as the bootloader says; -1: none is whole. */
int boot(void);
/* The power goes after so many bytes more; negative: it does not. */
void cut_after(long bytes);
/* From the so many-th operation on the flash refuses; negative: it does not. */
void refuse_after(long operations);
