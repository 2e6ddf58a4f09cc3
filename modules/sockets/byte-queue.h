/* Bytes that wait, oldest first, in a buffer that exists while there are any. */
#ifndef SOCKETS_BYTE_QUEUE_H
#define SOCKETS_BYTE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* [from, to) of a buffer of `size`. */
typedef struct {
    uint8_t *bytes;
    size_t from, to, size;
} byte_queue;

static inline size_t queue_length(const byte_queue *q) {
    return q->to - q->from;
}

static inline void queue_drop(byte_queue *q) {
    free(q->bytes);
    *q = (byte_queue){0};
}

/* Room for bytes up to `size` in all; false: no memory. */
static inline bool queue_provide(byte_queue *q, size_t size) {
    if (!q->bytes) {
        q->bytes = malloc(size);
        if (!q->bytes)
            return false;
        q->size = size;
    } else if (q->from > 0 && q->to == q->size) {
        memmove(q->bytes, q->bytes + q->from, queue_length(q));
        q->to -= q->from;
        q->from = 0;
    }
    return true;
}

static inline void queue_consume(byte_queue *q, size_t count) {
    q->from += count;
    if (q->from == q->to)
        queue_drop(q);
}

#endif
