/* The cases that need lwIP built from its sources: with its backlog, and with its own allocations failing. */
#include <lwip/priv/tcp_priv.h>
#include <lwip/tcpip.h>
#include <string.h>

#include "net.h"
#include "peers.h"
#include "rig.h"

static void four_wait(void) {
    enum { DIALS = 32 };
    rig_end listener, ends[DIALS] = {{0}};
    net_peer peers[DIALS];
    net_packet packet;
    int answered = 0, taken = 0;

    listen_at_access_point(&listener);
    for (int i = 0; i < DIALS; i++) {
        peers[i] = peer_at(AP, PHONE);
        net_send(&peers[i], SYN, NULL, 0, 0);
    }
    rig_idle(5);
    while (net_take(AP, &packet, 5))
        for (int i = 0; i < DIALS; i++)
            if (packet.destination_port == peers[i].port && (packet.flags & (SYN | ACK)) == (SYN | ACK) && !peers[i].ack) {
                peers[i].ack = packet.seq + 1;
                net_send(&peers[i], ACK, NULL, 0, 0);
                answered++;
            }
    CHECK(answered == 4);
    /* What was taken makes room. */
    while (listener.readable || taken == 0) {
        take(&listener, &ends[taken]);
        taken += ends[taken].socket != NULL;
        rig_idle(5);
    }
    CHECK(taken == 4);
    net_forget();
    peers[0] = peer_at(AP, PHONE);
    dial(&peers[0]);
    take(&listener, &ends[taken]);
    CHECK(ends[taken].socket);
    for (int i = 0; i < DIALS; i++)
        rig_done(&ends[i]);
    rig_done(&listener);
}

/* Both ways, as far as it gets. */
static void live(rig_end *end, net_peer *peer) {
    static const uint8_t many[3000];
    net_packet packet;

    net_send(peer, ACK | PSH, "hello", 5, 0);
    rig_idle(3);
    for (size_t at = 0; at < 2 && end->socket && !end->ended && sockets_room(end->socket) >= sizeof many / 2; at++)
        sockets_write(end->socket, many, sizeof many / 2);
    net_acknowledge(peer, 5);
    net_send(peer, ACK, "late", 4, 4);
    net_send(peer, ACK, "gap!", 4, 0);
    net_acknowledge(peer, 5);
    peer->seq += 4;
    net_send(peer, FIN | ACK, NULL, 0, 0);
    rig_idle(3);
    net_await(peer, FIN, &packet, 0);
}

static void client(int n) {
    rig_end end = {.reads = -1};
    net_peer peer = peer_at(STATION, ROUTER);
    net_packet packet;
    sockets_error error;

    rig_fail_allocation(n);
    error = sockets_connect(&end.socket, (sockets_place){peer.address, peer.port});
    CHECK(error == SOCKETS_OK || error == SOCKETS_NO_MEMORY || error == SOCKETS_NO_SOCKET);
    CHECK((error == SOCKETS_OK) == (end.socket != NULL));
    if (end.socket) {
        rig_own(&end);
        /* A SYN for which there was no memory is sent again. */
        if (net_await(&peer, SYN, &packet, 500)) {
            net_send(&peer, SYN | ACK, NULL, 0, 0);
            net_await(&peer, ACK, &packet, 100);
            live(&end, &peer);
        }
    }
    rig_done(&end);
    forget(&peer);
}

static void server(int n) {
    rig_end listener = {0}, end = {.reads = -1};
    net_peer peer = peer_at(AP, PHONE);
    net_packet packet;
    sockets_error error;

    rig_fail_allocation(n);
    error = sockets_listen(&listener.socket, (sockets_place){NET_ADDRESSES[AP], PORT}, "ap");
    CHECK(error == SOCKETS_OK || error == SOCKETS_NO_MEMORY || error == SOCKETS_NO_SOCKET);
    if (listener.socket) {
        rig_own(&listener);
        net_send(&peer, SYN, NULL, 0, 0);
        for (int tries = 0; !net_await(&peer, SYN | ACK, &packet, 20) && tries < 20; tries++)
            net_send(&peer, SYN, NULL, 0, -1);
        net_send(&peer, ACK, NULL, 0, 0);
        for (uint32_t since = rig_ms(); !listener.readable && rig_ms() - since < 100;)
            rig_turn(1);
        if (listener.readable)
            take(&listener, &end);
        if (end.socket)
            live(&end, &peer);
    }
    rig_done(&end);
    rig_done(&listener);
    forget(&peer);
}

static void datagrams(int n) {
    uint8_t bytes[SOCKETS_DATAGRAM_MAX + 1];
    rig_end end = {0};
    sockets_place from = {net_address(ROUTER), 53};
    sockets_place at;
    sockets_error error;

    rig_fail_allocation(n);
    error = sockets_open_datagrams(&end.socket, (sockets_place){0, 0}, NULL);
    CHECK(error == SOCKETS_OK || error == SOCKETS_NO_MEMORY || error == SOCKETS_NO_SOCKET);
    if (end.socket) {
        rig_own(&end);
        CHECK(sockets_local(end.socket, &at));
        error = sockets_send(end.socket, "query", 5, from);
        CHECK(error == SOCKETS_OK || error == SOCKETS_NO_MEMORY);
        net_send_datagram(STATION, from.address, 53, NET_ADDRESSES[STATION], at.port, "answer", 6);
        rig_idle(3);
        sockets_receive(end.socket, bytes, &from);
    }
    rig_done(&end);
    net_forget();
}

/* What lwIP still keeps of connections that are closed goes: it would for minutes. */
static void settle(void) {
    rig_idle(20);
    sockets_end_drains();
    LOCK_TCPIP_CORE();
    while (tcp_active_pcbs)
        tcp_abort(tcp_active_pcbs);
    while (tcp_tw_pcbs)
        tcp_abort(tcp_tw_pcbs);
    UNLOCK_TCPIP_CORE();
    rig_idle(5);
    net_forget();
}

/* Each allocation in turn, lwIP's and ours. */
static void in_turn(void (*life)(int n)) {
    size_t before;
    int n = 1;

    life(0);
    settle();
    before = rig_memory();
    for (int made = n; made >= n - 1; n++) {
        life(n);
        made = rig_allocations();
        rig_fail_allocation(0);
    }
    CHECK(n > 4);
    /* And then it goes well again. */
    life(0);
    settle();
    CHECK(rig_memory() < before + 1024);
}

static void memory_for_client(void) {
    in_turn(client);
}

static void memory_for_server(void) {
    in_turn(server);
}

static void memory_for_datagrams(void) {
    in_turn(datagrams);
}

static const rig_case CASES[] = {
    {"of a flood of connections four wait; the others are not answered, and what is taken makes room", four_wait},
    {"whichever allocation fails, lwIP's too, a client says so or goes on, and no memory is lost", memory_for_client},
    {"whichever allocation fails, lwIP's too, a server says so or goes on, and no memory is lost", memory_for_server},
    {"whichever allocation fails, lwIP's too, datagrams are lost, and no memory is", memory_for_datagrams},
};

int main(int argc, char **argv) {
    if (argc < 2 || argv[1][0] != '-')
        net_start();
    return rig_main(CASES, sizeof CASES / sizeof *CASES, argc, argv);
}
