/*
 * A socket of sockets.h, and what its files share: sockets.c (what all of them have), streams.c (TCP), bound.c (listeners
 * and datagrams). The owner's task alone is in here.
 */
#ifndef SOCKETS_RECORD_H
#define SOCKETS_RECORD_H

#include "byte-queue.h"
#include "port.h"
#include "sockets.h"
#include "watch.h"

/* Until the next try, where memory lacked or the stack took nothing of what it had announced. */
#define RETRY_MS 20

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

typedef enum {
    LISTENING,
    DATAGRAMS,
    CONNECTING,
    OPEN,
    /* The peer's side has ended, what it sent may still wait to be read. */
    ENDING,
    /* Told. */
    ENDED,
    /* Closed by its owner; what was written is still on its way. */
    DRAINING,
    CLOSED
} record_state;

struct sockets_socket {
    int fd;
    int place;
    void *owner;
    record_state state;
    /* What the watcher found is being told: the record is freed when that ends. */
    bool busy;
    /* A new owner is to be told everything once. */
    bool anew;
    /* Nothing is left to write to: reset, or no memory. */
    bool broken;
    /* Streams: bytes that may be written. Listeners, datagrams: what may be taken before it is announced again. */
    size_t room;
    byte_queue in, out;
    uint32_t drain_until;
};

/* Takes `fd` into its keeping, and closes it when it cannot; negative: what errno says. */
sockets_error record_adopt(sockets_socket **made, int fd, record_state state);
/* Waits for `events`; closed where something went wrong since it was adopted. */
sockets_error record_keep(sockets_socket **made, sockets_error error, unsigned events);
/* Silent; the record goes with it, or when its turn ends. */
void record_destroy(sockets_socket *socket);
/* To the owner, if there is one that still wants to hear. */
void record_tell(sockets_socket *socket, sockets_event event, size_t count);

/* Of errno: it may go better in a moment. */
bool record_again(void);
sockets_error record_error(int number);

/* It stands, or stood and has not told its end. */
static inline bool record_alive(const sockets_socket *stream) {
    return stream->state == OPEN || stream->state == ENDING;
}

static inline struct sockaddr_in record_name(sockets_place place) {
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(place.port)};

    name.sin_addr.s_addr = place.address;
    return name;
}

static inline sockets_place record_place(const struct sockaddr_in *name) {
    return (sockets_place){.address = name->sin_addr.s_addr, .port = ntohs(name->sin_port)};
}

/* What the watcher found: streams.c, and for a listener or datagrams bound.c. */
void streams_ready(sockets_socket *stream, unsigned ready);
void streams_drain(sockets_socket *stream, unsigned ready);
void bound_ready(sockets_socket *bound, unsigned ready);

#endif
