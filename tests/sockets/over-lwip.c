/* The cases that need a peer without a stack of its own: segments as a stranger may send them, at any moment. */
#include <stdlib.h>
#include <string.h>

#include "net.h"
#include "peers.h"
#include "rig.h"

#define TELL_ALL (-1)

static void bytes_then_end_then_reset(void) {
    for (int turns = 0; turns < 4; turns++) {
        rig_end end = {0};
        net_peer peer;

        CHECK(connect_to(&end, &peer));
        net_send(&peer, ACK | PSH, "hello", 5, 0);
        if (turns & 1)
            WAIT(end.readable);
        net_send(&peer, FIN | ACK, NULL, 0, 0);
        if (turns & 2)
            rig_idle(5);
        net_send(&peer, RST | ACK, NULL, 0, 0);
        WAIT(end.readable);
        rig_idle(5);
        CHECK(!end.ended && sockets_readable(end.socket) == 5);
        rig_read(&end, 2);
        rig_idle(5);
        CHECK(!end.ended);
        CHECK(sockets_write(end.socket, "x", 1) == SOCKETS_CLOSED || turns < 4);
        rig_read(&end, 9);
        WAIT(end.ended);
        CHECK(end.count == 5 && memcmp(end.received, "hello", 5) == 0);
        CHECK(sockets_write(end.socket, "x", 1) == SOCKETS_CLOSED);
        rig_done(&end);
    }
}

static void reset_before_accepted(void) {
    rig_end listener, ends[8] = {{0}};
    int given = 0;

    listen_at_access_point(&listener);
    for (int i = 0; i < 8; i++) {
        net_peer peer = peer_at(AP, PHONE);
        dial(&peer);
        net_send(&peer, ACK | PSH, "GET", 3, 0);
        net_send(&peer, RST | ACK, NULL, 0, 0);
        rig_idle(2);
    }
    for (int i = 0; i < 8; i++) {
        take(&listener, &ends[i]);
        given += ends[i].socket != NULL;
        if (!ends[i].socket)
            continue;
        WAIT(ends[i].readable || ends[i].ended);
        if (!ends[i].ended)
            rig_read(&ends[i], 9);
        WAIT(ends[i].ended);
    }
    CHECK(given > 0);
    for (int i = 0; i < 8; i++)
        rig_done(&ends[i]);
    rig_done(&listener);
}

enum { STEPS = 6, FAULTS = 11, CLOSES = 4 };

/* One step of an exchange: opening, bytes to the device, bytes of it, their acknowledgement, more bytes, the end. */
static void step(int which, rig_end *end, net_peer *peer) {
    switch (which) {
        case 0:
            net_send(peer, SYN | ACK, NULL, 0, 0);
            break;
        case 1:
            net_send(peer, ACK | PSH, "first", 5, 0);
            break;
        case 2:
            if (end->socket)
                sockets_write(end->socket, "answer", 6);
            break;
        case 3:
            net_acknowledge(peer, 1);
            break;
        case 4:
            net_send(peer, ACK, "second", 6, 0);
            break;
        default:
            net_send(peer, ACK | FIN, NULL, 0, 0);
    }
}

static void fault(int which, net_peer *peer) {
    static const uint8_t zeros[1400];

    switch (which) {
        case 0:
            net_send(peer, RST | ACK, NULL, 0, 0);
            break;
        case 1:
            net_send(peer, FIN | ACK, NULL, 0, 0);
            break;
        case 2:
            net_send(peer, FIN | ACK, NULL, 0, 0);
            net_send(peer, RST | ACK, NULL, 0, 0);
            break;
        case 3: /* duplicate */
            net_send(peer, ACK, "first", 5, -5);
            break;
        case 4: /* out of the window */
            net_send(peer, ACK, zeros, sizeof zeros, 100000);
            net_send(peer, RST, NULL, 0, 100000);
            break;
        case 5: /* out of order, then the hole filled */
            net_send(peer, ACK, "late", 4, 3);
            net_send(peer, ACK, "now", 3, 0);
            peer->seq += 4;
            break;
        case 6: /* zero window */
            peer->window = 0;
            net_send(peer, ACK, NULL, 0, 0);
            peer->window = 8192;
            break;
        case 7:
            net_send(peer, SYN, NULL, 0, -1);
            break;
        case 8: /* acknowledges what was never sent */
            peer->ack += 5000;
            net_send(peer, ACK, NULL, 0, 0);
            peer->ack -= 5000;
            break;
        case 9:
            net_send(peer, FIN | SYN | RST | PSH, zeros, 100, 0);
            break;
        default: /* an end ahead of a hole */
            net_send(peer, FIN | ACK, "gap", 3, 7);
    }
}

