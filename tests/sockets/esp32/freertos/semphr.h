#ifndef STAND_IN_SEMPHR_H
#define STAND_IN_SEMPHR_H

#include "freertos/FreeRTOS.h"

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool mutex, there;
    pthread_t holder;
} StaticSemaphore_t;
typedef StaticSemaphore_t *SemaphoreHandle_t;

SemaphoreHandle_t xSemaphoreCreateMutexStatic(StaticSemaphore_t *memory);
SemaphoreHandle_t xSemaphoreCreateBinaryStatic(StaticSemaphore_t *memory);
BaseType_t xSemaphoreTake(SemaphoreHandle_t semaphore, TickType_t ticks);
BaseType_t xSemaphoreGive(SemaphoreHandle_t semaphore);

#endif
