/* What watch.c and sockets.c need of the system: FreeRTOS with ESP-IDF's lwIP, or POSIX threads. */
#ifndef SOCKETS_PORT_H
#define SOCKETS_PORT_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#if ESP32
#include "esp_netif.h"
#include "esp_vfs_eventfd.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "freertos/task.h"
#include "lwip/sockets.h"

/* The watcher stays: its stack might not be there again. */
#define PORT_WATCHER_STAYS 1
/* Bytes. select() of ESP-IDF and lwIP, and a post to the machine's queue; not measured on a board. */
#define PORT_STACK 2560
/* Above the machine's task, which it interrupts for a moment, below that of lwIP (18). */
#define PORT_PRIORITY 10

typedef struct {
    SemaphoreHandle_t handle;
    StaticSemaphore_t memory;
} port_lock;
typedef port_lock port_signal;
typedef struct {
    void (*run)(void);
} port_task;

static inline void port_lock_open(port_lock *lock) {
    lock->handle = xSemaphoreCreateMutexStatic(&lock->memory);
}

static inline void port_lock_take(port_lock *lock) {
    xSemaphoreTake(lock->handle, portMAX_DELAY);
}

static inline void port_lock_give(port_lock *lock) {
    xSemaphoreGive(lock->handle);
}

static inline void port_signal_open(port_signal *signal) {
    signal->handle = xSemaphoreCreateBinaryStatic(&signal->memory);
}

static inline void port_signal_wait(port_signal *signal) {
    xSemaphoreTake(signal->handle, portMAX_DELAY);
}

static inline void port_signal_send(port_signal *signal) {
    xSemaphoreGive(signal->handle);
}

static inline void port_task_main(void *task) {
    ((port_task *)task)->run();
    vTaskDelete(NULL);
}

static inline bool port_task_start(port_task *task, void (*run)(void)) {
    task->run = run;
    return xTaskCreate(port_task_main, "sockets", PORT_STACK, task, PORT_PRIORITY, NULL) == pdPASS;
}

/* Never called here. */
static inline void port_task_join(port_task *task) {
    (void)task;
}

static inline uint32_t port_ms(void) {
    return (uint32_t)xTaskGetTickCount() * portTICK_PERIOD_MS;
}

static inline void port_rest(uint32_t ms) {
    vTaskDelay(pdMS_TO_TICKS(ms) + 1);
}

/* A descriptor that select() takes beside sockets; negative without memory. */
static inline int port_wake_open(void) {
    static const esp_vfs_eventfd_config_t config = {.max_fds = 1};
    esp_err_t error = esp_vfs_eventfd_register(&config);

    return error == ESP_OK || error == ESP_ERR_INVALID_STATE ? eventfd(0, 0) : -1;
}

/* lwIP's name of an interface of ours, while it is up: before, ESP-IDF gives that of another one (number 0). */
static inline bool port_interface(const char *ours, char name[IFNAMSIZ]) {
    esp_netif_t *netif = strcmp(ours, "ap") == 0 ? esp_netif_get_handle_from_ifkey("WIFI_AP_DEF") : NULL;

    return esp_netif_is_netif_up(netif) && esp_netif_get_netif_impl_name(netif, name) == ESP_OK;
}

#else
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/eventfd.h>
#include <time.h>

/* The simulator unloads the firmware's code: nothing of it may run on. */
#define PORT_WATCHER_STAYS 0

typedef pthread_mutex_t port_lock;
typedef sem_t port_signal;
typedef struct {
    pthread_t thread;
    void (*run)(void);
} port_task;

static inline void port_lock_open(port_lock *lock) {
    pthread_mutex_init(lock, NULL);
}

static inline void port_lock_take(port_lock *lock) {
    pthread_mutex_lock(lock);
}

static inline void port_lock_give(port_lock *lock) {
    pthread_mutex_unlock(lock);
}

static inline void port_signal_open(port_signal *signal) {
    sem_init(signal, 0, 0);
}

static inline void port_signal_wait(port_signal *signal) {
    while (sem_wait(signal) != 0) {
    }
}

static inline void port_signal_send(port_signal *signal) {
    sem_post(signal);
}

static inline void *port_task_main(void *task) {
    ((port_task *)task)->run();
    return NULL;
}

static inline bool port_task_start(port_task *task, void (*run)(void)) {
    task->run = run;
    return pthread_create(&task->thread, NULL, port_task_main, task) == 0;
}

static inline void port_task_join(port_task *task) {
    pthread_join(task->thread, NULL);
}

static inline uint32_t port_ms(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
}

static inline void port_rest(uint32_t ms) {
    const struct timespec time = {.tv_sec = 0, .tv_nsec = (long)ms * 1000000};

    nanosleep(&time, NULL);
}

static inline int port_wake_open(void) {
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

static inline bool port_interface(const char *ours, char name[IFNAMSIZ]) {
    if (strlen(ours) >= IFNAMSIZ)
        return false;
    strcpy(name, ours);
    return true;
}
#endif

#endif
