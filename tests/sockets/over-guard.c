/*
 * What comes in by the station's interface, with wifi/esp32/station-guard.c before it: where lwIP's hook would stand,
 * too. `net_guard(false)` shows what lwIP answers without it.
 */
#include <lwip/etharp.h>
#include <lwip/netif.h>
#include <lwip/tcpip.h>
#include <stdlib.h>
#include <string.h>

#include "net.h"
#include "peers.h"
#include "rig.h"
#include "station-guard.h"

/* lwIP chooses none below for itself. */
#define CHOSEN 50000

/*
 * Whatever was injected so far is answered by now. Counts the answers, by either interface. A ping on the access point is
 * the last of them: packets of both interfaces go through lwIP in one row.
 */
static unsigned answers(void) {
    unsigned count = 0;
    net_packet packet;

    net_ping(AP, net_address("10.1.1.99"), NET_ADDRESSES[AP]);
    for (bool ours = false; !ours;) {
        CHECK(net_take(AP, &packet, 5000));
        ours = packet.protocol == 1 && packet.destination == net_address("10.1.1.99");
        count += !ours;
    }
    while (net_take(STATION, &packet, 0))
        count++;
    return count;
}

static void inject_raw(uint8_t protocol, uint16_t fragment, uint32_t source, uint32_t destination) {
    uint8_t packet[60] = {0x45, [3] = sizeof packet, [6] = (uint8_t)(fragment >> 8), (uint8_t)fragment, 9, protocol};
    uint32_t sum = 0;

    memcpy(packet + 12, &source, 4);
    memcpy(packet + 16, &destination, 4);
    packet[20] = 13; /* ICMP: asks for the time */
    packet[23] = PORT;
    packet[32] = 0x50;
    packet[33] = SYN;
    for (int i = 0; i < 20; i += 2)
        sum += (uint32_t)(packet[i] << 8 | packet[i + 1]);
    sum = (sum & 0xffff) + (sum >> 16);
    packet[10] = (uint8_t)(~sum >> 8);
    packet[11] = (uint8_t)~sum;
    net_inject(STATION, packet, sizeof packet);
}

static const uint16_t UDP_PORTS[] = {53, 54, 67, 68, 123, CHOSEN, CHOSEN + 1};
static const uint16_t TCP_PORTS[] = {PORT, PORT + 1, 8080, CHOSEN};
static const uint8_t TCP_FLAGS[] = {SYN, ACK, SYN | ACK, FIN | ACK, RST, 0};
static const uint8_t PROTOCOLS[] = {1, 2, 6, 17, 41, 47, 255};

/* Everything that a stranger may try, from `source` to `destination`. */
static void knock(uint32_t source, uint32_t destination) {
    for (unsigned i = 0; i < sizeof TCP_PORTS / 2; i++)
        for (unsigned k = 0; k < sizeof TCP_FLAGS; k++) {
            net_peer peer = peer_at(STATION, ROUTER);
            peer.address = source;
            peer.device = destination;
            peer.device_port = TCP_PORTS[i];
            net_send(&peer, TCP_FLAGS[k], "x", k % 2, 0);
        }
    for (unsigned i = 0; i < sizeof UDP_PORTS / 2; i++)
        for (uint16_t from = 5000; from <= 5001; from++)
            net_send_datagram(STATION, source, from == 5000 ? 67 : from, destination, UDP_PORTS[i], "query", 5);
    net_ping(STATION, source, destination);
    for (unsigned i = 0; i < sizeof PROTOCOLS; i++)
        for (unsigned k = 0; k < 3; k++)
            inject_raw(PROTOCOLS[i], (const uint16_t[]){0, IP_MF, 100}[k], source, destination);
}

static void open_datagrams(rig_end *end, uint32_t address, uint16_t port, const char *interface) {
    *end = (rig_end){0};
    CHECK(sockets_open_datagrams(&end->socket, (sockets_place){address, port}, interface) == SOCKETS_OK);
    rig_own(end);
}

