/*
 * In place of sockets.c: lwIP's raw calls with the two faults of the SDK's sockets for ESP32 (8.2.3,
 * modules/io/socket/lwip/tcp.c), so that the cases are seen to find them. As much as those cases need.
 */
#include <lwip/tcp.h>
#include <lwip/tcpip.h>
#include <stdlib.h>
#include <string.h>

#include "sockets.h"
#include "watch.h"

enum { MOST = 16 };

struct sockets_socket {
    struct tcp_pcb *pcb;
    struct tcp_pcb *waiting[MOST];
    struct pbuf *received;
    void *owner;
    size_t announced;
    unsigned pending;
    bool connected, writable, ended, told;
};

static sockets_socket *sockets[MOST];

static err_t take_bytes(void *arg, struct tcp_pcb *pcb, struct pbuf *pbuf, err_t error) {
    sockets_socket *socket = arg;

    (void)error;
    if (!pbuf) {
        /* The first fault (tcpReceive): nobody is told any more that the pcb goes, and it is kept. */
        tcp_recv(pcb, NULL);
        tcp_err(pcb, NULL);
        socket->ended = true;
    } else if (socket->received)
        pbuf_cat(socket->received, pbuf);
    else
        socket->received = pbuf;
    sockets_post();
    return ERR_OK;
}

static void take_error(void *arg, err_t error) {
    sockets_socket *socket = arg;

    (void)error;
    socket->pcb = NULL;
    socket->ended = true;
    sockets_post();
}

static err_t take_connection(void *arg, struct tcp_pcb *pcb, err_t error) {
    (void)pcb;
    (void)error;
    ((sockets_socket *)arg)->connected = true;
    sockets_post();
    return ERR_OK;
}

static err_t refuse_bytes(void *arg, struct tcp_pcb *pcb, struct pbuf *pbuf, err_t error) {
    (void)arg;
    (void)pcb;
    (void)pbuf;
    (void)error;
    return ERR_MEM;
}

static err_t take_waiting(void *arg, struct tcp_pcb *pcb, err_t error) {
    sockets_socket *socket = arg;

    (void)error;
    if (!pcb || socket->pending == MOST)
        return ERR_ABRT;
    /* The second fault (listenerAccept): nobody is told when it goes while it waits. */
    tcp_recv(pcb, refuse_bytes);
    socket->waiting[socket->pending++] = pcb;
    sockets_post();
    return ERR_OK;
}

static sockets_socket *make(struct tcp_pcb *pcb) {
    sockets_socket *socket = calloc(1, sizeof *socket);

    socket->pcb = pcb;
    for (int i = 0; i < MOST; i++)
        if (!sockets[i]) {
            sockets[i] = socket;
            return socket;
        }
    abort();
}

static void attend(sockets_socket *socket) {
    tcp_arg(socket->pcb, socket);
    tcp_err(socket->pcb, take_error);
    tcp_recv(socket->pcb, take_bytes);
}

sockets_error sockets_connect(sockets_socket **made, sockets_place to) {
    ip_addr_t address = IPADDR4_INIT(to.address);

    LOCK_TCPIP_CORE();
    *made = make(tcp_new());
    attend(*made);
    tcp_connect((*made)->pcb, &address, to.port, take_connection);
    UNLOCK_TCPIP_CORE();
    return SOCKETS_OK;
}

sockets_error sockets_listen(sockets_socket **made, sockets_place at, const char *interface) {
    (void)interface;
    LOCK_TCPIP_CORE();
    *made = make(tcp_new());
    tcp_bind((*made)->pcb, IP_ADDR_ANY, at.port);
    (*made)->pcb = tcp_listen((*made)->pcb);
    tcp_arg((*made)->pcb, *made);
    tcp_accept((*made)->pcb, take_waiting);
    UNLOCK_TCPIP_CORE();
    return SOCKETS_OK;
}

sockets_socket *sockets_accept(sockets_socket *listener) {
    sockets_socket *socket = NULL;

    LOCK_TCPIP_CORE();
    if (listener->pending > 0) {
        socket = make(listener->waiting[--listener->pending]);
        socket->connected = true;
        attend(socket);
    }
    UNLOCK_TCPIP_CORE();
    return socket;
}

void sockets_own(sockets_socket *socket, void *owner) {
    socket->owner = owner;
    sockets_post();
}

size_t sockets_readable(const sockets_socket *socket) {
    return socket->received ? socket->received->tot_len : 0;
}

void sockets_read(sockets_socket *socket, void *bytes, size_t count) {
    LOCK_TCPIP_CORE();
    pbuf_copy_partial(socket->received, bytes, (u16_t)count, 0);
    socket->received = pbuf_free_header(socket->received, (u16_t)count);
    if (socket->pcb)
        tcp_recved(socket->pcb, (u16_t)count);
    UNLOCK_TCPIP_CORE();
    sockets_post();
}

void sockets_deliver(void) {
    for (int i = 0; i < MOST; i++) {
        sockets_socket *socket = sockets[i];

        if (!socket || !socket->owner)
            continue;
        if (socket->connected && !socket->writable) {
            socket->writable = true;
            sockets_tell(socket->owner, SOCKETS_WRITABLE, sockets_room(socket));
        }
        if (sockets_readable(socket) > socket->announced)
            sockets_tell(socket->owner, SOCKETS_READABLE, socket->announced = sockets_readable(socket));
        if (socket->pending > socket->announced)
            sockets_tell(socket->owner, SOCKETS_READABLE, socket->announced = socket->pending);
        if (socket->ended && !socket->told && sockets_readable(socket) == 0) {
            socket->told = true;
            sockets_tell(socket->owner, SOCKETS_ENDED, 0);
        }
    }
}

void sockets_close(sockets_socket *socket) {
    socket->owner = NULL;
}

size_t sockets_room(const sockets_socket *socket) {
    return socket->ended ? 0 : 1000;
}

sockets_error sockets_write(sockets_socket *socket, const void *bytes, size_t count) {
    (void)bytes;
    (void)count;
    return socket->ended ? SOCKETS_CLOSED : SOCKETS_OK;
}

sockets_error sockets_open_datagrams(sockets_socket **made, sockets_place at, const char *interface) {
    return sockets_listen(made, at, interface);
}

sockets_error sockets_send(sockets_socket *socket, const void *bytes, size_t count, sockets_place to) {
    (void)to;
    return sockets_write(socket, bytes, count);
}

int sockets_receive(sockets_socket *socket, void *bytes, sockets_place *from) {
    (void)socket;
    (void)bytes;
    (void)from;
    return -1;
}

void watch_tell(void *owner, unsigned ready) {
    (void)owner;
    (void)ready;
}
