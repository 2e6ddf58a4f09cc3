#include "crash.h"

#include <esp_core_dump.h>
#include <esp_memory_utils.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One of the addresses that led to the crash, while there is room. */
static void add_address(char *line, uint32_t address) {
    size_t length = strlen(line);

    if (length + sizeof " 12345678" <= CRASH_LINE)
        (void)snprintf(line + length, CRASH_LINE - length, " %08lx", (unsigned long)address);
}

#if CONFIG_IDF_TARGET_ARCH_RISCV

static bool is_code(uint32_t address) {
    return esp_ptr_executable((const void *)(uintptr_t)address);
}

static void add_callers(char *line, const esp_core_dump_summary_t *summary) {
    const esp_core_dump_bt_info_t *stack = &summary->exc_bt_info;
    uint32_t last = summary->ex_info.ra, word;

    if (is_code(last))
        add_address(line, last);
    for (size_t at = 0; at + sizeof word <= stack->dump_size && at + sizeof word <= sizeof stack->stackdump;
         at += sizeof word) {
        memcpy(&word, stack->stackdump + at, sizeof word);
        if (word != last && is_code(word))
            add_address(line, last = word);
    }
}

#else

/* The first is the place of the crash itself. */
static void add_callers(char *line, const esp_core_dump_summary_t *summary) {
    const esp_core_dump_bt_info_t *trace = &summary->exc_bt_info;

    for (size_t i = 1; i < trace->depth && i < sizeof trace->bt / sizeof trace->bt[0]; i++)
        add_address(line, trace->bt[i]);
}

#endif

/* Names come out of what was RAM at the crash. */
static void add_name(char *line, const char *before, const char *name, size_t most) {
    size_t length = strlen(line);
    const size_t end = length + strlen(before) + most;

    memcpy(line + length, before, strlen(before));
    for (length += strlen(before); length < end && *name != '\0'; name++)
        line[length++] = *name > ' ' && *name < 0x7f && *name != '"' && *name != '\\' ? *name : '?';
    line[length] = '\0';
}

static void write_line(char *line, const esp_core_dump_summary_t *summary) {
    enum { NAME = sizeof summary->exc_task - 1, HASH = 9 };

    line[0] = '\0';
    add_name(line, "task ", summary->exc_task, NAME);
    add_name(line, " image ", (const char *)summary->app_elf_sha256, HASH);
    (void)snprintf(line + strlen(line), CRASH_LINE - strlen(line), " pc %08lx from", (unsigned long)summary->exc_pc);
    add_callers(line, summary);
}

bool crash_line(char line[CRASH_LINE]) {
    /* More than a kilobyte on RISC-V: not for a task's stack. */
    esp_core_dump_summary_t *summary;
    bool good;

    if (esp_core_dump_image_check() != ESP_OK)
        return false;
    summary = calloc(1, sizeof *summary);
    if (summary == NULL)
        return false;
    good = esp_core_dump_get_summary(summary) == ESP_OK;
    if (good)
        write_line(line, summary);
    free(summary);
    return good;
}
