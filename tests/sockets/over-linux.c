/* The cases that Linux's own TCP plays against itself on loopback: the very C of the simulator. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rig.h"

static uint32_t here(void) {
    return htonl(INADDR_LOOPBACK);
}

/* A peer's plain socket: listening. */
static int peer_listen(uint16_t *port) {
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = here()};
    socklen_t size = sizeof name;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    CHECK(bind(fd, (struct sockaddr *)&name, size) == 0 && listen(fd, 100) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&name, &size) == 0);
    *port = ntohs(name.sin_port);
    return fd;
}

static int peer_dial(uint16_t port) {
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = here()};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    CHECK(connect(fd, (struct sockaddr *)&name, sizeof name) == 0 || errno == EINPROGRESS);
    return fd;
}

static void peer_reset(int fd) {
    const struct linger none = {.l_onoff = 1, .l_linger = 0};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(fd);
}

/* A connected client, and its peer's descriptor. */
static int pair(rig_end *end) {
    uint16_t port;
    int listening = peer_listen(&port), fd;

    CHECK(sockets_connect(&end->socket, (sockets_place){here(), port}) == SOCKETS_OK);
    rig_own(end);
    fd = accept(listening, NULL, NULL);
    close(listening);
    CHECK(fd >= 0);
    WAIT(end->writable);
    return fd;
}

static uint16_t listen_here(rig_end *listener) {
    sockets_place at;

    *listener = (rig_end){0};
    CHECK(sockets_listen(&listener->socket, (sockets_place){here(), 0}, NULL) == SOCKETS_OK);
    rig_own(listener);
    CHECK(sockets_local(listener->socket, &at));
    return at.port;
}

static void take(rig_end *listener, rig_end *end) {
    WAIT(listener->readable);
    listener->readable--;
    end->socket = sockets_accept(listener->socket);
    if (end->socket)
        rig_own(end);
}

static void bytes_then_end_then_reset(void) {
    rig_end end = {0};
    int fd = pair(&end);

    CHECK(write(fd, "hello", 5) == 5);
    CHECK(sockets_write(end.socket, "unread", 6) == SOCKETS_OK);
    shutdown(fd, SHUT_WR);
    rig_idle(5);
    peer_reset(fd);
    rig_idle(20);
    CHECK(!end.ended && sockets_readable(end.socket) == 5);
    rig_read(&end, 9);
    WAIT(end.ended);
    CHECK(sockets_write(end.socket, "x", 1) == SOCKETS_CLOSED);
    rig_done(&end);
}

static void refused(void) {
    rig_end end = {0};
    uint16_t port;

    close(peer_listen(&port));
    CHECK(sockets_connect(&end.socket, (sockets_place){here(), port}) == SOCKETS_OK);
    CHECK(sockets_write(end.socket, "x", 1) == SOCKETS_NOT_READY || sockets_write(end.socket, "x", 1) == SOCKETS_CLOSED);
    rig_own(&end);
    WAIT(end.ended);
    CHECK(end.writable == 0 && end.readable == 0);
    rig_done(&end);
    CHECK(sockets_connect(&end.socket, (sockets_place){htonl(0xffffffff), 9}) == SOCKETS_OK);
    rig_own(&end);
    WAIT(end.ended);
    rig_done(&end);
}

static void reset_before_accepted(void) {
    rig_end listener, ends[4] = {{0}};
    uint16_t port = listen_here(&listener);

    for (int i = 0; i < 4; i++) {
        int fd = peer_dial(port);
        CHECK(write(fd, "GET", 3) == 3);
        peer_reset(fd);
    }
    for (int i = 0; i < 4; i++) {
        take(&listener, &ends[i]);
        ends[i].reads = -1;
        if (ends[i].socket)
            WAIT(ends[i].ended);
        rig_done(&ends[i]);
    }
    rig_done(&listener);
}