static void nothing_is_answered(void) {
    const uint32_t sources[] = {net_address(PHONE), net_address(ROUTER), net_address("8.8.8.8"), NET_ADDRESSES[AP],
                                NET_ADDRESSES[STATION]};
    const uint32_t to[] = {NET_ADDRESSES[AP], NET_ADDRESSES[STATION], 0xffffffff, net_address("192.168.1.255"),
                           net_address("224.0.0.1"), net_address("192.168.1.3")};
    rig_end ends[6] = {{0}};
    unsigned unguarded = 0;

    listen_at_access_point(&ends[0]);
    open_datagrams(&ends[1], NET_ADDRESSES[AP], 53, "ap");
    /* Nothing of the firmware is open like these, to every interface, or to the station's address by the other one. */
    CHECK(sockets_listen(&ends[2].socket, (sockets_place){0, 8080}, NULL) == SOCKETS_OK);
    rig_own(&ends[2]);
    open_datagrams(&ends[3], 0, 123, NULL);
    open_datagrams(&ends[4], 0, CHOSEN + 1, "ap");
    open_datagrams(&ends[5], NET_ADDRESSES[AP], CHOSEN, NULL);
    net_forget();
    for (int guarded = 1; guarded >= 0; guarded--) {
        net_guard(guarded);
        for (unsigned i = 0; i < sizeof sources / 4; i++)
            for (unsigned k = 0; k < sizeof to / 4; k++) {
                unsigned count;

                knock(sources[i], to[k]);
                count = answers();
                CHECK(!guarded || count == 0);
                unguarded += count;
            }
        rig_idle(5);
        for (int i = 0; i < 6; i++)
            CHECK(!guarded || ends[i].readable == 0);
    }
    CHECK(unguarded > 150);
    WAIT(ends[3].readable);
    net_guard(true);
    for (int i = 0; i < 6; i++)
        rig_done(&ends[i]);
}

static bool takes(rig_end *end, int interface, uint32_t source, uint16_t from, uint32_t to, uint16_t port) {
    uint8_t bytes[SOCKETS_DATAGRAM_MAX + 1];
    sockets_place place;
    int got = -1;

    net_send_datagram(interface, source, from, to, port, "answer", 6);
    CHECK(answers() == 0);
    for (uint32_t since = rig_ms(); got < 0 && rig_ms() - since < 20; rig_turn(1))
        got = sockets_receive(end->socket, bytes, &place);
    return got == 6 && place.port == from && place.address == source;
}

static void answers_come_in(void) {
    const uint32_t router = net_address(ROUTER), dns = net_address("8.8.8.8"), ours = NET_ADDRESSES[STATION];
    rig_end end = {.reads = -1}, dhcp, query;
    sockets_place at;
    net_peer peer;

    CHECK(connect_to(&end, &peer));
    net_send(&peer, ACK | PSH, "hello", 5, 0);
    WAIT(end.count == 5);
    net_send(&peer, FIN | ACK, NULL, 0, 0);
    WAIT(end.ended);
    rig_done(&end);
    forget(&peer);

    open_datagrams(&query, 0, 0, NULL);
    CHECK(sockets_local(query.socket, &at) && at.port >= 0xc000);
    CHECK(sockets_send(query.socket, "query", 5, (sockets_place){dns, 53}) == SOCKETS_OK);
    CHECK(answers() == 1);
    CHECK(takes(&query, STATION, dns, 53, ours, at.port));
    CHECK(takes(&query, STATION, router, 123, ours, at.port));
    CHECK(!takes(&query, STATION, dns, 53, NET_ADDRESSES[AP], at.port));
    CHECK(!takes(&query, STATION, dns, 53, 0xffffffff, at.port));
    rig_done(&query);
    /* Too late. */
    net_send_datagram(STATION, dns, 53, ours, at.port, "answer", 6);
    CHECK(answers() == 0);

    open_datagrams(&dhcp, 0, 68, NULL);
    CHECK(takes(&dhcp, STATION, router, 67, 0xffffffff, 68));
    CHECK(takes(&dhcp, STATION, router, 67, ours, 68));
    CHECK(!takes(&dhcp, STATION, router, 66, 0xffffffff, 68));
    rig_done(&dhcp);
}