static void every_point(bool client) {
    rig_end listener = {0};

    if (!client)
        listen_at_access_point(&listener);
    for (int at = 0; at <= STEPS; at++)
        for (int which = 0; which < FAULTS; which++)
            for (int closes = 0; closes < CLOSES; closes++) {
                rig_end end = {.reads = closes == 3 ? 1 : TELL_ALL, .closes = closes < 3 ? 1u << closes : 0};
                net_peer peer;
                bool reset = which == 0 || which == 2;

                if (client)
                    CHECK(open_towards(&end, &peer));
                else {
                    peer = peer_at(AP, PHONE);
                    dial(&peer);
                    if (which % 2 == 0)
                        take(&listener, &end);
                }
                for (int i = client ? 0 : 1; i < STEPS; i++) {
                    if (i == at)
                        fault(which, &peer);
                    step(i, &end, &peer);
                    rig_turn(1);
                }
                if (at == STEPS)
                    fault(which, &peer);
                if (!client && which % 2)
                    take(&listener, &end);
                rig_idle(3);
                CHECK(end.ended <= 1);
                while (end.socket && sockets_readable(end.socket) > 0)
                    rig_read(&end, 1);
                /* Bytes may have come since; one that closes may do so now. */
                if (reset)
                    WAIT(!end.socket || end.ended || (rig_read(&end, 1), false));
                rig_done(&end);
                forget(&peer);
            }
    rig_done(&listener);
}

static void every_point_client(void) {
    every_point(true);
}

static void every_point_server(void) {
    every_point(false);
}

/* One life of a client; gives up where the device says that it has no memory. */
static void life_of_client(rig_end *end) {
    static const uint8_t many[SOCKETS_ROOM];
    net_peer peer;

    if (!connect_to(end, &peer)) {
        net_forget();
        return;
    }
    net_send(&peer, ACK | PSH, "hello", 5, 0);
    rig_idle(2);
    /* More than the peer's window. */
    while (!end->ended && sockets_room(end->socket) > 0 && end->writable < 20)
        if (sockets_write(end->socket, many, sockets_room(end->socket)) == SOCKETS_OK)
            rig_turn(1);
    rig_close(end);
    forget(&peer);
}

static void memory_for_client(void) {
    for (int n = 1;; n++) {
        rig_end end = {.reads = TELL_ALL};
        int made;

        rig_fail_allocation(n);
        life_of_client(&end);
        made = rig_allocations();
        rig_fail_allocation(0);
        rig_done(&end);
        if (made < n && n > 3)
            return;
    }
}

/* Bytes wait in the stack until there is memory to receive into. */
static void memory_comes_back(void) {
    rig_end end = {.reads = TELL_ALL};
    uint32_t since = rig_ms();
    net_peer peer;

    CHECK(connect_to(&end, &peer));
    rig_fail_allocation(-1);
    net_send(&peer, ACK | PSH, "hello", 5, 0);
    WAIT(rig_allocations() > 3);
    /* Tried now and then, not as fast as it can. */
    CHECK(end.count == 0 && !end.ended && rig_ms() - since >= 40);
    rig_fail_allocation(0);
    WAIT(end.count == 5);
    rig_fail_allocation(-1);
    net_send(&peer, FIN | ACK, NULL, 0, 0);
    rig_idle(50);
    rig_fail_allocation(0);
    WAIT(end.ended);
    rig_done(&end);
    forget(&peer);
}

