#pragma once
/* What modules/board/esp32/crash.c needs of ESP-IDF 6.0, of either architecture. */
#include <stdbool.h>
#include <stdint.h>

typedef int esp_err_t;

#define ESP_OK 0
#define ESP_FAIL (-1)

#if CONFIG_IDF_TARGET_ARCH_RISCV
typedef struct {
    uint8_t stackdump[1024];
    uint32_t dump_size;
} esp_core_dump_bt_info_t;

typedef struct {
    uint32_t mstatus, mtvec, mcause, mtval, ra, sp, exc_a[8];
} esp_core_dump_summary_extra_info_t;
#else
typedef struct {
    uint32_t bt[16];
    uint32_t depth;
    bool corrupted;
} esp_core_dump_bt_info_t;

typedef struct {
    uint32_t exc_cause, exc_vaddr, exc_a[16], epcx[7];
    uint8_t epcx_reg_bits;
} esp_core_dump_summary_extra_info_t;
#endif

typedef struct {
    uint32_t exc_tcb;
    char exc_task[16];
    uint32_t exc_pc;
    esp_core_dump_bt_info_t exc_bt_info;
    uint32_t core_dump_version;
    uint8_t app_elf_sha256[10];
    esp_core_dump_summary_extra_info_t ex_info;
} esp_core_dump_summary_t;

esp_err_t esp_core_dump_image_check(void);
esp_err_t esp_core_dump_get_summary(esp_core_dump_summary_t *summary);
