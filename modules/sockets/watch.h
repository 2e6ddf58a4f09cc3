/*
 * Tells when sockets can be read or written: one task, the watcher, waits for all of them in one select().
 *
 * Who touches what. The owner's task calls everything here, and alone receives, sends and closes. The watcher reads the
 * table, marks what is ready, and asks for delivery; it neither receives nor closes. The table is touched under its
 * lock, for a few instructions, and by nobody who waits for something meanwhile; `owner` belongs to the owner's task.
 *
 * A descriptor is not closed while the watcher waits for it: lwIP's select() asserts that it finds every socket again
 * on its way out (api/sockets.c, lwip_select). `watch_remove` returns when the watcher has let go.
 */
#ifndef SOCKETS_WATCH_H
#define SOCKETS_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#define WATCH_READ 1
#define WATCH_WRITE 2
/* The time is over. */
#define WATCH_LATE 4

/* Sockets at once. On ESP32 as CONFIG_LWIP_MAX_SOCKETS (sdkconfig/sdkconfig.defaults): the portal takes six, the cloud three. */
#if ESP32
#define WATCH_MOST 16
#else
#define WATCH_MOST 64
#endif

/* A place in the table for a descriptor; negative when there is none, or no memory for the watcher. */
int watch_add(int fd, void *owner);
/* Once: tells of the first of `events`, or of WATCH_LATE after `limit_ms` (0: no limit). Replaces what was asked. */
void watch_arm(int place, unsigned events, uint32_t limit_ms);
/* Tells of WATCH_LATE at once, in a turn of its own. */
void watch_poke(int place);
void watch_remove(int place);
/* Calls `watch_tell` for every place where something is ready. */
void watch_deliver(void);
/* The owner of a place, NULL where there is none. */
void *watch_owner(int place);

/* The owner's. It may call everything above, for its own place and for others. */
void watch_tell(void *owner, unsigned ready);

#endif