static void four_wait(void) {
    enum { DIALS = 64 };
    rig_end listener, ends[DIALS] = {{0}};
    uint16_t port = listen_here(&listener);
    int fds[DIALS], waiting = 0;

    for (int i = 0; i < DIALS; i++)
        fds[i] = peer_dial(port);
    rig_idle(100);
    while (listener.readable) {
        take(&listener, &ends[waiting]);
        waiting += ends[waiting].socket != NULL;
        for (uint32_t since = rig_ms(); !listener.readable && rig_ms() - since < 20;)
            rig_turn(1);
    }
    CHECK(waiting == 4);
    CHECK(!sockets_accept(listener.socket));
    for (int i = 0; i < DIALS; i++) {
        close(fds[i]);
        rig_done(&ends[i]);
    }
    rig_done(&listener);
}

static uint8_t pattern(size_t at) {
    return (uint8_t)(at * 31 + (at >> 8));
}

/* Both ways at once, through a peer that is slow now and then. */
static void every_byte(void) {
    const size_t all = 4000000;
    rig_end end = {.reads = 7000};
    int fd = pair(&end);
    size_t sent = 0, peer_sent = 0, peer_got = 0;
    static uint8_t bytes[100000];

    fcntl(fd, F_SETFL, O_NONBLOCK);
    for (uint32_t since = rig_ms(); (sent < all || peer_got < all || end.count < all) && rig_ms() - since < 20000;) {
        size_t room = sockets_room(end.socket), part = room < all - sent ? room : all - sent;
        ssize_t moved;

        for (size_t i = 0; i < part; i++)
            bytes[i] = pattern(sent + i);
        CHECK(sockets_write(end.socket, bytes, part) == SOCKETS_OK);
        sent += part;
        if (rig_random(10) == 0)
            rig_turn(1);
        rig_turn(0);
        part = rig_random(sizeof bytes) < all - peer_sent ? rig_random(sizeof bytes) : all - peer_sent;
        part = part < all - peer_sent ? part : all - peer_sent;
        for (size_t i = 0; i < part; i++)
            bytes[i] = pattern(peer_sent + i);
        moved = part ? write(fd, bytes, part) : 0;
        peer_sent += moved > 0 ? (size_t)moved : 0;
        moved = rig_random(3) ? read(fd, bytes, rig_random(sizeof bytes) + 1) : 0;
        for (ssize_t i = 0; i < moved; i++)
            CHECK(bytes[i] == pattern(peer_got + (size_t)i));
        peer_got += moved > 0 ? (size_t)moved : 0;
        if (sockets_readable(end.socket) > 0)
            rig_read(&end, SIZE_MAX);
    }
    CHECK(peer_got == all && end.count == all);
    for (size_t i = 0; i < all; i++)
        CHECK(end.received[i] == pattern(i));
    close(fd);
    WAIT(end.ended);
    rig_done(&end);
}

/* Everything written leaves, though the socket is closed at once. */
static void written_then_closed(void) {
    static uint8_t bytes[100000];
    rig_end end = {0};
    int fd = pair(&end);
    size_t written = 0, got = 0;

    for (uint32_t since = rig_ms(); rig_ms() - since < 100; rig_turn(1)) {
        size_t room = sockets_room(end.socket);
        CHECK(sockets_write(end.socket, bytes, room) == SOCKETS_OK);
        written += room;
    }
    CHECK(sockets_room(end.socket) == 0);
    rig_close(&end);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    for (ssize_t part = -1; part != 0; rig_turn(0)) {
        part = read(fd, bytes, sizeof bytes);
        CHECK(part >= 0 || errno == EAGAIN);
        got += part > 0 ? (size_t)part : 0;
    }
    CHECK(got == written);
    close(fd);
}

static void drains_end(void) {
    static uint8_t bytes[SOCKETS_ROOM];
    rig_end end = {0};
    int fd = pair(&end);

    for (uint32_t since = rig_ms(); rig_ms() - since < 100; rig_turn(1))
        sockets_write(end.socket, bytes, sockets_room(end.socket));
    rig_close(&end);
    rig_idle(20);
    sockets_end_drains();
    close(fd);
}

static rig_end taker;

static void give_away(rig_end *end, sockets_event event) {
    if (event != SOCKETS_READABLE || taker.socket)
        return;
    taker.socket = end->socket;
    end->socket = NULL;
    rig_own(&taker);
}

