/* sockets.h: streams, listeners and datagrams over the watcher's table. */
#include "sockets.h"

#include <stdlib.h>

#include "port.h"
#include "watch.h"

/* Until the next try, where memory lacked or the stack took nothing of what it had announced. */
#define RETRY_MS 20
/* Datagrams taken in one turn: who sends more of them than that does not hold up the rest. */
#define DATAGRAMS_A_TURN 16

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
} state;

/* Bytes [from, to) of a buffer of `size`, which exists while there are any. */
typedef struct {
    uint8_t *bytes;
    size_t from, to, size;
} queue;

struct sockets_socket {
    int fd;
    int place;
    void *owner;
    state state;
    /* Its ready() runs: the record is freed when that ends. */
    bool busy;
    /* A new owner is to be told everything once. */
    bool anew;
    /* Nothing is left to write to: reset, or no memory. */
    bool broken;
    /* Streams: bytes that may be written. Listeners, datagrams: what may be taken before it is announced again. */
    size_t room;
    queue in, out;
    uint32_t drain_until;
};

static size_t length(const queue *q) {
    return q->to - q->from;
}

static void drop(queue *q) {
    free(q->bytes);
    *q = (queue){0};
}

/* Room for bytes up to `size` in all; false: no memory. */
static bool provide(queue *q, size_t size) {
    if (!q->bytes) {
        q->bytes = malloc(size);
        if (!q->bytes)
            return false;
        q->size = size;
    } else if (q->from > 0 && q->to == q->size) {
        memmove(q->bytes, q->bytes + q->from, length(q));
        q->to -= q->from;
        q->from = 0;
    }
    return true;
}

static void consume(queue *q, size_t count) {
    q->from += count;
    if (q->from == q->to)
        drop(q);
}

static bool again(void) {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ENOMEM || errno == ENOBUFS;
}

static sockets_error error_of(int number) {
    switch (number) {
        case ENOMEM:
        case ENOBUFS:
            return SOCKETS_NO_MEMORY;
        case EMFILE:
        case ENFILE:
            return SOCKETS_NO_SOCKET;
        case EADDRINUSE:
            return SOCKETS_PORT_IN_USE;
        case EADDRNOTAVAIL:
        case ENODEV:
            return SOCKETS_NO_PLACE;
        default:
            return SOCKETS_UNREACHABLE;
    }
}

static struct sockaddr_in name_of(sockets_place place) {
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(place.port)};

    name.sin_addr.s_addr = place.address;
    return name;
}

static sockets_place place_of(const struct sockaddr_in *name) {
    return (sockets_place){.address = name->sin_addr.s_addr, .port = ntohs(name->sin_port)};
}

/* Takes `fd` into its keeping, and closes it when it cannot. */
static sockets_error adopt(sockets_socket **made, int fd, state state) {
    sockets_socket *socket;
    int flags;

    if (fd < 0)
        return error_of(errno);
    flags = fcntl(fd, F_GETFL, 0);
    socket = calloc(1, sizeof *socket);
    if (!socket || flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 || (socket->place = watch_add(fd, socket)) < 0) {
        sockets_error error = socket ? SOCKETS_NO_SOCKET : SOCKETS_NO_MEMORY;
        free(socket);
        close(fd);
        return error;
    }
    socket->fd = fd;
    socket->state = state;
    *made = socket;
    return SOCKETS_OK;
}

static void destroy(sockets_socket *socket) {
    socket->state = CLOSED;
    socket->owner = NULL;
    if (socket->fd >= 0) {
        watch_remove(socket->place);
        close(socket->fd);
        socket->fd = -1;
        drop(&socket->in);
        drop(&socket->out);
    }
    if (!socket->busy)
        free(socket);
}

/* On one interface and address alone. */
static sockets_error bind_to(int fd, sockets_place at, const char *interface) {
    const struct sockaddr_in name = name_of(at);
    struct ifreq request;

    if (interface) {
        memset(&request, 0, sizeof request);
        if (!port_interface(interface, request.ifr_name) ||
            setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, &request, sizeof request) != 0)
            return SOCKETS_NO_PLACE;
    }
    return bind(fd, (const struct sockaddr *)&name, sizeof name) == 0 ? SOCKETS_OK : error_of(errno);
}

