#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "freertos/task.h"

#include <lwip/netif.h>
#include <lwip/tcpip.h>
#include <string.h>
#include <time.h>

#include "esp_vfs_eventfd.h"
#include "rig.h"

/* configMAX_TASK_NAME_LEN, with its NUL. */
#define NAME_SIZE 16
#define WRAPS_AFTER_MS 40

static SemaphoreHandle_t make(StaticSemaphore_t *memory, bool mutex) {
    pthread_mutex_init(&memory->lock, NULL);
    pthread_cond_init(&memory->changed, NULL);
    memory->mutex = memory->there = mutex;
    return memory;
}

SemaphoreHandle_t xSemaphoreCreateMutexStatic(StaticSemaphore_t *memory) {
    return make(memory, true);
}

SemaphoreHandle_t xSemaphoreCreateBinaryStatic(StaticSemaphore_t *memory) {
    return make(memory, false);
}

BaseType_t xSemaphoreTake(SemaphoreHandle_t semaphore, TickType_t ticks) {
    CHECK(ticks == portMAX_DELAY);
    pthread_mutex_lock(&semaphore->lock);
    /* A task that waits for a mutex of its own waits for ever. */
    CHECK(!semaphore->mutex || semaphore->there || !pthread_equal(semaphore->holder, pthread_self()));
    while (!semaphore->there)
        pthread_cond_wait(&semaphore->changed, &semaphore->lock);
    semaphore->there = false;
    semaphore->holder = pthread_self();
    pthread_mutex_unlock(&semaphore->lock);
    return pdTRUE;
}

BaseType_t xSemaphoreGive(SemaphoreHandle_t semaphore) {
    BaseType_t given;

    pthread_mutex_lock(&semaphore->lock);
    /* A mutex is given back by the task that took it. */
    CHECK(!semaphore->mutex || (!semaphore->there && pthread_equal(semaphore->holder, pthread_self())));
    given = semaphore->there ? pdFALSE : pdTRUE;
    semaphore->there = true;
    pthread_cond_signal(&semaphore->changed);
    pthread_mutex_unlock(&semaphore->lock);
    return given;
}

static struct {
    void (*run)(void *);
    void *context;
} task;

static void *begin(void *nothing) {
    (void)nothing;
    task.run(task.context);
    /* A task does not return. */
    CHECK(false);
}

/* Of one task; its stack is memory, which may lack. */
BaseType_t xTaskCreate(void (*run)(void *), const char *name, uint32_t stack, void *context, UBaseType_t priority,
                       TaskHandle_t *made) {
    pthread_t thread;
    bool there = rig_allocate();

    CHECK(strlen(name) < NAME_SIZE && stack % 16 == 0 && priority < 25 && !made && !task.run);
    if (!there)
        return pdFAIL;
    task.run = run;
    task.context = context;
    return pthread_create(&thread, NULL, begin, NULL) == 0 && pthread_detach(thread) == 0 ? pdPASS : pdFAIL;
}

void vTaskDelete(TaskHandle_t which) {
    CHECK(!which);
    pthread_exit(NULL);
}

void vTaskDelay(TickType_t ticks) {
    const struct timespec time = {.tv_sec = ticks / 1000, .tv_nsec = (long)(ticks % 1000) * 1000000};

    nanosleep(&time, NULL);
}

TickType_t xTaskGetTickCount(void) {
    static uint32_t start;
    uint32_t now = rig_ms();

    if (start == 0)
        start = now;
    return now - start - WRAPS_AFTER_MS;
}

esp_err_t esp_vfs_eventfd_register(const esp_vfs_eventfd_config_t *config) {
    static bool registered;
    bool before = registered;

    CHECK(config->max_fds > 0);
    registered = true;
    return before ? ESP_ERR_INVALID_STATE : ESP_OK;
}

esp_netif_t *esp_netif_get_handle_from_ifkey(const char *key) {
    esp_netif_t *netif;

    LOCK_TCPIP_CORE();
    for (netif = netif_list; netif && (strcmp(key, "WIFI_AP_DEF") != 0 || strncmp(netif->name, "ap", 2) != 0);)
        netif = netif->next;
    UNLOCK_TCPIP_CORE();
    return netif;
}

bool esp_netif_is_netif_up(esp_netif_t *netif) {
    return netif && netif_is_up(netif);
}

esp_err_t esp_netif_get_netif_impl_name(esp_netif_t *netif, char *name) {
    bool named;

    LOCK_TCPIP_CORE();
    named = netif && netif_index_to_name(netif_get_index(netif), name);
    UNLOCK_TCPIP_CORE();
    return named ? ESP_OK : ESP_FAIL;
}
