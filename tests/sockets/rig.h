/*
 * Drives modules/sockets in a program of its own: the main thread is the owner. Each case is a sentence and a function;
 * one that fails says why and ends the program.
 */
#ifndef RIG_H
#define RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sockets.h"

typedef struct {
    const char *sentence;
    void (*run)(void);
} rig_case;

/* What an owner heard and read. Zeroed and given to `sockets_own`. */
typedef struct rig_end rig_end;
struct rig_end {
    sockets_socket *socket;
    unsigned writable, readable, ended;
    size_t room;
    /* Reads in SOCKETS_READABLE: 0 nothing, -1 all, else at most so many. */
    int reads;
    uint8_t *received;
    size_t count, capacity;
    /* Closes in the callback of this event, bit 1 << event. */
    unsigned closes;
    /* Called after the above. */
    void (*also)(rig_end *end, sockets_event event);
    void *more;
};

int rig_main(const rig_case *cases, int count, int argc, char **argv);

_Noreturn void rig_fail(const char *file, int line, const char *what);
#define CHECK(condition)                                 \
    do {                                                 \
        if (!(condition))                                \
            rig_fail(__FILE__, __LINE__, #condition);    \
    } while (0)

/* Delivers what is posted until `condition`; fails after five seconds. */
#define WAIT(condition)                                      \
    do {                                                     \
        uint32_t since = rig_ms();                           \
        while (!(condition)) {                               \
            if (rig_ms() - since > 5000)                     \
                rig_fail(__FILE__, __LINE__, #condition);    \
            rig_turn(1);                                     \
        }                                                    \
    } while (0)

uint32_t rig_ms(void);
/* Delivers what is posted; waits up to `ms` for it. */
void rig_turn(uint32_t ms);
/* Turns for so long. */
void rig_idle(uint32_t ms);

void rig_own(rig_end *end);
void rig_close(rig_end *end);
void rig_read(rig_end *end, size_t most);
/* Closed, and its memory given back. */
void rig_done(rig_end *end);

/* The `n`-th allocation from now fails, and so do all that follow it for as long as `n` is negative; 0: none. */
void rig_fail_allocation(int n);
/* This thread's do not fail, and are not counted. */
void rig_spare(bool spared);
/* Counts one that is not malloc's; false: it fails. */
bool rig_allocate(void);
/* How many there were since. */
int rig_allocations(void);
/* Bytes that the program holds. */
size_t rig_memory(void);
/* While it is set, `sockets_post` says that it cannot. */
void rig_refuse_posts(bool refuse);
unsigned rig_random(unsigned below);
extern unsigned rig_seed, rig_volume;

#endif