static sockets_error keep_or_close(sockets_socket **made, sockets_error error, unsigned events) {
    if (error == SOCKETS_OK)
        watch_arm((*made)->place, events, 0);
    else {
        destroy(*made);
        *made = NULL;
    }
    return error;
}

sockets_error sockets_listen(sockets_socket **made, sockets_place at, const char *interface) {
    sockets_error error = adopt(made, socket(AF_INET, SOCK_STREAM, 0), LISTENING);
    const int yes = 1;

    if (error != SOCKETS_OK)
        return error;
    setsockopt((*made)->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    error = bind_to((*made)->fd, at, interface);
    if (error == SOCKETS_OK && listen((*made)->fd, SOCKETS_BACKLOG) != 0)
        error = error_of(errno);
    return keep_or_close(made, error, WATCH_READ);
}

sockets_error sockets_open_datagrams(sockets_socket **made, sockets_place at, const char *interface) {
    sockets_error error = adopt(made, socket(AF_INET, SOCK_DGRAM, 0), DATAGRAMS);

    if (error != SOCKETS_OK)
        return error;
    return keep_or_close(made, bind_to((*made)->fd, at, interface), WATCH_READ);
}

/* A refusal at once is the network's, and told like one that comes later. */
sockets_error sockets_connect(sockets_socket **made, sockets_place to) {
    const struct sockaddr_in name = name_of(to);
    sockets_error error = adopt(made, socket(AF_INET, SOCK_STREAM, 0), CONNECTING);

    if (error != SOCKETS_OK)
        return error;
    if (connect((*made)->fd, (const struct sockaddr *)&name, sizeof name) != 0 && errno != EINPROGRESS) {
        if (errno == ENOMEM || errno == ENOBUFS)
            return keep_or_close(made, SOCKETS_NO_MEMORY, 0);
        (*made)->state = ENDING;
        (*made)->broken = true;
        watch_poke((*made)->place);
        return SOCKETS_OK;
    }
    watch_arm((*made)->place, WATCH_WRITE, 0);
    return SOCKETS_OK;
}

sockets_socket *sockets_accept(sockets_socket *listener) {
    sockets_socket *accepted = NULL;
    int fd;

    if (listener->room == 0)
        return NULL;
    listener->room = 0;
    fd = accept(listener->fd, NULL, NULL);
    /* Without memory for one, it still waits in a moment. */
    if (fd < 0 && errno != ECONNABORTED && (errno == EMFILE || again()))
        watch_arm(listener->place, 0, RETRY_MS);
    else
        watch_arm(listener->place, WATCH_READ, 0);
    if (adopt(&accepted, fd, OPEN) == SOCKETS_OK)
        watch_arm(accepted->place, WATCH_READ, 0);
    return accepted;
}

/* Nothing more will come. */
static void end(sockets_socket *stream, bool broken) {
    stream->state = ENDING;
    stream->broken = stream->broken || broken;
    if (broken)
        drop(&stream->out);
}

/* Sends what waits; true: the stack took something, or had nothing to take. */
static bool flush(sockets_socket *stream) {
    size_t waiting = length(&stream->out);
    ssize_t sent;

    if (waiting == 0)
        return true;
    sent = send(stream->fd, stream->out.bytes + stream->out.from, waiting, MSG_NOSIGNAL);
    if (sent > 0)
        consume(&stream->out, (size_t)sent);
    else if (sent < 0 && !again())
        end(stream, true);
    return sent > 0;
}

/* Receives once; gives how many bytes came, negative: no memory at the moment. */
static ssize_t fill(sockets_socket *stream) {
    ssize_t got;

    if (!provide(&stream->in, SOCKETS_STEP))
        return -1;
    got = recv(stream->fd, stream->in.bytes + stream->in.to, stream->in.size - stream->in.to, 0);
    if (got > 0)
        stream->in.to += (size_t)got;
    else if (length(&stream->in) == 0)
        drop(&stream->in);
    if (got == 0 || (got < 0 && !again()))
        end(stream, got < 0);
    return got > 0 ? got : 0;
}

/* What is to be told next time. `pause`: reading, writing, or both of them in a moment only. */
static void rearm(sockets_socket *stream, unsigned pause) {
    unsigned events = 0;

    if (stream->state == OPEN && length(&stream->in) < SOCKETS_STEP)
        events |= WATCH_READ;
    if (!stream->broken && (length(&stream->out) > 0 || (stream->state == OPEN && stream->room < SOCKETS_ROOM)))
        events |= WATCH_WRITE;
    watch_arm(stream->place, events & ~pause, events & pause ? RETRY_MS : 0);
}

static void drain(sockets_socket *stream, unsigned ready) {
    int32_t left = (int32_t)(stream->drain_until - port_ms());

    if (ready & WATCH_WRITE)
        flush(stream);
    if (stream->broken || left <= 0 || length(&stream->out) == 0)
        destroy(stream);
    else
        watch_arm(stream->place, WATCH_WRITE, (uint32_t)left);
}

/* The answer to connect(); true: it stands. */
static bool connected(sockets_socket *stream) {
    int error = 0;
    socklen_t size = sizeof error;

    if (getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
        end(stream, true);
        return false;
    }
    stream->state = OPEN;
    return true;
}

static void tell(sockets_socket *socket, sockets_event event, size_t count) {
    if (socket->owner && socket->state != CLOSED && socket->state != DRAINING)
        sockets_tell(socket->owner, event, count);
}

static bool alive(const sockets_socket *stream) {
    return stream->state == OPEN || stream->state == ENDING;
}

static void stream_ready(sockets_socket *stream, unsigned ready) {
    bool anew = stream->anew;
    unsigned pause = 0;
    ssize_t got = 0;

    stream->anew = false;
    if (stream->state == CONNECTING) {
        if (!(ready & WATCH_WRITE)) {
            watch_arm(stream->place, WATCH_WRITE, 0);
            return;
        }
        anew = connected(stream);
    } else if (stream->state == OPEN) {
        if ((ready & (WATCH_WRITE | WATCH_LATE)) && !flush(stream) && (ready & WATCH_WRITE))
            pause |= WATCH_WRITE;
        if (stream->state == OPEN && ready & (WATCH_READ | WATCH_LATE) && length(&stream->in) < SOCKETS_STEP)
            got = fill(stream);
        if (got < 0)
            pause |= WATCH_READ;
    } else if (stream->state == ENDING && (ready & WATCH_WRITE)) {
        flush(stream);
    }
    if (stream->state == OPEN && (anew || ready & WATCH_WRITE) && length(&stream->out) == 0) {
        stream->room = SOCKETS_ROOM;
        tell(stream, SOCKETS_WRITABLE, stream->room);
    }
    if (alive(stream) && (got > 0 || anew) && length(&stream->in) > 0)
        tell(stream, SOCKETS_READABLE, length(&stream->in));
    if (stream->state == ENDING && length(&stream->in) == 0) {
        stream->state = ENDED;
        if (stream->owner)
            sockets_tell(stream->owner, SOCKETS_ENDED, 0);
    } else if (alive(stream))
        rearm(stream, pause);
}

void watch_tell(void *owner, unsigned ready) {
    sockets_socket *socket = owner;

    socket->busy = true;
    switch (socket->state) {
        case LISTENING:
        case DATAGRAMS:
            if (ready & WATCH_READ) {
                socket->room = socket->state == LISTENING ? 1 : DATAGRAMS_A_TURN;
                tell(socket, SOCKETS_READABLE, 1);
            } else
                watch_arm(socket->place, WATCH_READ, 0);
            break;
        case DRAINING:
            drain(socket, ready);
            break;
        case ENDED:
        case CLOSED:
            break;
        default:
            stream_ready(socket, ready);
    }
    socket->busy = false;
    if (socket->state == CLOSED)
        free(socket);
}

void sockets_deliver(void) {
    watch_deliver();
}

void sockets_own(sockets_socket *socket, void *owner) {
    socket->owner = owner;
    socket->anew = owner != NULL && (alive(socket) || socket->state == ENDED);
    if (socket->anew && socket->state == ENDED)
        socket->state = ENDING;
    if (socket->anew)
        watch_poke(socket->place);
}

void sockets_close(sockets_socket *socket) {
    if (!socket->broken && length(&socket->out) > 0) {
        socket->state = DRAINING;
        socket->owner = NULL;
        socket->drain_until = port_ms() + SOCKETS_DRAIN_MS;
        watch_arm(socket->place, WATCH_WRITE, SOCKETS_DRAIN_MS);
    } else
        destroy(socket);
}

void sockets_end_drains(void) {
    for (int i = 0; i < WATCH_MOST; i++) {
        sockets_socket *socket = watch_owner(i);

        if (socket && socket->state == DRAINING)
            destroy(socket);
    }
}

void sockets_set_nodelay(sockets_socket *stream, bool nodelay) {
    const int value = nodelay;

    setsockopt(stream->fd, IPPROTO_TCP, TCP_NODELAY, &value, sizeof value);
}

size_t sockets_readable(const sockets_socket *stream) {
    return length(&stream->in);
}

void sockets_read(sockets_socket *stream, void *bytes, size_t count) {
    bool was_full = length(&stream->in) == SOCKETS_STEP;

    memcpy(bytes, stream->in.bytes + stream->in.from, count);
    consume(&stream->in, count);
    if (stream->busy)
        return;
    if (stream->state == ENDING && length(&stream->in) == 0)
        watch_poke(stream->place);
    else if (stream->state == OPEN && was_full)
        rearm(stream, 0);
}

size_t sockets_room(const sockets_socket *stream) {
    return stream->state == OPEN ? stream->room : 0;
}

sockets_error sockets_write(sockets_socket *stream, const void *bytes, size_t count) {
    ssize_t sent = 0;

    if (stream->state == CONNECTING)
        return SOCKETS_NOT_READY;
    if (stream->state != OPEN)
        return SOCKETS_CLOSED;
    if (count > stream->room)
        return SOCKETS_WOULD_BLOCK;
    if (count == 0)
        return SOCKETS_OK;
    stream->room -= count;
    if (length(&stream->out) == 0)
        sent = send(stream->fd, bytes, count, MSG_NOSIGNAL);
    if (sent < 0)
        sent = again() ? 0 : -1;
    if (sent >= 0 && (size_t)sent < count) {
        size_t rest = count - (size_t)sent;

        /* All that may still be written finds room after it. */
        if (provide(&stream->out, rest + stream->room)) {
            memcpy(stream->out.bytes + stream->out.to, (const uint8_t *)bytes + sent, rest);
            stream->out.to += rest;
        } else
            sent = -1;
    }
    if (sent < 0)
        end(stream, true);
    if (!stream->busy && stream->state == OPEN)
        rearm(stream, 0);
    else if (!stream->busy)
        watch_poke(stream->place);
    return sent < 0 ? SOCKETS_CLOSED : SOCKETS_OK;
}

sockets_error sockets_send(sockets_socket *datagrams, const void *bytes, size_t count, sockets_place to) {
    const struct sockaddr_in name = name_of(to);
    ssize_t sent = sendto(datagrams->fd, bytes, count, MSG_NOSIGNAL, (const struct sockaddr *)&name, sizeof name);

    return sent >= 0 ? SOCKETS_OK : error_of(errno);
}

int sockets_receive(sockets_socket *datagrams, void *bytes, sockets_place *from) {
    struct sockaddr_in name = {0};
    ssize_t got = -1;

    if (!bytes) {
        watch_arm(datagrams->place, 0, RETRY_MS);
        return -1;
    }
    while (datagrams->room > 0) {
        socklen_t size = sizeof name;
        datagrams->room--;
        got = recvfrom(datagrams->fd, bytes, SOCKETS_DATAGRAM_MAX + 1, 0, (struct sockaddr *)&name, &size);
        if (got <= SOCKETS_DATAGRAM_MAX)
            break;
        got = -1;
    }
    watch_arm(datagrams->place, WATCH_READ, 0);
    if (got < 0)
        return -1;
    *from = place_of(&name);
    return (int)got;
}

bool sockets_remote(const sockets_socket *stream, sockets_place *place) {
    struct sockaddr_in name;
    socklen_t size = sizeof name;

    if (getpeername(stream->fd, (struct sockaddr *)&name, &size) != 0)
        return false;
    *place = place_of(&name);
    return true;
}

bool sockets_local(const sockets_socket *socket, sockets_place *place) {
    struct sockaddr_in name;
    socklen_t size = sizeof name;

    if (getsockname(socket->fd, (struct sockaddr *)&name, &size) != 0)
        return false;
    *place = place_of(&name);
    return true;
}
