#include "slots.h"

#include <esp_ota_ops.h>
#include <stddef.h>

/* Both entries of otadata may name the other slot, and the running one may have to take over before. */
enum { MAX_TRIES = 4 };

static const esp_partition_t *running(void) {
    return esp_ota_get_running_partition();
}

/* NULL: none. */
static const esp_partition_t *other(void) {
    const esp_partition_t *next = esp_ota_get_next_update_partition(NULL);

    return next == running() ? NULL : next;
}

static slot_state state_of(const esp_partition_t *slot) {
    esp_ota_img_states_t state;

    if (slot == NULL || esp_ota_get_state_partition(slot, &state) != ESP_OK)
        return SLOT_NONE;
    switch (state) {
    case ESP_OTA_IMG_NEW:
        return SLOT_NEW;
    case ESP_OTA_IMG_PENDING_VERIFY:
        return SLOT_PENDING;
    case ESP_OTA_IMG_VALID:
        return SLOT_VALID;
    case ESP_OTA_IMG_INVALID:
        return SLOT_INVALID;
    case ESP_OTA_IMG_ABORTED:
        return SLOT_ABORTED;
    default:
        return SLOT_UNDEFINED;
    }
}

bool slots_are_two(void) {
    return other() != NULL;
}

slot_state slots_running(void) {
    return state_of(running());
}

slot_state slots_other(void) {
    return state_of(other());
}

/* esp_ota_set_boot_partition writes "new": the image that runs now needs no trial. */
static bool start_running(void) {
    return esp_ota_set_boot_partition(running()) == ESP_OK && esp_ota_mark_app_valid_cancel_rollback() == ESP_OK;
}

bool slots_forget(void) {
    if (other() == NULL || slots_running() == SLOT_PENDING)
        return false;
    for (int tries = 0; slots_other() != SLOT_NONE; tries++) {
        if (tries == MAX_TRIES)
            return false;
        /* The IDF erases the entry that does not count alone, and none when no entry counts. */
        if (esp_ota_invalidate_inactive_ota_data_slot() != ESP_OK && !start_running())
            return false;
    }
    return true;
}

slots_result slots_activate(void) {
    esp_err_t result;

    if (other() == NULL || slots_running() == SLOT_PENDING)
        return SLOTS_FLASH;
    /* A cut in the first boot's write leaves no entry for what runs: it would not be the way back. */
    if (slots_running() == SLOT_NONE && !start_running())
        return SLOTS_FLASH;
    result = esp_ota_set_boot_partition(other());
    if (result == ESP_OK)
        return SLOTS_OK;
    return result == ESP_ERR_OTA_VALIDATE_FAILED || result == ESP_ERR_OTA_SMALL_SEC_VER ? SLOTS_BAD_IMAGE : SLOTS_FLASH;
}

/* What the IDF calls the current image is the one that starts next. */
static bool running_is_next(void) {
    return esp_ota_get_boot_partition() == running();
}

bool slots_confirm(void) {
    return running_is_next() && esp_ota_mark_app_valid_cancel_rollback() == ESP_OK;
}

bool slots_reject(void) {
    if (running_is_next())
        (void)esp_ota_mark_app_invalid_rollback_and_reboot();
    return false;
}
