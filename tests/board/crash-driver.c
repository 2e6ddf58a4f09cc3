/*
 * modules/board/esp32/crash.c by the line: `CHECK SUMMARY TASK IMAGE PC RETURN CALLER…`, the first two "ok" or "bad" for
 * the core dump's check and for its summary, the next two hexadecimal bytes ("-": none), then addresses. Prints the line
 * of the crash, or "none". The callers fill a backtrace (after the PC) or, on RISC-V, the stack.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crash.h"
#include "esp_core_dump.h"
#include "esp_memory_utils.h"

enum { LINE_MAX = 16384 };

static esp_core_dump_summary_t kept;
static bool check_is_good, summary_is_good;

/* Flash and instruction RAM, as on all these chips nearly. */
bool esp_ptr_executable(const void *address) {
    uintptr_t at = (uintptr_t)address;
    return (at >= 0x42000000 && at < 0x42800000) || (at >= 0x40370000 && at < 0x403e0000);
}

esp_err_t esp_core_dump_image_check(void) {
    return check_is_good ? ESP_OK : ESP_FAIL;
}

esp_err_t esp_core_dump_get_summary(esp_core_dump_summary_t *summary) {
    if (!summary_is_good)
        return ESP_FAIL;
    *summary = kept;
    return ESP_OK;
}

static void bytes_of(const char *hex, void *into, size_t most) {
    uint8_t *bytes = into;
    for (size_t i = 0; *hex != '-' && i < most && hex[2 * i]; i++) {
        unsigned byte = 0;
        (void)sscanf(hex + 2 * i, "%2x", &byte);
        bytes[i] = (uint8_t)byte;
    }
}

static void add_caller(uint32_t address) {
    esp_core_dump_bt_info_t *info = &kept.exc_bt_info;
#if CONFIG_IDF_TARGET_ARCH_RISCV
    if (info->dump_size + 4 <= sizeof info->stackdump)
        memcpy(info->stackdump + info->dump_size, &address, 4);
    /* More than there is room for, too: the sum is the flash's word. */
    info->dump_size += 4;
#else
    if (info->depth < 16)
        info->bt[info->depth] = address;
    info->depth++;
#endif
}

int main(void) {
    static char text[LINE_MAX];
    static char line[CRASH_LINE];

    while (fgets(text, sizeof text, stdin)) {
        const char *word = strtok(text, " \n");
        memset(&kept, 0, sizeof kept);
        memset(line, 'x', sizeof line);
        for (int i = 0; word; i++, word = strtok(NULL, " \n")) {
            uint32_t address = (uint32_t)strtoul(word, NULL, 16);
            if (i == 0)
                check_is_good = strcmp(word, "ok") == 0;
            else if (i == 1)
                summary_is_good = strcmp(word, "ok") == 0;
            else if (i == 2)
                bytes_of(word, kept.exc_task, sizeof kept.exc_task);
            else if (i == 3)
                bytes_of(word, kept.app_elf_sha256, sizeof kept.app_elf_sha256);
            else if (i == 4) {
                kept.exc_pc = address;
#if !CONFIG_IDF_TARGET_ARCH_RISCV
                add_caller(address);
#endif
            } else if (i == 5) {
#if CONFIG_IDF_TARGET_ARCH_RISCV
                kept.ex_info.ra = address;
#else
                if (address)
                    add_caller(address);
#endif
            } else
                add_caller(address);
        }
        if (crash_line(line)) {
            if (memchr(line, '\0', sizeof line) == NULL)
                return 1;
            printf("%s\n", line);
        } else
            printf("none\n");
    }
    return 0;
}
