#include "peers.h"

net_peer peer_at(int interface, const char *address) {
    static uint16_t port = 20000;

    return (net_peer){
        .interface = interface,
        .address = net_address(address),
        .device = NET_ADDRESSES[interface],
        .port = port = port < 20000 ? 20000 : (uint16_t)(port + 1),
        .device_port = PORT,
        .seq = 1000,
        .window = 8192,
    };
}

bool open_towards(rig_end *end, net_peer *peer) {
    net_packet packet;

    *peer = peer_at(STATION, ROUTER);
    if (sockets_connect(&end->socket, (sockets_place){peer->address, peer->port}) != SOCKETS_OK)
        return false;
    rig_own(end);
    return net_await(peer, SYN, &packet, 1000);
}

bool connect_to(rig_end *end, net_peer *peer) {
    net_packet packet;

    if (!open_towards(end, peer))
        return false;
    net_send(peer, SYN | ACK, NULL, 0, 0);
    CHECK(net_await(peer, ACK, &packet, 1000));
    WAIT(end->writable || end->ended || !end->socket);
    return end->writable > 0;
}

void forget(net_peer *peer) {
    net_send(peer, RST | ACK, NULL, 0, 0);
    rig_idle(1);
    net_forget();
}

void listen_at_access_point(rig_end *listener) {
    *listener = (rig_end){0};
    CHECK(sockets_listen(&listener->socket, (sockets_place){NET_ADDRESSES[AP], PORT}, "ap") == SOCKETS_OK);
    rig_own(listener);
}

void dial(net_peer *peer) {
    net_packet packet;
    int tries = 0;

    net_send(peer, SYN, NULL, 0, 0);
    /* Not answered while as many wait as may. */
    while (!net_await(peer, SYN | ACK, &packet, 500)) {
        CHECK(tries++ < 10);
        net_send(peer, SYN, NULL, 0, -1);
    }
    net_send(peer, ACK, NULL, 0, 0);
}

void take(rig_end *listener, rig_end *end) {
    WAIT(listener->readable);
    listener->readable--;
    end->socket = sockets_accept(listener->socket);
    if (end->socket)
        rig_own(end);
}
