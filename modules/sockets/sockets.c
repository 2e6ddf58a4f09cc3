/* sockets.h: what all sockets have, from their making to their end. */
#include "record.h"

bool record_again(void) {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ENOMEM || errno == ENOBUFS;
}

sockets_error record_error(int number) {
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

sockets_error record_adopt(sockets_socket **made, int fd, record_state state) {
    sockets_socket *socket;
    int flags;

    if (fd < 0)
        return record_error(errno);
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

void record_destroy(sockets_socket *socket) {
    socket->state = CLOSED;
    socket->owner = NULL;
    if (socket->fd >= 0) {
        watch_remove(socket->place);
        close(socket->fd);
        socket->fd = -1;
        queue_drop(&socket->in);
        queue_drop(&socket->out);
    }
    if (!socket->busy)
        free(socket);
}

sockets_error record_keep(sockets_socket **made, sockets_error error, unsigned events) {
    if (error == SOCKETS_OK)
        watch_arm((*made)->place, events, 0);
    else {
        record_destroy(*made);
        *made = NULL;
    }
    return error;
}

void record_tell(sockets_socket *socket, sockets_event event, size_t count) {
    if (socket->owner && socket->state != CLOSED && socket->state != DRAINING)
        sockets_tell(socket->owner, event, count);
}

void watch_tell(void *owner, unsigned ready) {
    sockets_socket *socket = owner;

    socket->busy = true;
    switch (socket->state) {
        case LISTENING:
        case DATAGRAMS:
            bound_ready(socket, ready);
            break;
        case DRAINING:
            streams_drain(socket, ready);
            break;
        case ENDED:
        case CLOSED:
            break;
        default:
            streams_ready(socket, ready);
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
    socket->anew = owner != NULL && (record_alive(socket) || socket->state == ENDED);
    if (socket->anew && socket->state == ENDED)
        socket->state = ENDING;
    if (socket->anew)
        watch_poke(socket->place);
}

void sockets_close(sockets_socket *socket) {
    if (!socket->broken && queue_length(&socket->out) > 0) {
        socket->state = DRAINING;
        socket->owner = NULL;
        socket->drain_until = port_ms() + SOCKETS_DRAIN_MS;
        watch_arm(socket->place, WATCH_WRITE, SOCKETS_DRAIN_MS);
    } else
        record_destroy(socket);
}

void sockets_end_drains(void) {
    for (int i = 0; i < WATCH_MOST; i++) {
        sockets_socket *socket = watch_owner(i);

        if (socket && socket->state == DRAINING)
            record_destroy(socket);
    }
}

bool sockets_remote(const sockets_socket *stream, sockets_place *place) {
    struct sockaddr_in name;
    socklen_t size = sizeof name;

    if (getpeername(stream->fd, (struct sockaddr *)&name, &size) != 0)
        return false;
    *place = record_place(&name);
    return true;
}

bool sockets_local(const sockets_socket *socket, sockets_place *place) {
    struct sockaddr_in name;
    socklen_t size = sizeof name;

    if (getsockname(socket->fd, (struct sockaddr *)&name, &size) != 0)
        return false;
    *place = record_place(&name);
    return true;
}
