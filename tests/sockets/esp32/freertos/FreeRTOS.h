/*
 * The calls of FreeRTOS that modules/sockets/port.h makes, over POSIX threads (freertos.c): so the half of it that is for
 * ESP32 runs. Stricter than FreeRTOS: what it forbids ends the program.
 */
#ifndef STAND_IN_FREERTOS_H
#define STAND_IN_FREERTOS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

typedef int BaseType_t;
typedef unsigned UBaseType_t;
typedef uint32_t TickType_t;

#define pdTRUE 1
#define pdFALSE 0
#define pdPASS 1
#define pdFAIL 0
#define portMAX_DELAY 0xffffffffu
/* The SDK's configuration: 1000 Hz. */
#define portTICK_PERIOD_MS 1
#define pdMS_TO_TICKS(ms) (ms)

#endif
