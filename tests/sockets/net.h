/*
 * lwIP with two interfaces in memory, "ap" 10.1.1.1/24 and "st" 192.168.1.2/24, and what is at the other ends of them:
 * segments and datagrams, written here byte by byte.
 */
#ifndef NET_H
#define NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AP, STATION, INTERFACES };
/* As struct in_addr. */
extern const uint32_t NET_ADDRESSES[INTERFACES];

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

/* An end of a TCP connection with the device. */
typedef struct {
    int interface;
    uint32_t address, device;
    uint16_t port, device_port;
    /* Next byte that it sends, and that it awaits. */
    uint32_t seq, ack;
    uint16_t window;
} net_peer;

typedef struct {
    uint8_t protocol;
    uint32_t source, destination;
    uint16_t source_port, destination_port;
    uint32_t seq, ack;
    uint8_t flags;
    uint16_t window;
    size_t count;
    uint8_t bytes[2048];
} net_packet;

/* With wifi/esp32/station-guard.c before the station's interface, as on the device, until `net_guard(false)`. */
void net_start(void);
void net_guard(bool guarded);
void net_set_up(int interface, bool up);
uint32_t net_address(const char *text);

/* A segment of `peer` at `seq` + `shift`; with `shift` 0 its bytes, SYN and FIN count on. */
void net_send(net_peer *peer, uint8_t flags, const void *bytes, size_t count, int32_t shift);
void net_send_datagram(int interface, uint32_t source, uint16_t source_port, uint32_t destination, uint16_t port,
                       const void *bytes, size_t count);
void net_ping(int interface, uint32_t source, uint32_t destination);
/* Any packet of IP, as it is; `count` at most 1500. */
void net_inject(int interface, const void *packet, size_t count);

/* The next packet that left by an interface; false when none does in `ms`. */
bool net_take(int interface, net_packet *packet, uint32_t ms);
/* The next one with all of `flags`, to that peer, whose `ack` follows what it brought. */
bool net_await(net_peer *peer, uint8_t flags, net_packet *packet, uint32_t ms);
void net_forget(void);
/* Acknowledges whatever comes from now until `ms` without any passed. */
void net_acknowledge(net_peer *peer, uint32_t ms);

#endif
