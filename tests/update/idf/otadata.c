#include "otadata.h"

#include <stdlib.h>
#include <string.h>

#include "esp_ota_ops.h"

enum { SEQ_AT = 0, STATE_AT = 24, CRC_AT = 28 };

static const esp_partition_t partitions[SLOTS] = {{0}, {1}};
static uint8_t flash[2][ENTRY];
static image images[SLOTS];
static int slot_count = SLOTS, running = 0;
static long bytes_left = -1, operations_left = -1;
static uint32_t noise = 1;

jmp_buf out_of_it;

/* ---- flash ---- */

/* One byte of an operation; at the cut it is caught half way. */
static void change(uint8_t *cell, uint8_t to) {
    if (bytes_left == 0) {
        noise = noise * 1664525u + 1013904223u;
        *cell = (uint8_t)((*cell & to) | ((*cell ^ to) & (noise >> 24) & 0xff));
        longjmp(out_of_it, CUT);
    }
    if (bytes_left > 0)
        bytes_left--;
    *cell = to;
}

static bool flash_takes(void) {
    if (operations_left == 0)
        return false;
    if (operations_left > 0)
        operations_left--;
    return true;
}

static esp_err_t erase(int sector) {
    if (!flash_takes())
        return ESP_FAIL;
    for (int i = 0; i < ENTRY; i++)
        change(&flash[sector][i], 0xff);
    return ESP_OK;
}

static esp_err_t write_entry(int sector, const uint8_t *bytes) {
    if (!flash_takes())
        return ESP_FAIL;
    for (int i = 0; i < ENTRY; i++)
        change(&flash[sector][i], flash[sector][i] & bytes[i]);
    return ESP_OK;
}

/* ---- entries ---- */

typedef struct {
    uint32_t seq, state, crc;
} entry;

