/* station-guard.h, over lwIP 2.1 and 2.2. */
#include "station-guard.h"

#include <stdbool.h>

#include "lwip/icmp.h"
#include "lwip/ip.h"
#include "lwip/netif.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/iana.h"
#include "lwip/tcpip.h"
#include "lwip/udp.h"
#include "netif/ethernet.h"

/* lwIP chooses ports from here on (udp.c, UDP_LOCAL_PORT_RANGE_START; RFC 6335, 6): nobody asks from one below. */
#define FIRST_CHOSEN_PORT 0xc000

typedef struct {
    uint8_t protocol;
    ip_addr_t source, destination;
    /* ICMP: its type is the upper half of the first. */
    uint16_t source_port, destination_port;
} arrival;

static uint16_t get16(const uint8_t *at) {
    return (uint16_t)(at[0] << 8 | at[1]);
}

/* Takes apart the packet at `offset`; false for fragments, and for what is no packet of IPv4. */
static bool parse(struct pbuf *packet, uint16_t offset, arrival *to) {
    uint8_t ip[IP_HLEN], transport[4];
    uint16_t header;

    if (pbuf_copy_partial(packet, ip, sizeof ip, offset) != sizeof ip || ip[0] >> 4 != 4)
        return false;
    header = (uint16_t)(4 * (ip[0] & 15));
    if (header < sizeof ip || get16(ip + 6) & (IP_OFFMASK | IP_MF) ||
        pbuf_copy_partial(packet, transport, sizeof transport, (uint16_t)(offset + header)) != sizeof transport)
        return false;
    to->protocol = ip[9];
    IP_ADDR4(&to->source, ip[12], ip[13], ip[14], ip[15]);
    IP_ADDR4(&to->destination, ip[16], ip[17], ip[18], ip[19]);
    to->source_port = get16(transport);
    to->destination_port = get16(transport + 2);
    return true;
}

/* A socket that is not bound to another interface, which would answer as if it were none. */
static bool is_of(const struct netif *netif, uint8_t index) {
    return index == NETIF_NO_INDEX || index == netif_get_index(netif);
}

static bool has_connection(const struct netif *netif, const arrival *it) {
    struct tcp_pcb *const lists[] = {tcp_active_pcbs, tcp_tw_pcbs};

    for (unsigned i = 0; i < sizeof lists / sizeof *lists; i++)
        for (const struct tcp_pcb *pcb = lists[i]; pcb; pcb = pcb->next)
            if (pcb->local_port == it->destination_port && pcb->remote_port == it->source_port &&
                is_of(netif, pcb->netif_idx) && ip_addr_cmp(&pcb->remote_ip, &it->source) &&
                ip_addr_cmp(&pcb->local_ip, &it->destination))
                return true;
    return false;
}

/* As lwIP looks for it (udp.c, udp_input): without one it would answer. */
static bool has_port(const struct netif *netif, const arrival *it) {
    for (const struct udp_pcb *pcb = udp_pcbs; pcb; pcb = pcb->next)
        if (pcb->local_port == it->destination_port && is_of(netif, pcb->netif_idx) &&
            (ip_addr_isany(&pcb->local_ip) || ip_addr_cmp(&pcb->local_ip, &it->destination)) &&
            (!(pcb->flags & UDP_FLAGS_CONNECTED) ||
             (pcb->remote_port == it->source_port &&
              (ip_addr_isany(&pcb->remote_ip) || ip_addr_cmp(&pcb->remote_ip, &it->source)))))
            return true;
    return false;
}

static bool is_setup_mode(void) {
    const struct netif *netif;

    NETIF_FOREACH(netif)
        if (netif->name[0] == 'a' && netif->name[1] == 'p' && netif_is_up(netif))
            return true;
    return false;
}

static bool was_asked_for(const struct netif *netif, const arrival *it) {
    if (it->protocol == IP_PROTO_UDP && it->source_port == LWIP_IANA_PORT_DHCP_SERVER &&
        it->destination_port == LWIP_IANA_PORT_DHCP_CLIENT)
        return has_port(netif, it);
    if (ip_addr_isany(&it->destination) || !ip_addr_cmp(&it->destination, netif_ip_addr4(netif)))
        return false;
    switch (it->protocol) {
        case IP_PROTO_TCP:
            return has_connection(netif, it);
        case IP_PROTO_UDP:
            return it->destination_port >= FIRST_CHOSEN_PORT && has_port(netif, it);
        case IP_PROTO_ICMP:
            return it->source_port >> 8 == ICMP_ECHO && !is_setup_mode();
        default:
            return false;
    }
}

static bool passes(const struct netif *netif, struct pbuf *packet, bool framed) {
    uint8_t frame[SIZEOF_ETH_HDR - ETH_PAD_SIZE];
    arrival it;

    if (!framed)
        return parse(packet, 0, &it) && was_asked_for(netif, &it);
    if (pbuf_copy_partial(packet, frame, sizeof frame, ETH_PAD_SIZE) != sizeof frame)
        return false;
    switch (get16(frame + sizeof frame - 2)) {
        case ETHTYPE_ARP:
            return true;
        case ETHTYPE_IP:
            return parse(packet, SIZEOF_ETH_HDR, &it) && was_asked_for(netif, &it);
        default:
            return false;
    }
}

/* On lwIP's task; takes the packet where it gives ERR_OK. */
static err_t look(struct pbuf *packet, struct netif *netif) {
    bool framed = netif->flags & (NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET);

    if (passes(netif, packet, framed))
        return framed ? ethernet_input(packet, netif) : ip_input(packet, netif);
    pbuf_free(packet);
    return ERR_OK;
}

static err_t enter(struct pbuf *packet, struct netif *netif) {
    return tcpip_inpkt(packet, netif, look);
}

void station_guard(struct netif *netif) {
    if (netif)
        netif->input = enter;
}
