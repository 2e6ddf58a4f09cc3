/*
 * What may come in by the station's interface: answers to what this device asked for, and what the network needs to
 * give it an address. lwIP answers for itself where nobody listens (RST, "port unreachable", ping), by any interface and
 * for any address of the device; such packets are dropped here, before lwIP sees them, without a word.
 *
 * - Passes: ARP; DHCP's answers; TCP of a connection that this device opened; UDP to a port that lwIP chose for a socket
 *   that is still open; ping, while the access point is down. All but ARP and DHCP: to the interface's own address.
 * - Takes the place of the interface's input, and looks on lwIP's own task, whose tables it reads. So nothing is shared
 *   between tasks. (lwIP's hook for this, LWIP_HOOK_IP4_INPUT, is a header that ESP-IDF's build of lwIP includes; the
 *   SDK's project for ESP32 passes no such option on.)
 */
#ifndef AEROLINK_STATION_GUARD_H
#define AEROLINK_STATION_GUARD_H

struct netif;

/* Before the interface comes up, anew each time it was added to lwIP. Its first two letters are not "ap". */
void station_guard(struct netif *netif);

#endif