static void over_connections_are_silent(void) {
    rig_end end = {.reads = -1};
    net_peer peer;

    CHECK(connect_to(&end, &peer));
    net_send(&peer, RST | ACK, NULL, 0, 0);
    WAIT(end.ended);
    rig_done(&end);
    net_forget();
    net_send(&peer, FIN | ACK, "late", 4, 0);
    net_send(&peer, ACK, NULL, 0, 0);
    CHECK(answers() == 0);
    net_guard(false);
    net_send(&peer, ACK, NULL, 0, 0);
    CHECK(answers() == 1);
    net_guard(true);
}

/* A phone's connection with the station's address, by the access point: the router's side knows all of its numbers. */
static void phones_are_out_of_reach(void) {
    rig_end listener = {0}, end = {.reads = -1};
    net_peer phone = peer_at(AP, PHONE), liar;

    phone.device = NET_ADDRESSES[STATION];
    CHECK(sockets_listen(&listener.socket, (sockets_place){0, PORT}, "ap") == SOCKETS_OK);
    rig_own(&listener);
    dial(&phone);
    take(&listener, &end);
    CHECK(end.socket);
    for (int guarded = 1; guarded >= 0; guarded--) {
        net_guard(guarded);
        net_forget();
        liar = phone;
        liar.interface = STATION;
        net_send(&liar, ACK | PSH, "lies", 4, 0);
        net_send(&liar, RST | ACK, NULL, 0, 0);
        CHECK(guarded ? answers() == 0 : answers() > 0);
    }
    net_guard(true);
    net_send(&phone, ACK | PSH, "hello", 5, 0);
    WAIT(end.count == 5);
    CHECK(memcmp(end.received, "hello", 5) == 0 && !end.ended);
    rig_done(&end);
    rig_done(&listener);
    forget(&phone);
}

static void ping_outside_setup_mode(void) {
    const uint32_t router = net_address(ROUTER);
    net_packet packet;

    net_ping(STATION, router, NET_ADDRESSES[STATION]);
    CHECK(answers() == 0);
    net_set_up(AP, false);
    net_ping(STATION, router, NET_ADDRESSES[AP]);
    net_ping(STATION, router, 0xffffffff);
    net_ping(STATION, router, NET_ADDRESSES[STATION]);
    CHECK(net_take(STATION, &packet, 5000) && packet.protocol == 1 && packet.source == NET_ADDRESSES[STATION]);
    net_set_up(AP, true);
    CHECK(answers() == 0);
}

/* An interface with frames, as Wi-Fi's is. */
static struct netif framed;
static volatile unsigned frames, last_type;

static err_t count_frame(struct netif *netif, struct pbuf *frame) {
    (void)netif;
    last_type = (unsigned)pbuf_get_at(frame, 12) << 8 | pbuf_get_at(frame, 13);
    frames++;
    return ERR_OK;
}

static err_t set_up_framed(struct netif *netif) {
    memcpy(netif->name, "st", 2);
    netif->num = 7;
    netif->mtu = 1500;
    netif->hwaddr_len = 6;
    memset(netif->hwaddr, 2, 6);
    netif->flags |= NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
    netif->output = etharp_output;
    netif->linkoutput = count_frame;
    return ERR_OK;
}

static void inject_frame(uint16_t type, const uint8_t *bytes, size_t count) {
    struct pbuf *pbuf = pbuf_alloc(PBUF_RAW, (u16_t)(14 + count), PBUF_RAM);
    uint8_t header[14] = {2, 2, 2, 2, 2, 2, 4, 4, 4, 4, 4, 4, (uint8_t)(type >> 8), (uint8_t)type};

    pbuf_take(pbuf, header, 14);
    if (count)
        pbuf_take_at(pbuf, bytes, (u16_t)count, 14);
    while (framed.input(pbuf, &framed) != ERR_OK)
        rig_turn(1);
}