static void given_to_another(void) {
    rig_end end = {.also = give_away};
    int fd = pair(&end);

    taker = (rig_end){.reads = -1};
    CHECK(write(fd, "hello", 5) == 5);
    WAIT(taker.count == 5 && taker.writable);
    close(fd);
    WAIT(taker.ended);
    CHECK(!end.ended);
    /* An end that was told is told again to who comes later. */
    end = (rig_end){.socket = taker.socket};
    taker.socket = NULL;
    rig_own(&end);
    WAIT(end.ended);
    rig_done(&end);
    rig_done(&taker);
}

static rig_end *other;

static void close_other(rig_end *end, sockets_event event) {
    (void)end;
    (void)event;
    rig_close(other);
}

static void closed_by_another(void) {
    for (int i = 0; i < 20; i++) {
        rig_end ends[2] = {{0}, {0}};
        int fds[2] = {pair(&ends[0]), pair(&ends[1])};

        ends[0].also = ends[1].also = close_other;
        other = &ends[i % 2];
        CHECK(write(fds[0], "a", 1) == 1 && write(fds[1], "a", 1) == 1);
        WAIT(!other->socket);
        rig_idle(2);
        for (int k = 0; k < 2; k++) {
            close(fds[k]);
            rig_done(&ends[k]);
        }
    }
}

static void posts_refused(void) {
    rig_end end = {.reads = -1};
    int fd = pair(&end);

    rig_refuse_posts(true);
    CHECK(write(fd, "hello", 5) == 5);
    rig_idle(60);
    CHECK(end.count == 0);
    rig_refuse_posts(false);
    WAIT(end.count == 5);
    close(fd);
    rig_done(&end);
}

static void datagrams(void) {
    static uint8_t bytes[SOCKETS_DATAGRAM_MAX + 1];
    const int lengths[] = {0, 1, SOCKETS_DATAGRAM_MAX, SOCKETS_DATAGRAM_MAX + 1, 7};
    rig_end server = {0}, client = {0}, third = {0};
    sockets_place at, from;

    CHECK(sockets_open_datagrams(&server.socket, (sockets_place){here(), 0}, NULL) == SOCKETS_OK);
    CHECK(sockets_open_datagrams(&client.socket, (sockets_place){0, 0}, NULL) == SOCKETS_OK);
    rig_own(&server);
    CHECK(sockets_local(server.socket, &at));
    CHECK(sockets_open_datagrams(&third.socket, at, NULL) == SOCKETS_PORT_IN_USE && !third.socket);
    for (int i = 0; i < 5; i++)
        CHECK(sockets_send(client.socket, bytes, (size_t)lengths[i], at) == SOCKETS_OK);
    WAIT(server.readable);
    for (int i = 0; i < 5; i++)
        if (i != 3)
            CHECK(sockets_receive(server.socket, bytes, &from) == lengths[i] && from.address == here());
    CHECK(sockets_receive(server.socket, bytes, &from) == -1);
    /* A sender without end is heard in turns. */
    for (int i = 0; i < 100; i++)
        CHECK(sockets_send(client.socket, bytes, 1, at) == SOCKETS_OK);
    server.readable = 0;
    WAIT(server.readable);
    for (int i = 0; i < 16; i++)
        CHECK(sockets_receive(server.socket, bytes, &from) == 1);
    CHECK(sockets_receive(server.socket, bytes, &from) == -1);
    WAIT(server.readable > 1);
    server.readable = 0;
    CHECK(sockets_receive(server.socket, NULL, &from) == -1);
    WAIT(server.readable);
    CHECK(sockets_receive(server.socket, bytes, &from) == 1);
    rig_done(&server);
    rig_done(&client);
}

static void port_in_use(void) {
    rig_end listener, second = {0};
    uint16_t port = listen_here(&listener);

    CHECK(sockets_listen(&second.socket, (sockets_place){here(), port}, NULL) == SOCKETS_PORT_IN_USE && !second.socket);
    CHECK(sockets_listen(&second.socket, (sockets_place){htonl(0x01020304), port}, NULL) == SOCKETS_NO_PLACE);
    rig_done(&listener);
    CHECK(sockets_listen(&second.socket, (sockets_place){here(), port}, NULL) == SOCKETS_OK);
    rig_done(&second);
}

