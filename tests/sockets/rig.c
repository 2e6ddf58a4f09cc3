#include "rig.h"

#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static bool posted, refusing;
static const char *running = "?";
static int allocations, failing;
unsigned rig_seed = 1, rig_volume = 1;

void rig_fail(const char *file, int line, const char *what) {
    printf("not ok - %s\n# %s:%d: %s (seed %u)\n", running, file, line, what, rig_seed);
    fflush(stdout);
    _Exit(1);
}

bool sockets_post(void) {
    bool refused;

    pthread_mutex_lock(&lock);
    refused = refusing;
    posted = posted || !refused;
    pthread_cond_signal(&cond);
    pthread_mutex_unlock(&lock);
    return !refused;
}

void sockets_unpost(void) {
    pthread_mutex_lock(&lock);
    posted = false;
    pthread_mutex_unlock(&lock);
}

void rig_refuse_posts(bool refuse) {
    pthread_mutex_lock(&lock);
    refusing = refuse;
    pthread_mutex_unlock(&lock);
}

uint32_t rig_ms(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

void rig_turn(uint32_t ms) {
    struct timespec until;
    bool due;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (long)ms * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&lock);
    while (!posted && pthread_cond_timedwait(&cond, &lock, &until) == 0) {
    }
    due = posted;
    posted = false;
    pthread_mutex_unlock(&lock);
    if (due)
        sockets_deliver();
}

void rig_idle(uint32_t ms) {
    for (uint32_t since = rig_ms(); rig_ms() - since < ms;)
        rig_turn(1);
}

void rig_own(rig_end *end) {
    sockets_own(end->socket, end);
}

void rig_close(rig_end *end) {
    if (end->socket)
        sockets_close(end->socket);
    end->socket = NULL;
}

void rig_done(rig_end *end) {
    rig_close(end);
    free(end->received);
    *end = (rig_end){0};
}

void rig_read(rig_end *end, size_t most) {
    size_t count = sockets_readable(end->socket);

    count = count < most ? count : most;
    if (count == 0)
        return;
    if (end->count + count > end->capacity) {
        end->capacity = 2 * (end->count + count);
        end->received = realloc(end->received, end->capacity);
    }
    sockets_read(end->socket, end->received + end->count, count);
    end->count += count;
}

void sockets_tell(void *owner, sockets_event event, size_t count) {
    rig_end *end = owner;

    CHECK(end->socket && !end->ended);
    if (event == SOCKETS_WRITABLE) {
        CHECK(count > 0 && count == sockets_room(end->socket));
        end->writable++;
        end->room = count;
    } else if (event == SOCKETS_READABLE) {
        end->readable++;
        if (end->reads)
            rig_read(end, end->reads < 0 ? SIZE_MAX : (size_t)end->reads);
    } else {
        CHECK(sockets_readable(end->socket) == 0);
        end->ended++;
    }
    if (end->also)
        end->also(end, event);
    if (end->closes & 1u << event)
        rig_close(end);
}

static _Thread_local bool spared;

void rig_spare(bool now) {
    spared = now;
}

/* Of the code under test alone (compiled with malloc=rig_malloc). */
static bool fails(void) {
    if (spared)
        return false;
    allocations++;
    return failing != 0 && (failing < 0 ? allocations >= -failing : allocations == failing);
}

void *rig_malloc(size_t size) {
    return fails() ? NULL : malloc(size);
}

void *rig_calloc(size_t count, size_t size) {
    return fails() ? NULL : calloc(count, size);
}

bool rig_allocate(void) {
    return !fails();
}

void rig_fail_allocation(int n) {
    failing = n;
    allocations = 0;
}

int rig_allocations(void) {
    return allocations;
}

size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

size_t rig_memory(void) {
    if (__sanitizer_get_current_allocated_bytes)
        return __sanitizer_get_current_allocated_bytes();
    return mallinfo2().uordblks;
}

unsigned rig_random(unsigned below) {
    static unsigned state;

    if (!state)
        state = rig_seed | 1;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % below;
}

/* (--list), or (number, seed, volume) of the one case to run. */
int rig_main(const rig_case *cases, int count, int argc, char **argv) {
    int which = argc > 1 ? atoi(argv[1]) : -1;

    if (argc > 1 && strcmp(argv[1], "--list") == 0) {
        for (int i = 0; i < count; i++)
            puts(cases[i].sentence);
        return 0;
    }
    if (argc > 2)
        rig_seed = (unsigned)atoi(argv[2]);
    if (argc > 3)
        rig_volume = (unsigned)atoi(argv[3]);
    for (int i = 0; i < count; i++) {
        if (which >= 0 && i != which)
            continue;
        running = cases[i].sentence;
        cases[i].run();
        printf("ok - %s\n", running);
        fflush(stdout);
    }
    return 0;
}
