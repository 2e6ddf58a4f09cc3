/*
 * Streams of sockets.h: TCP that was connected or accepted. `ready` of the watcher leads to what the owner is told, in this
 * order: written bytes leave, bytes are received, what may be written, what may be read, the end.
 */
#include "record.h"

/* Nothing more will come. */
static void end(sockets_socket *stream, bool broken) {
    stream->state = ENDING;
    stream->broken = stream->broken || broken;
    if (broken)
        queue_drop(&stream->out);
}

/* Sends what waits; true: the stack took something, or had nothing to take. */
static bool flush(sockets_socket *stream) {
    size_t waiting = queue_length(&stream->out);
    ssize_t sent;

    if (waiting == 0)
        return true;
    sent = send(stream->fd, stream->out.bytes + stream->out.from, waiting, MSG_NOSIGNAL);
    if (sent > 0)
        queue_consume(&stream->out, (size_t)sent);
    else if (sent < 0 && !record_again())
        end(stream, true);
    return sent > 0;
}

/* Receives once; gives how many bytes came, negative: no memory at the moment. */
static ssize_t fill(sockets_socket *stream) {
    ssize_t got;

    if (!queue_provide(&stream->in, SOCKETS_STEP))
        return -1;
    got = recv(stream->fd, stream->in.bytes + stream->in.to, stream->in.size - stream->in.to, 0);
    if (got > 0)
        stream->in.to += (size_t)got;
    else if (queue_length(&stream->in) == 0)
        queue_drop(&stream->in);
    if (got == 0 || (got < 0 && !record_again()))
        end(stream, got < 0);
    return got > 0 ? got : 0;
}

/* What is to be told next time. `pause`: reading, writing, or both of them in a moment only. */
static void rearm(sockets_socket *stream, unsigned pause) {
    unsigned events = 0;

    if (stream->state == OPEN && queue_length(&stream->in) < SOCKETS_STEP)
        events |= WATCH_READ;
    if (!stream->broken && (queue_length(&stream->out) > 0 || (stream->state == OPEN && stream->room < SOCKETS_ROOM)))
        events |= WATCH_WRITE;
    watch_arm(stream->place, events & ~pause, events & pause ? RETRY_MS : 0);
}

void streams_drain(sockets_socket *stream, unsigned ready) {
    int32_t left = (int32_t)(stream->drain_until - port_ms());

    if (ready & WATCH_WRITE)
        flush(stream);
    if (stream->broken || left <= 0 || queue_length(&stream->out) == 0)
        record_destroy(stream);
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

void streams_ready(sockets_socket *stream, unsigned ready) {
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
        if (stream->state == OPEN && ready & (WATCH_READ | WATCH_LATE) && queue_length(&stream->in) < SOCKETS_STEP)
            got = fill(stream);
        if (got < 0)
            pause |= WATCH_READ;
    } else if (stream->state == ENDING && (ready & WATCH_WRITE)) {
        flush(stream);
    }
    if (stream->state == OPEN && (anew || ready & WATCH_WRITE) && queue_length(&stream->out) == 0) {
        stream->room = SOCKETS_ROOM;
        record_tell(stream, SOCKETS_WRITABLE, stream->room);
    }
    if (record_alive(stream) && (got > 0 || anew) && queue_length(&stream->in) > 0)
        record_tell(stream, SOCKETS_READABLE, queue_length(&stream->in));
    if (stream->state == ENDING && queue_length(&stream->in) == 0) {
        stream->state = ENDED;
        if (stream->owner)
            sockets_tell(stream->owner, SOCKETS_ENDED, 0);
    } else if (record_alive(stream))
        rearm(stream, pause);
}

/* A refusal at once is the network's, and told like one that comes later. */
sockets_error sockets_connect(sockets_socket **made, sockets_place to) {
    const struct sockaddr_in name = record_name(to);
    sockets_error error = record_adopt(made, socket(AF_INET, SOCK_STREAM, 0), CONNECTING);

    if (error != SOCKETS_OK)
        return error;
    if (connect((*made)->fd, (const struct sockaddr *)&name, sizeof name) != 0 && errno != EINPROGRESS) {
        if (errno == ENOMEM || errno == ENOBUFS)
            return record_keep(made, SOCKETS_NO_MEMORY, 0);
        (*made)->state = ENDING;
        (*made)->broken = true;
        watch_poke((*made)->place);
        return SOCKETS_OK;
    }
    watch_arm((*made)->place, WATCH_WRITE, 0);
    return SOCKETS_OK;
}

void sockets_set_nodelay(sockets_socket *stream, bool nodelay) {
    const int value = nodelay;

    setsockopt(stream->fd, IPPROTO_TCP, TCP_NODELAY, &value, sizeof value);
}

size_t sockets_readable(const sockets_socket *stream) {
    return queue_length(&stream->in);
}

void sockets_read(sockets_socket *stream, void *bytes, size_t count) {
    bool was_full = queue_length(&stream->in) == SOCKETS_STEP;

    memcpy(bytes, stream->in.bytes + stream->in.from, count);
    queue_consume(&stream->in, count);
    if (stream->busy)
        return;
    if (stream->state == ENDING && queue_length(&stream->in) == 0)
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
    if (queue_length(&stream->out) == 0)
        sent = send(stream->fd, bytes, count, MSG_NOSIGNAL);
    if (sent < 0)
        sent = record_again() ? 0 : -1;
    if (sent >= 0 && (size_t)sent < count) {
        size_t rest = count - (size_t)sent;

        /* All that may still be written finds room after it. */
        if (queue_provide(&stream->out, rest + stream->room)) {
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
