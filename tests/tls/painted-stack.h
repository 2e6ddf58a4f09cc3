#pragma once
/*
 * How deep a call reaches into the stack: paint before it, and ask after it, both from the function that calls. Without
 * sanitizers, which keep locals elsewhere.
 */
#include <stddef.h>
#include <stdint.h>

enum { PAINT = 49152, MARK = 0x5a5a5a5a };

static uintptr_t painted;

__attribute__((noinline)) static void paint(void) {
    volatile uint32_t area[PAINT / 4];

    for (size_t i = 0; i < PAINT / 4; i++)
        area[i] = MARK;
    painted = (uintptr_t)area;
}

__attribute__((noinline)) static size_t depth_below(uintptr_t top) {
    const volatile uint32_t *at = (const volatile uint32_t *)painted;

    while (*at == MARK)
        at++;
    return top - (uintptr_t)at;
}