static uint32_t get(const uint8_t *at) {
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void put(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

/* CRC-32 of the sequence number alone, begun with all ones where others begin with none. */
static uint32_t crc_of(uint32_t seq) {
    uint32_t crc = 0;
    for (int i = 0; i < 4; i++) {
        crc ^= (seq >> (8 * i)) & 0xff;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

static entry entry_of(int sector) {
    const uint8_t *at = flash[sector];
    return (entry){get(at + SEQ_AT), get(at + STATE_AT), get(at + CRC_AT)};
}

static bool is_whole(entry each) {
    return each.crc == crc_of(each.seq);
}

static bool is_out(entry each) {
    return each.seq == UINT32_MAX || each.state == ESP_OTA_IMG_INVALID || each.state == ESP_OTA_IMG_ABORTED;
}

static unsigned slot_of(entry each) {
    return (each.seq - 1) % SLOTS;
}

/* The sector in force; -1: none. */
static int active(void) {
    entry first = entry_of(0), second = entry_of(1);
    bool good[2] = {!is_out(first) && is_whole(first), !is_out(second) && is_whole(second)};

    if (good[0] && good[1])
        return first.seq >= second.seq ? 0 : 1;
    return good[0] ? 0 : good[1] ? 1 : -1;
}

static esp_err_t rewrite(int sector, uint32_t seq, uint32_t state, uint32_t crc) {
    uint8_t bytes[ENTRY];
    esp_err_t result;

    memset(bytes, 0xff, sizeof bytes);
    put(bytes + SEQ_AT, seq);
    put(bytes + STATE_AT, state);
    put(bytes + CRC_AT, crc);
    result = erase(sector);
    return result == ESP_OK ? write_entry(sector, bytes) : result;
}

/* ---- the running image ---- */

/* A partition that is none would be the end of an assert of the IDF's. */
static unsigned number_of(const esp_partition_t *partition) {
    if (partition != &partitions[0] && partition != &partitions[1])
        abort();
    return partition->number;
}

const esp_partition_t *esp_ota_get_running_partition(void) {
    return &partitions[running];
}

const esp_partition_t *esp_ota_get_boot_partition(void) {
    int sector = active();
    return &partitions[sector < 0 ? 0 : slot_of(entry_of(sector))];
}

const esp_partition_t *esp_ota_get_next_update_partition(const esp_partition_t *start_from) {
    if (start_from != NULL)
        abort();
    return slot_count == SLOTS ? &partitions[1 - running] : NULL;
}

esp_err_t esp_ota_get_state_partition(const esp_partition_t *partition, esp_ota_img_states_t *state) {
    unsigned number = number_of(partition);

    for (int sector = 0; sector < 2; sector++) {
        entry each = entry_of(sector);
        if (slot_of(each) == number && is_whole(each)) {
            *state = (esp_ota_img_states_t)each.state;
            return ESP_OK;
        }
    }
    return ESP_ERR_NOT_FOUND;
}

esp_err_t esp_ota_set_boot_partition(const esp_partition_t *partition) {
    unsigned number = number_of(partition);
    int sector = active();
    uint32_t seq;

    if (images[number] != WHOLE)
        return ESP_ERR_OTA_VALIDATE_FAILED;
    if (sector < 0)
        return rewrite(0, number + 1, ESP_OTA_IMG_NEW, crc_of(number + 1));
    if (slot_of(entry_of(sector)) == number)
        return rewrite(sector, entry_of(sector).seq, ESP_OTA_IMG_NEW, entry_of(sector).crc);
    for (seq = entry_of(sector).seq; slot_of((entry){.seq = seq}) != number;)
        seq++;
    return rewrite(1 - sector, seq, ESP_OTA_IMG_NEW, crc_of(seq));
}

esp_err_t esp_ota_mark_app_valid_cancel_rollback(void) {
    int sector = active();

    if (sector < 0)
        return ESP_FAIL;
    if (entry_of(sector).state == ESP_OTA_IMG_VALID)
        return ESP_OK;
    return rewrite(sector, entry_of(sector).seq, ESP_OTA_IMG_VALID, entry_of(sector).crc);
}

esp_err_t esp_ota_mark_app_invalid_rollback_and_reboot(void) {
    int sector = active();
    entry way_back;
    esp_err_t result;

    if (sector < 0)
        return ESP_FAIL;
    way_back = entry_of(1 - sector);
    if (is_out(way_back) || !is_whole(way_back) || images[slot_of(way_back)] != WHOLE)
        return ESP_ERR_OTA_ROLLBACK_FAILED;
    result = rewrite(sector, entry_of(sector).seq, ESP_OTA_IMG_INVALID, entry_of(sector).crc);
    if (result == ESP_OK)
        longjmp(out_of_it, RESTART);
    return result;
}

esp_err_t esp_ota_invalidate_inactive_ota_data_slot(void) {
    int sector = active();
    entry inactive;

    if (sector < 0)
        return ESP_FAIL;
    inactive = entry_of(1 - sector);
    if (inactive.seq == UINT32_MAX || !is_whole(inactive) || slot_of(inactive) == (unsigned)running)
        return ESP_FAIL;
    return erase(1 - sector);
}

/* ---- the bootloader ---- */

/* Of the chosen slot first, down from there, then up. */
static int first_whole(int from) {
    for (int slot = from; slot >= 0; slot--)
        if (images[slot] == WHOLE)
            return slot;
    for (int slot = from + 1; slot < SLOTS; slot++)
        if (images[slot] == WHOLE)
            return slot;
    return -1;
}

static bool is_unwritten(entry each) {
    return each.seq == UINT32_MAX || !is_whole(each);
}

int boot(void) {
    int from = -1, sector;
    bool none, initial;

    for (int each = 0; each < 2; each++)
        if (entry_of(each).state == ESP_OTA_IMG_PENDING_VERIFY)
            rewrite(each, entry_of(each).seq, ESP_OTA_IMG_ABORTED, entry_of(each).crc);
    none = is_out(entry_of(0)) && is_out(entry_of(1));
    initial = none && is_unwritten(entry_of(0)) && is_unwritten(entry_of(1));
    sector = none ? -1 : active();
    if (none)
        from = 0;
    else if (sector >= 0) {
        entry chosen = entry_of(sector);
        from = (int)slot_of(chosen);
        if (chosen.state == ESP_OTA_IMG_NEW)
            rewrite(sector, chosen.seq, ESP_OTA_IMG_PENDING_VERIFY, chosen.crc);
    }
    running = first_whole(from);
    if (running >= 0 && initial && slot_count == SLOTS)
        rewrite(0, (uint32_t)running + 1, ESP_OTA_IMG_VALID, crc_of((uint32_t)running + 1));
    return running;
}

/* ---- the rig ---- */

void flash_by_cable(int slots) {
    memset(flash, 0xff, sizeof flash);
    slot_count = slots;
    images[0] = WHOLE;
    images[1] = TORN;
    running = 0;
}

void put_image(bool other, image what) {
    images[other ? 1 - running : running] = what;
}

void cut_after(long bytes) {
    bytes_left = bytes;
}

void refuse_after(long operations) {
    operations_left = operations;
}
