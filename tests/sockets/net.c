#include "net.h"

#include <arpa/inet.h>
#include <lwip/ip.h>
#include <lwip/memp.h>
#include <lwip/netif.h>
#include <lwip/tcpip.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "rig.h"
#include "station-guard.h"

#define MOST_PACKETS 4096
#define HEADER 20

static const char *const NAMES[INTERFACES] = {"ap", "st"};
const uint32_t NET_ADDRESSES[INTERFACES] = {0x0101010a, 0x0201a8c0};

static struct netif netifs[INTERFACES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static net_packet *queues[INTERFACES][MOST_PACKETS];
static unsigned heads[INTERFACES], tails[INTERFACES];

static uint32_t get32(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put32(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint16_t get16(const uint8_t *at) {
    return (uint16_t)(at[0] << 8 | at[1]);
}

static void put16(uint8_t *at, uint16_t value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static err_t leave(struct netif *netif, struct pbuf *pbuf, const ip4_addr_t *to) {
    int which = netif == &netifs[AP] ? AP : STATION;
    net_packet *packet = calloc(1, sizeof *packet);
    uint8_t bytes[2048];
    size_t count = pbuf_copy_partial(pbuf, bytes, sizeof bytes, 0), header;

    (void)to;
    packet->protocol = bytes[9];
    memcpy(&packet->source, bytes + 12, 4);
    memcpy(&packet->destination, bytes + 16, 4);
    packet->source_port = get16(bytes + HEADER);
    packet->destination_port = get16(bytes + HEADER + 2);
    header = HEADER + 8;
    if (packet->protocol == IPPROTO_TCP) {
        packet->seq = get32(bytes + HEADER + 4);
        packet->ack = get32(bytes + HEADER + 8);
        packet->flags = bytes[HEADER + 13];
        packet->window = get16(bytes + HEADER + 14);
        header = HEADER + 4 * (size_t)(bytes[HEADER + 12] >> 4);
    }
    packet->count = count - header;
    memcpy(packet->bytes, bytes + header, packet->count);
    pthread_mutex_lock(&lock);
    if (tails[which] - heads[which] < MOST_PACKETS)
        queues[which][tails[which]++ % MOST_PACKETS] = packet;
    else
        free(packet);
    pthread_mutex_unlock(&lock);
    return ERR_OK;
}

static err_t set_up(struct netif *netif) {
    int which = netif == &netifs[AP] ? AP : STATION;

    netif->name[0] = NAMES[which][0];
    netif->name[1] = NAMES[which][1];
    netif->mtu = 1500;
    netif->flags |= NETIF_FLAG_BROADCAST;
    netif->output = leave;
    return ERR_OK;
}

static void started(void *done) {
    *(volatile bool *)done = true;
}

void net_start(void) {
    static volatile bool done;

    tcpip_init(started, (void *)&done);
    WAIT(done);
    LOCK_TCPIP_CORE();
    for (int i = 0; i < INTERFACES; i++) {
        ip4_addr_t address = {NET_ADDRESSES[i]}, mask = {htonl(0xffffff00)}, gateway = {0};
        CHECK(netif_add(&netifs[i], &address, &mask, &gateway, NULL, set_up, tcpip_input));
        netif_set_up(&netifs[i]);
        netif_set_link_up(&netifs[i]);
    }
    netif_set_default(&netifs[STATION]);
    UNLOCK_TCPIP_CORE();
    net_guard(true);
}

/* In place of memp_malloc in lwIP's timers, where it is built from its sources. */
void *rig_memp_malloc(memp_t type) {
    void *memory;

    rig_spare(true);
    memory = memp_malloc(type);
    rig_spare(false);
    return memory;
}

void net_guard(bool guarded) {
    LOCK_TCPIP_CORE();
    netifs[STATION].input = tcpip_input;
    if (guarded)
        station_guard(&netifs[STATION]);
    UNLOCK_TCPIP_CORE();
}

void net_set_up(int interface, bool up) {
    LOCK_TCPIP_CORE();
    if (up)
        netif_set_up(&netifs[interface]);
    else
        netif_set_down(&netifs[interface]);
    UNLOCK_TCPIP_CORE();
}

uint32_t net_address(const char *text) {
    return inet_addr(text);
}

void net_inject(int interface, const void *packet, size_t count) {
    struct pbuf *pbuf;

    rig_spare(true);
    pbuf = pbuf_alloc(PBUF_RAW, (u16_t)count, PBUF_RAM);
    CHECK(pbuf);
    pbuf_take(pbuf, packet, (u16_t)count);
    /* lwIP's own task has no room for it at the moment. */
    while (netifs[interface].input(pbuf, &netifs[interface]) != ERR_OK)
        rig_turn(1);
    rig_spare(false);
}

static uint32_t sum(const uint8_t *bytes, size_t count, uint32_t from) {
    for (size_t i = 0; i < count; i++)
        from += (uint32_t)bytes[i] << (i % 2 ? 0 : 8);
    return from;
}

static uint16_t fold(uint32_t value) {
    while (value >> 16)
        value = (value & 0xffff) + (value >> 16);
    return (uint16_t)~value;
}

/* Completes and injects a packet whose transport part, of `count` bytes, is at HEADER. */
static void inject(int interface, uint8_t *packet, uint8_t protocol, uint32_t source, uint32_t destination, size_t count) {
    size_t checksum = HEADER + (protocol == IPPROTO_TCP ? 16 : protocol == IPPROTO_UDP ? 6 : 2);
    uint32_t pseudo = protocol == IPPROTO_ICMP ? 0 : protocol + (uint32_t)count;

    memset(packet, 0, HEADER);
    packet[0] = 0x45;
    put16(packet + 2, (uint16_t)(HEADER + count));
    packet[8] = 64;
    packet[9] = protocol;
    memcpy(packet + 12, &source, 4);
    memcpy(packet + 16, &destination, 4);
    put16(packet + 10, fold(sum(packet, HEADER, 0)));
    put16(packet + checksum, 0);
    pseudo = protocol == IPPROTO_ICMP ? 0 : sum(packet + 12, 8, pseudo);
    put16(packet + checksum, fold(sum(packet + HEADER, count, pseudo)));
    net_inject(interface, packet, HEADER + count);
}

void net_send(net_peer *peer, uint8_t flags, const void *bytes, size_t count, int32_t shift) {
    uint8_t packet[2048], *tcp = packet + HEADER;

    memset(tcp, 0, HEADER);
    put16(tcp, peer->port);
    put16(tcp + 2, peer->device_port);
    put32(tcp + 4, peer->seq + (uint32_t)shift);
    put32(tcp + 8, peer->ack);
    tcp[12] = 0x50;
    tcp[13] = flags;
    put16(tcp + 14, peer->window);
    if (count)
        memcpy(tcp + HEADER, bytes, count);
    if (shift == 0)
        peer->seq += (uint32_t)count + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0);
    inject(peer->interface, packet, IPPROTO_TCP, peer->address, peer->device, HEADER + count);
}

void net_send_datagram(int interface, uint32_t source, uint16_t source_port, uint32_t destination, uint16_t port,
                       const void *bytes, size_t count) {
    uint8_t packet[2048], *udp = packet + HEADER;

    put16(udp, source_port);
    put16(udp + 2, port);
    put16(udp + 4, (uint16_t)(8 + count));
    memcpy(udp + 8, bytes, count);
    inject(interface, packet, IPPROTO_UDP, source, destination, 8 + count);
}

void net_ping(int interface, uint32_t source, uint32_t destination) {
    uint8_t packet[HEADER + 8] = {[HEADER] = 8};

    inject(interface, packet, IPPROTO_ICMP, source, destination, 8);
}

bool net_take(int interface, net_packet *packet, uint32_t ms) {
    uint32_t since = rig_ms();

    for (;;) {
        net_packet *next = NULL;

        pthread_mutex_lock(&lock);
        if (heads[interface] != tails[interface])
            next = queues[interface][heads[interface]++ % MOST_PACKETS];
        pthread_mutex_unlock(&lock);
        if (next) {
            *packet = *next;
            free(next);
            return true;
        }
        if (rig_ms() - since >= ms)
            return false;
        rig_turn(1);
    }
}

bool net_await(net_peer *peer, uint8_t flags, net_packet *packet, uint32_t ms) {
    uint32_t since = rig_ms();

    for (;;) {
        uint32_t spent = rig_ms() - since;
        uint32_t next;

        if (!net_take(peer->interface, packet, spent < ms ? ms - spent : 0))
            return false;
        if (packet->protocol != IPPROTO_TCP || packet->destination_port != peer->port)
            continue;
        next = packet->seq + (uint32_t)packet->count + (packet->flags & SYN ? 1 : 0) + (packet->flags & FIN ? 1 : 0);
        if (packet->flags & SYN || ((int32_t)(packet->seq - peer->ack) <= 0 && (int32_t)(next - peer->ack) > 0))
            peer->ack = next;
        peer->device_port = packet->source_port;
        if ((packet->flags & flags) == flags)
            return true;
    }
}

void net_forget(void) {
    net_packet packet;

    for (int i = 0; i < INTERFACES; i++)
        while (net_take(i, &packet, 0)) {
        }
}

void net_acknowledge(net_peer *peer, uint32_t ms) {
    net_packet packet;

    while (net_await(peer, 0, &packet, ms))
        if (packet.count > 0 || packet.flags & FIN)
            net_send(peer, ACK, NULL, 0, 0);
}
