#ifndef STAND_IN_TASK_H
#define STAND_IN_TASK_H

#include "freertos/FreeRTOS.h"

typedef void *TaskHandle_t;

BaseType_t xTaskCreate(void (*run)(void *), const char *name, uint32_t stack, void *context, UBaseType_t priority,
                       TaskHandle_t *made);
void vTaskDelete(TaskHandle_t task);
void vTaskDelay(TickType_t ticks);
/* Wraps a moment after the program began. */
TickType_t xTaskGetTickCount(void);

#endif
