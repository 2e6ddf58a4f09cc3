#pragma once
#include <stdbool.h>

bool esp_ptr_executable(const void *address);
