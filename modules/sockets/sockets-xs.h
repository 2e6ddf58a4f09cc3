/*
 * sockets.h for XS: what tcp-xs.c (tcp.js) and bound-xs.c (listener.js, udp.js) share. Everything runs on the machine's
 * task.
 */
#ifndef SOCKETS_XS_H
#define SOCKETS_XS_H

#include "sockets.h"

#include "xsmc.h"
#include "xsHost.h"
#include "mc.xs.h"
#include "builtinCommon.h"
#include "port.h"

typedef struct {
    sockets_socket *socket;
    /* Listeners: accepted, and not given to a TCP yet. */
    sockets_socket *accepted;
    xsSlot object;
    xsSlot *on_readable, *on_writable, *on_error;
    uint8_t format;
} host_socket;

/* One a class: how an object is known as one of it. */
extern const xsHostHooks SOCKETS_XS_TCP, SOCKETS_XS_LISTENER, SOCKETS_XS_UDP;

/* Before the first socket; throws where there is no network yet. */
void sockets_xs_meet(xsMachine *the);
/* `this` becomes a socket without a connection: from here on `release` undoes it. */
host_socket *sockets_xs_attach(xsMachine *the, const xsHostHooks *hooks);
/* Idempotent. */
void sockets_xs_release(xsMachine *the, xsSlot *object, const xsHostHooks *hooks);

/* Throws for another object and for one that is closed. */
host_socket *sockets_xs_of(xsMachine *the, xsSlot *object, const xsHostHooks *hooks);
/* The one of `this`; throws where its connection went to another object, too. */
sockets_socket *sockets_xs_socket(xsMachine *the, const xsHostHooks *hooks);
/* Throws what is wrong. */
void sockets_xs_check(xsMachine *the, sockets_error error);

/* Of the options, argument 0: the one that is not there is not called. */
void sockets_xs_callbacks(xsMachine *the, host_socket *self);

/* Both throw for what is none: a port, an IPv4 literal. */
uint16_t sockets_xs_port(xsMachine *the, xsSlot *slot);
uint32_t sockets_xs_address(xsMachine *the, xsSlot *slot);
void sockets_xs_set_address(xsMachine *the, xsSlot *slot, uint32_t address);

#endif