static void memory_for_server(void) {
    rig_end listener;

    listen_at_access_point(&listener);
    for (int n = 1; n < 6; n++) {
        rig_end end = {.reads = TELL_ALL};
        net_peer peer = peer_at(AP, PHONE);

        rig_fail_allocation(n);
        dial(&peer);
        take(&listener, &end);
        net_send(&peer, ACK | PSH, "hello", 5, 0);
        if (end.socket)
            WAIT(end.count == 5);
        CHECK(end.socket || n == 1);
        rig_fail_allocation(0);
        rig_done(&end);
        forget(&peer);
    }
    rig_done(&listener);
    rig_fail_allocation(1);
    CHECK(sockets_listen(&listener.socket, (sockets_place){0, PORT}, NULL) == SOCKETS_NO_MEMORY && !listener.socket);
    CHECK(sockets_open_datagrams(&listener.socket, (sockets_place){0, 53}, NULL) == SOCKETS_OK);
    rig_fail_allocation(0);
    rig_done(&listener);
}

static void zero_window(void) {
    static const uint8_t many[SOCKETS_ROOM];
    rig_end end = {0};
    net_packet packet;
    net_peer peer;
    size_t written = 0;
    uint32_t first;

    CHECK(connect_to(&end, &peer));
    first = peer.ack;
    peer.window = 0;
    net_send(&peer, ACK, NULL, 0, 0);
    rig_idle(5);
    for (uint32_t since = rig_ms(); rig_ms() - since < 200; rig_turn(1)) {
        size_t room = sockets_room(end.socket);
        if (room > 0)
            CHECK(sockets_write(end.socket, many, room) == SOCKETS_OK);
        written += room;
    }
    CHECK(sockets_room(end.socket) == 0 && written >= SOCKETS_ROOM);
    CHECK(sockets_write(end.socket, many, 1) == SOCKETS_WOULD_BLOCK);
    rig_close(&end);
    /* All of it comes, though the device has closed. */
    peer.window = 65535;
    net_send(&peer, ACK, NULL, 0, 0);
    while (peer.ack - first < written && net_await(&peer, 0, &packet, 8000))
        net_send(&peer, ACK, NULL, 0, 0);
    CHECK(peer.ack - first == written || (packet.flags & FIN && peer.ack - first == written + 1));
    rig_done(&end);
    forget(&peer);
}

static void answered_on(int interface, uint32_t source, uint32_t destination, bool *accepts, bool *answers,
                        rig_end *datagrams) {
    net_peer peer = peer_at(interface, PHONE);
    uint8_t bytes[SOCKETS_DATAGRAM_MAX + 1];
    net_packet packet;
    sockets_place from;

    peer.address = source;
    peer.device = destination;
    net_forget();
    net_send(&peer, SYN, NULL, 0, 0);
    net_send_datagram(interface, source, 5000, destination, 53, "query", 5);
    rig_idle(60);
    for (int got; (got = sockets_receive(datagrams->socket, bytes, &from)) >= 0;)
        sockets_send(datagrams->socket, "reply", 5, from);
    *accepts = *answers = false;
    for (int i = 0; i < INTERFACES; i++)
        while (net_take(i, &packet, 25)) {
            *accepts = *accepts || (packet.protocol == 6 && (packet.flags & (SYN | ACK)) == (SYN | ACK));
            *answers = *answers || (packet.protocol == 17 && packet.source_port == 53);
        }
    forget(&peer);
}

