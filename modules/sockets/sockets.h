/*
 * TCP client, TCP listener and UDP over non-blocking BSD sockets: the same C on ESP32 (lwIP) and on Linux. Beneath the
 * SDK's specifiers `embedded:io/socket/…` (sockets-xs.c); knows no JavaScript.
 *
 * - One task, the owner, calls everything here, and hears `sockets_tell` from within `sockets_deliver` alone. Another
 *   one waits for the sockets (watch.h); it never touches what is declared here.
 * - Whatever the peer does, and whenever, a socket is valid until the owner closes it. What a peer has sent may be read
 *   until then; SOCKETS_ENDED follows the last byte that was read, once, and nothing follows it.
 * - `sockets_close` is silent, final, and may be called while `sockets_tell` runs.
 * - Memory: a record a socket; SOCKETS_STEP bytes while received bytes wait to be read; at most SOCKETS_ROOM bytes
 *   while the stack did not take what was written. The wait for memory to receive into is repeated; without memory for
 *   written bytes the stream ends with SOCKETS_NO_MEMORY.
 */
#ifndef SOCKETS_H
#define SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if ESP32
/* Two segments (CONFIG_LWIP_TCP_MSS), and less than the stack's own send buffer (CONFIG_LWIP_TCP_SND_BUF_DEFAULT). */
#define SOCKETS_STEP 2872
#ifndef SOCKETS_ROOM
#define SOCKETS_ROOM 4096
#endif
/* lwIP holds connections back before the fourth: further SYNs find no place (tcp_in.c, tcp_listen_input). */
#define SOCKETS_BACKLOG 4
#else
#define SOCKETS_STEP 16384
#ifndef SOCKETS_ROOM
#define SOCKETS_ROOM 16384
#endif
/* Linux lets one more wait than it is told. */
#define SOCKETS_BACKLOG 3
#endif
/* An Ethernet frame's worth (RFC 894): longer datagrams come in fragments, and are dropped. */
#define SOCKETS_DATAGRAM_MAX 1472
/* What was written before `sockets_close`, and not taken yet, has so long to leave. */
#define SOCKETS_DRAIN_MS 10000

/* Everything that can go wrong. */
typedef enum {
    SOCKETS_OK,
    SOCKETS_NO_MEMORY,
    /* Too many sockets are open. */
    SOCKETS_NO_SOCKET,
    SOCKETS_PORT_IN_USE,
    /* The interface or the address that was asked for is not there. */
    SOCKETS_NO_PLACE,
    SOCKETS_UNREACHABLE,
    /* Not connected yet. */
    SOCKETS_NOT_READY,
    /* More than was announced. */
    SOCKETS_WOULD_BLOCK,
    /* The peer closed, refused or reset. */
    SOCKETS_CLOSED,
    SOCKETS_ERRORS
} sockets_error;

typedef enum {
    /* Streams: `count` bytes wait. Listeners: a connection waits; one `sockets_accept`. Datagrams: at least one waits. */
    SOCKETS_READABLE,
    /* Streams: `count` bytes may be written. The first one: connected. */
    SOCKETS_WRITABLE,
    SOCKETS_ENDED
} sockets_event;

typedef struct sockets_socket sockets_socket;

/* IPv4, as struct in_addr and a port as a number. */
typedef struct {
    uint32_t address;
    uint16_t port;
} sockets_place;

/* The owner's: called for sockets that have an owner. */
void sockets_tell(void *owner, sockets_event event, size_t count);
/*
 * The owner's: asks for one `sockets_deliver` on its task. Called by the waiting task; false when it cannot be asked
 * now, and it is called again.
 */
bool sockets_post(void);
/* The owner's: takes back what was asked for, if it is still to come. */
void sockets_unpost(void);

void sockets_deliver(void);

/* `interface`: packets of another one are never taken, whatever they say; NULL for all. */
sockets_error sockets_connect(sockets_socket **made, sockets_place to);
sockets_error sockets_listen(sockets_socket **made, sockets_place at, const char *interface);
sockets_error sockets_open_datagrams(sockets_socket **made, sockets_place at, const char *interface);

/* From now on `owner` is told, from the beginning: what may be written, and what waits. NULL for nobody. */
void sockets_own(sockets_socket *socket, void *owner);
void sockets_close(sockets_socket *socket);
/* Closes at once what still sends for nobody: the owner's end. */
void sockets_end_drains(void);

/* The next connection that was announced; NULL when none was, or when its peer is gone again. */
sockets_socket *sockets_accept(sockets_socket *listener);

void sockets_set_nodelay(sockets_socket *stream, bool nodelay);
size_t sockets_readable(const sockets_socket *stream);
/* At most what is readable. */
void sockets_read(sockets_socket *stream, void *bytes, size_t count);
size_t sockets_room(const sockets_socket *stream);
/* All of it or nothing. SOCKETS_CLOSED: the stream has ended, which is told in a turn of its own. */
sockets_error sockets_write(sockets_socket *stream, const void *bytes, size_t count);

sockets_error sockets_send(sockets_socket *datagrams, const void *bytes, size_t count, sockets_place to);
/*
 * The oldest datagram that waits into SOCKETS_DATAGRAM_MAX + 1 bytes; its length, -1 when none waits. NULL for `bytes`,
 * where there is no memory for them: what waits is announced again in a moment.
 */
int sockets_receive(sockets_socket *datagrams, void *bytes, sockets_place *from);

/* False when there is none (any more). */
bool sockets_remote(const sockets_socket *stream, sockets_place *place);
bool sockets_local(const sockets_socket *socket, sockets_place *place);

#endif