static void every_place_taken(void) {
    enum { MORE = 200 };
    static rig_end ends[MORE];
    int opened = 0;

    for (int i = 0; i < MORE; i++) {
        sockets_error error = sockets_open_datagrams(&ends[i].socket, (sockets_place){0, 0}, NULL);
        CHECK(error == SOCKETS_OK || (error == SOCKETS_NO_SOCKET && !ends[i].socket));
        opened += error == SOCKETS_OK;
    }
    CHECK(opened >= 16 && opened < MORE);
    for (int i = 0; i < MORE; i++)
        rig_done(&ends[i]);
}

static void memory(void) {
    static uint8_t bytes[SOCKETS_ROOM];

    for (int n = 1, made = n; made >= n || n < 5; n++) {
        rig_end listener = {0}, client = {.reads = -1}, server = {0};
        sockets_place at = {here(), 0};

        rig_fail_allocation(n);
        if (sockets_listen(&listener.socket, at, NULL) == SOCKETS_OK && sockets_local(listener.socket, &at) &&
            sockets_connect(&client.socket, at) == SOCKETS_OK) {
            rig_own(&listener);
            rig_own(&client);
            take(&listener, &server);
            for (int i = 0; i < 400 && client.socket && !client.ended; i++) {
                size_t room = sockets_room(client.socket);
                if (room > 0 && sockets_write(client.socket, bytes, room) != SOCKETS_OK)
                    WAIT(client.ended);
                if (i % 4 == 0)
                    rig_turn(0);
            }
        }
        made = rig_allocations();
        rig_done(&server);
        rig_done(&client);
        rig_done(&listener);
        rig_fail_allocation(0);
    }
}

static void level_memory(void) {
    size_t before = 0;
    uint16_t port;
    int listening = peer_listen(&port);

    for (unsigned i = 0; i < 1000 * rig_volume; i++) {
        rig_end end = {.reads = -1};
        int fd;

        CHECK(sockets_connect(&end.socket, (sockets_place){here(), port}) == SOCKETS_OK);
        rig_own(&end);
        fd = accept(listening, NULL, NULL);
        CHECK(fd >= 0 && write(fd, "hello", 5) == 5);
        WAIT(end.writable && end.count == 5);
        CHECK(sockets_write(end.socket, "bye", 3) == SOCKETS_OK);
        if (i % 2)
            rig_close(&end);
        peer_reset(fd);
        if (i % 2 == 0)
            WAIT(end.ended);
        rig_done(&end);
        if (i == 500 * rig_volume)
            before = rig_memory();
    }
    close(listening);
    CHECK(rig_memory() < before + 4096);
}

static const rig_case CASES[] = {
    {"bytes, an end and a reset before anything is read: the bytes are read, then it ends", bytes_then_end_then_reset},
    {"a connection that is refused, or has no way, ends and was never writable", refused},
    {"a connection that is reset while it waits to be accepted ends, or is not given", reset_before_accepted},
    {"of a flood of connections four wait", four_wait},
    {"every byte arrives in order, both ways at once, with a slow peer", every_byte},
    {"what was written leaves after close", written_then_closed},
    {"what is still leaving can be ended", drains_end},
    {"a stream given to another owner tells it everything", given_to_another},
    {"a socket closed in another one's callback is silent", closed_by_another},
    {"where the owner cannot be asked for a while, nothing is lost", posts_refused},
    {"datagrams keep their borders; too long ones are dropped; a flood is heard in turns", datagrams},
    {"a port in use and an address that is not ours are errors; a closed port is free", port_in_use},
    {"more sockets than there are places for are an error", every_place_taken},
    {"without memory at any allocation it says so or goes on", memory},
    {"connections come and go with level memory", level_memory},
};

int main(int argc, char **argv) {
    return rig_main(CASES, sizeof CASES / sizeof *CASES, argc, argv);
}