static void one_interface_alone(void) {
    const uint32_t sources[] = {net_address(PHONE), net_address(ROUTER), net_address("8.8.8.8"), NET_ADDRESSES[AP]};
    rig_end listener, datagrams = {0};
    bool accepts, answers, accepted = false, answered = false;

    net_guard(false);
    listen_at_access_point(&listener);
    CHECK(sockets_open_datagrams(&datagrams.socket, (sockets_place){NET_ADDRESSES[AP], 53}, "ap") == SOCKETS_OK);
    rig_own(&datagrams);
    /* The stack's thread may be slow under valgrind. */
    for (int tries = 0; tries < 20 && !(accepted && answered); tries++) {
        answered_on(AP, sources[0], NET_ADDRESSES[AP], &accepts, &answers, &datagrams);
        accepted = accepted || accepts;
        answered = answered || answers;
    }
    CHECK(accepted && answered);
    rig_idle(200);
    datagrams.readable = 0;
    for (int i = 0; i < 4; i++)
        for (int to = 0; to < INTERFACES; to++) {
            answered_on(STATION, sources[i], NET_ADDRESSES[to], &accepts, &answers, &datagrams);
            CHECK(!accepts && !answers);
        }
    /* Nor is the station's address served on the access point. */
    answered_on(AP, sources[0], NET_ADDRESSES[STATION], &accepts, &answers, &datagrams);
    CHECK(!accepts && !answers && datagrams.readable == 0);
    rig_done(&datagrams);
    rig_done(&listener);
    net_guard(true);
}

/* Nor is the access point's while it is down: ESP-IDF then names another one. */
static void no_such_interface(void) {
    rig_end end = {0};

    CHECK(sockets_listen(&end.socket, (sockets_place){0, PORT}, "xx7") == SOCKETS_NO_PLACE && !end.socket);
    CHECK(sockets_open_datagrams(&end.socket, (sockets_place){0, 53}, "an interface's name") == SOCKETS_NO_PLACE);
    net_set_up(AP, false);
    CHECK(sockets_listen(&end.socket, (sockets_place){NET_ADDRESSES[AP], PORT}, "ap") == SOCKETS_NO_PLACE && !end.socket);
    net_set_up(AP, true);
    listen_at_access_point(&end);
    rig_done(&end);
}

static void level_memory(void) {
    size_t before = 0;

    for (unsigned i = 0; i < 1000 * rig_volume; i++) {
        rig_end end = {.reads = TELL_ALL};
        net_peer peer;

        CHECK(connect_to(&end, &peer));
        net_send(&peer, ACK | PSH, "hello", 5, 0);
        WAIT(end.count == 5);
        CHECK(sockets_write(end.socket, "bye", 3) == SOCKETS_OK);
        if (i % 2)
            rig_close(&end);
        forget(&peer);
        if (i % 2 == 0)
            WAIT(end.ended);
        rig_done(&end);
        if (i == 500 * rig_volume)
            before = rig_memory();
    }
    CHECK(rig_memory() < before + 4096);
}

static void fuzz_segment(net_peer *peer, uint32_t base) {
    static uint8_t bytes[1400];
    static const uint8_t flags[] = {ACK, ACK, ACK, ACK | PSH, FIN | ACK, RST, RST | ACK, SYN, SYN | ACK, 0, 0x3f, 0x2a};
    int32_t shift = (int32_t)rig_random(4) ? 0 : (int32_t)rig_random(4000) - 2000;
    uint32_t ack = peer->ack;

    peer->window = rig_random(5) ? (uint16_t)rig_random(65536) : 0;
    if (rig_random(6) == 0)
        peer->ack += rig_random(2) ? rig_random(3000) : rig_random(0x7fffffff);
    if (rig_random(30) == 0)
        shift = (int32_t)(rig_random(0x7fffffff) * 2);
    peer->seq = base;
    net_send(peer, flags[rig_random(sizeof flags)], bytes, rig_random(3) ? rig_random(100) : rig_random(1400), shift);
    peer->ack = ack;
}