static void frames_too(void) {
    const ip4_addr_t address = {net_address("10.9.9.2")}, mask = {net_address("255.255.255.0")}, gateway = {0};
    static const uint8_t arp[28] = {0, 1, 8, 0, 6, 4, 0, 1, 4, 4, 4, 4, 4, 4, 10, 9, 9, 7, 0, 0, 0, 0, 0, 0, 10, 9, 9, 2};
    static const uint8_t ping[28] = {0x45, 0, 0, 28, 0, 0,  0, 0, 64, 1, 0x54, 0xc7, 10, 9,
                                     9,    7, 10, 9, 9, 2, 8, 0, 0xf7, 0xff};
    static const uint8_t datagram[28] = {0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0x54, 0xb7, 10, 9,
                                         9,    7, 10, 9, 9, 2, 0, 80, 0, 81, 0, 8};

    LOCK_TCPIP_CORE();
    CHECK(netif_add(&framed, &address, &mask, &gateway, NULL, set_up_framed, tcpip_input));
    netif_set_up(&framed);
    netif_set_link_up(&framed);
    UNLOCK_TCPIP_CORE();
    station_guard(&framed);
    answers();
    frames = 0;
    inject_frame(ETHTYPE_ARP, arp, sizeof arp);
    answers();
    CHECK(frames == 1 && last_type == ETHTYPE_ARP);
    inject_frame(ETHTYPE_IP, ping, sizeof ping);
    inject_frame(ETHTYPE_IP, datagram, sizeof datagram);
    for (size_t count = 0; count < sizeof ping; count++)
        inject_frame(ETHTYPE_IP, ping, count);
    inject_frame(ETHTYPE_IPV6, ping, sizeof ping);
    inject_frame(ETHTYPE_VLAN, ping, sizeof ping);
    answers();
    CHECK(frames == 1);
    /* So these are packets that lwIP answers. */
    framed.input = tcpip_input;
    inject_frame(ETHTYPE_IP, ping, sizeof ping);
    inject_frame(ETHTYPE_IP, datagram, sizeof datagram);
    answers();
    CHECK(frames == 3 && last_type == ETHTYPE_IP);
    station_guard(&framed);
    net_set_up(AP, false);
    inject_frame(ETHTYPE_IP, ping, sizeof ping);
    WAIT(frames == 4);
    net_set_up(AP, true);
    LOCK_TCPIP_CORE();
    netif_remove(&framed);
    UNLOCK_TCPIP_CORE();
    station_guard(NULL);
}

static void noise(void) {
    uint8_t packet[1500];
    size_t before = 0;

    for (unsigned i = 0; i < 1000 * rig_volume; i++) {
        size_t count = 1 + rig_random(rig_random(4) ? 64 : sizeof packet - 1);

        for (size_t at = 0; at < count; at++)
            packet[at] = (uint8_t)rig_random(256);
        if (rig_random(8))
            packet[0] = (uint8_t)(0x40 + rig_random(16));
        if (count >= 20 && rig_random(4)) {
            packet[9] = (const uint8_t[]){1, 6, 17, 17}[rig_random(4)];
            memcpy(packet + 16, &NET_ADDRESSES[STATION], 4);
        }
        net_inject(STATION, packet, count);
        if (i % 64 == 0)
            CHECK(answers() == 0);
        if (i == 500)
            before = rig_memory();
    }
    CHECK(answers() == 0);
    CHECK(rig_memory() < before + 4096);
}

static const rig_case CASES[] = {
    {"while the access point is up, nothing that was not asked for is answered on the station's interface",
     nothing_is_answered},
    {"answers to what the device asked for come in, and DHCP's", answers_come_in},
    {"segments of a connection that is over are not answered", over_connections_are_silent},
    {"a phone's connection is out of reach from the station's side, with all of its numbers known",
     phones_are_out_of_reach},
    {"a ping is answered while the access point is down, by the station's address alone", ping_outside_setup_mode},
    {"on an interface with frames ARP is answered, and IPv6, VLANs and what is cut short are dropped", frames_too},
    {"packets of noise are dropped", noise},
};

int main(int argc, char **argv) {
    if (argc < 2 || argv[1][0] != '-')
        net_start();
    return rig_main(CASES, sizeof CASES / sizeof *CASES, argc, argv);
}