static void fuzz(bool client) {
    rig_end listener = {0};
    unsigned sent = 0, lives = 0;

    if (!client)
        listen_at_access_point(&listener);
    while (sent < 1000 * rig_volume) {
        rig_end end = {.reads = TELL_ALL};
        net_packet packet;
        net_peer peer;
        uint32_t awaited;

        lives++;
        if (client)
            CHECK(connect_to(&end, &peer));
        else {
            /* What opened by chance waits, and would keep others out. */
            for (; listener.readable; rig_idle(1)) {
                take(&listener, &end);
                rig_done(&end);
                end.reads = TELL_ALL;
            }
            peer = peer_at(AP, PHONE);
            dial(&peer);
            take(&listener, &end);
        }
        awaited = peer.seq;
        for (int i = 0; i < 200 && end.socket && !end.ended; i++, sent++) {
            fuzz_segment(&peer, peer.seq);
            if (rig_random(8) == 0 && sockets_room(end.socket) > 100)
                sockets_write(end.socket, &packet, rig_random(100));
            if (rig_random(4) == 0)
                rig_turn(0);
            while (net_await(&peer, 0, &packet, 0))
                if (packet.flags & ACK) {
                    peer.seq = packet.ack;
                    awaited = packet.flags & RST ? awaited : packet.ack;
                }
            if (rig_random(100) == 0)
                rig_close(&end);
        }
        rig_done(&end);
        rig_idle(1);
        while (net_await(&peer, 0, &packet, 0))
            awaited = (packet.flags & (ACK | RST)) == ACK ? packet.ack : awaited;
        /* Where the device awaits it: what is half open would wait for twenty seconds. */
        peer.seq = awaited;
        forget(&peer);
    }
    CHECK(lives > 4);
    rig_done(&listener);
}

static void fuzz_client(void) {
    fuzz(true);
}

static void fuzz_server(void) {
    fuzz(false);
}

static void garbage(void) {
    rig_end listener, datagrams = {0};
    uint8_t packet[1500];

    listen_at_access_point(&listener);
    CHECK(sockets_open_datagrams(&datagrams.socket, (sockets_place){NET_ADDRESSES[AP], 53}, "ap") == SOCKETS_OK);
    rig_own(&datagrams);
    for (unsigned i = 0; i < 1000 * rig_volume; i++) {
        size_t count = 20 + rig_random(sizeof packet - 20);
        for (size_t at = 0; at < count; at++)
            packet[at] = (uint8_t)rig_random(256);
        packet[0] = 0x45;
        packet[9] = rig_random(2) ? 6 : 17;
        memcpy(packet + 16, &NET_ADDRESSES[AP], 4);
        net_inject((int)rig_random(2), packet, count);
        if (i % 16 == 0)
            rig_turn(0);
    }
    net_forget();
    rig_done(&listener);
    rig_done(&datagrams);
}

static const rig_case CASES[] = {
    {"bytes, FIN and RST before anything is read: the bytes are read, then it ends", bytes_then_end_then_reset},
    {"a connection that is reset while it waits to be accepted ends, or is not given", reset_before_accepted},
    {"a client meets every fault at every point of an exchange, and closes in every callback", every_point_client},
    {"a server meets every fault at every point of an exchange, and closes in every callback", every_point_server},
    {"a client without memory at any allocation says so or goes on", memory_for_client},
    {"a server without memory at any allocation says so or goes on", memory_for_server},
    {"without memory to receive into, bytes and the end wait in the stack", memory_comes_back},
    {"to a peer with a closed window as much is written as was announced, and sent after close", zero_window},
    {"what is bound to one interface answers on no other, to either address, from any source", one_interface_alone},
    {"an interface that is not there, or not up, is an error", no_such_interface},
    {"connections come and go with level memory", level_memory},
    {"a client takes no harm from fuzzed segments", fuzz_client},
    {"a server takes no harm from fuzzed segments", fuzz_server},
    {"a listener and a datagram socket take no harm from packets of noise", garbage},
};

int main(int argc, char **argv) {
    if (argc < 2 || argv[1][0] != '-')
        net_start();
    return rig_main(CASES, sizeof CASES / sizeof *CASES, argc, argv);
}
