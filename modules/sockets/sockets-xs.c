/*
 * sockets.h as the SDK's `embedded:io/socket/tcp`, `listener` and `udp` (tcp.js, listener.js, udp.js), with its options
 * and its words for what is wrong. Beyond it: `address` and `interface` of listeners and UDP, `localAddress`.
 * All of this runs on the machine's task but for `sockets_post`.
 */
#include "sockets.h"

#include "xsmc.h"
#include "xsHost.h"
#include "mc.xs.h"
#include "builtinCommon.h"
#include "port.h"

#if !ESP32
#include <glib.h>
#endif

/* Of an IPv4 literal, with its NUL. */
#define ADDRESS_SIZE 16
#define INTERFACE_SIZE 8

typedef struct {
    sockets_socket *socket;
    /* Listeners: accepted, and not given to a TCP yet. */
    sockets_socket *accepted;
    xsSlot object;
    xsSlot *on_readable, *on_writable, *on_error;
    uint8_t format;
} record;

static const char *const ERRORS[SOCKETS_ERRORS] = {
    "ok",          "no memory", "no socket",   "port in use", "no such interface or address",
    "unreachable", "not ready", "would block", "closed",
};

/* Set before the first socket is, and read by the watcher from then on. */
static xsMachine *machine;

static void deliver(void *the, void *refcon, uint8_t *message, uint16_t length) {
    (void)the;
    (void)refcon;
    (void)message;
    (void)length;
    sockets_deliver();
}

#if ESP32
bool sockets_post(void) {
    return modMessagePostToMachine(machine, NULL, 0, deliver, NULL) == 0;
}

void sockets_unpost(void) {
}
#else
static gboolean deliver_idle(gpointer data) {
    deliver(data, NULL, NULL, 0);
    return G_SOURCE_REMOVE;
}

bool sockets_post(void) {
    return g_idle_add_full(G_PRIORITY_DEFAULT, deliver_idle, &machine, NULL) != 0;
}

void sockets_unpost(void) {
    g_idle_remove_by_data(&machine);
}
#endif

/* The machine ends: its own host object says so, since sockets may send on that have none any more. */
static void machine_ends(void *data) {
    if (!data)
        return;
    sockets_end_drains();
    machine = NULL;
}

static void meet_machine(xsMachine *the) {
    static xsSlot keeper;

    if (machine)
        return;
#if ESP32
    /* Before ESP-IDF's network is up its sockets abort. */
    if (!esp_netif_get_default_netif())
        xsUnknownError("no network");
#endif
    keeper = xsNewHostObject(machine_ends);
    xsmcSetHostData(keeper, &machine);
    xsRemember(keeper);
    machine = the;
}

void sockets_tell(void *owner, sockets_event event, size_t count) {
    record *self = owner;
    xsSlot *const callbacks[] = {self->on_readable, self->on_writable, self->on_error};
    xsSlot *callback = callbacks[event];

    if (!callback)
        return;
    xsBeginHost(machine);
    {
        xsmcVars(1);
        xsmcSetInteger(xsVar(0), (xsIntegerValue)count);
        if (event == SOCKETS_ENDED)
            xsCallFunction0(xsReference(callback), self->object);
        else
            xsCallFunction1(xsReference(callback), self->object, xsVar(0));
    }
    xsEndHost(machine);
}

static void mark(xsMachine *the, void *data, xsMarkRoot mark_root) {
    record *self = data;

    if (self->on_readable)
        (*mark_root)(the, self->on_readable);
    if (self->on_writable)
        (*mark_root)(the, self->on_writable);
    if (self->on_error)
        (*mark_root)(the, self->on_error);
}

/* Also the end of the machine for what is not closed by then. */
void xs_sockets_destructor(void *data) {
    record *self = data;

    if (!self)
        return;
    if (self->socket) {
        sockets_own(self->socket, NULL);
        sockets_close(self->socket);
    }
    if (self->accepted)
        sockets_close(self->accepted);
    c_free(self);
    /* The machine may end before its sockets do. */
    if (!machine)
        sockets_end_drains();
}

static const xsHostHooks TCP_HOOKS = {xs_sockets_destructor, mark, NULL};
static const xsHostHooks LISTENER_HOOKS = {xs_sockets_destructor, mark, NULL};
static const xsHostHooks UDP_HOOKS = {xs_sockets_destructor, mark, NULL};

/* Throws for another object and for one that is closed. */
static record *record_of(xsMachine *the, xsSlot *object, const xsHostHooks *hooks) {
    return xsmcGetHostDataValidate(*object, (void *)hooks);
}

/* The one of `this`; throws where its connection went to another object, too. */
static sockets_socket *socket_of(xsMachine *the, const xsHostHooks *hooks) {
    record *self = record_of(the, &xsThis, hooks);

    if (!self->socket)
        xsUnknownError("closed");
    return self->socket;
}

static void check(xsMachine *the, sockets_error error) {
    if (error != SOCKETS_OK)
        xsUnknownError("%s", ERRORS[error]);
}

static void release(xsMachine *the, xsSlot *object, const xsHostHooks *hooks) {
    record *self = xsmcGetHostData(*object);

    if (!self)
        return;
    record_of(the, object, hooks);
    xsForget(self->object);
    xsmcSetHostData(*object, NULL);
    xsmcSetHostDestructor(*object, NULL);
    xs_sockets_destructor(self);
}

/* `this` becomes a socket without a connection: from here on `release` undoes it. */
static record *attach(xsMachine *the, const xsHostHooks *hooks) {
    record *self = c_calloc(1, sizeof *self);

    if (!self)
        xsUnknownError("no memory");
    self->object = xsThis;
    self->format = kIOFormatBuffer;
    xsmcSetHostData(xsThis, self);
    xsSetHostHooks(xsThis, (xsHostHooks *)hooks);
    xsRemember(self->object);
    return self;
}

static uint16_t port_option(xsMachine *the, bool needed) {
    xsIntegerValue port;

    xsmcVars(1);
    if (!needed && !xsmcHas(xsArg(0), xsID_port))
        return 0;
    xsmcGet(xsVar(0), xsArg(0), xsID_port);
    port = builtinGetSignedInteger(the, &xsVar(0));
    if (port < 0 || port > 65535)
        xsRangeError("invalid port");
    return (uint16_t)port;
}

static uint32_t address_of(xsMachine *the, xsSlot *slot) {
    char text[ADDRESS_SIZE];
    struct in_addr address;

    if (c_strlen(xsmcToString(*slot)) >= sizeof text || inet_pton(AF_INET, xsmcToStringBuffer(*slot, text, sizeof text), &address) != 1)
        xsUnknownError("invalid address");
    return address.s_addr;
}

/* Any address where none is given. */
static uint32_t address_option(xsMachine *the) {
    xsmcVars(1);
    xsmcGet(xsVar(0), xsArg(0), xsID_address);
    return xsmcTest(xsVar(0)) ? address_of(the, &xsVar(0)) : 0;
}

/* The text of `interface`, NULL without one. */
static const char *interface_option(xsMachine *the, char text[INTERFACE_SIZE]) {
    xsmcVars(1);
    xsmcGet(xsVar(0), xsArg(0), xsID_interface);
    if (!xsmcTest(xsVar(0)))
        return NULL;
    if (c_strlen(xsmcToString(xsVar(0))) >= INTERFACE_SIZE)
        xsRangeError("invalid interface");
    xsmcToStringBuffer(xsVar(0), text, INTERFACE_SIZE);
    return text;
}

static void set_address(xsMachine *the, xsSlot *slot, uint32_t address) {
    const uint8_t *byte = (const uint8_t *)&address;
    char text[ADDRESS_SIZE];

    snprintf(text, sizeof text, "%u.%u.%u.%u", byte[0], byte[1], byte[2], byte[3]);
    xsmcSetString(*slot, text);
}

/* The one of argument 0 that is not there is not called. */
static void take_callbacks(xsMachine *the, record *self) {
    self->on_readable = builtinGetCallback(the, xsID_onReadable);
    self->on_writable = builtinGetCallback(the, xsID_onWritable);
    self->on_error = builtinGetCallback(the, xsID_onError);
}

static uint8_t byte_format(xsMachine *the, uint8_t format) {
    if (format != kIOFormatNumber && format != kIOFormatBuffer)
        xsRangeError("unimplemented");
    return format;
}

/* (options), or nothing: a socket that a listener gives its connection. */
void xs_sockets_tcp(xsMachine *the) {
    sockets_place to = {0};
    record *self, *volatile from = NULL;
    uint8_t format = kIOFormatBuffer;

    if (xsmcArgc == 0) {
        attach(the, &TCP_HOOKS);
        return;
    }
    xsmcVars(2);
    format = byte_format(the, builtinInitializeFormat(the, format));
    if (xsmcHas(xsArg(0), xsID_from)) {
        xsmcGet(xsVar(1), xsArg(0), xsID_from);
        from = record_of(the, &xsVar(1), &TCP_HOOKS);
        if (!from->socket)
            xsUnknownError("invalid from");
    } else {
        xsmcGet(xsVar(0), xsArg(0), xsID_address);
        to.address = address_of(the, &xsVar(0));
        to.port = port_option(the, true);
    }
    meet_machine(the);
    self = attach(the, &TCP_HOOKS);
    xsTry {
        self->format = format;
        take_callbacks(the, self);
        builtinInitializeTarget(the);
        if (!from)
            check(the, sockets_connect(&self->socket, to));
    }
    xsCatch {
        self->socket = from ? NULL : self->socket;
        release(the, &xsThis, &TCP_HOOKS);
        xsThrow(xsException);
    }
    if (from) {
        self->socket = from->socket;
        from->socket = NULL;
        release(the, &xsVar(1), &TCP_HOOKS);
    }
    if (xsmcHas(xsArg(0), xsID_nodelay)) {
        xsmcGet(xsVar(0), xsArg(0), xsID_nodelay);
        sockets_set_nodelay(self->socket, xsmcTest(xsVar(0)));
    }
    sockets_own(self->socket, self);
}

void xs_sockets_tcp_close(xsMachine *the) {
    release(the, &xsThis, &TCP_HOOKS);
}

/* (), (count) or (buffer) */
void xs_sockets_tcp_read(xsMachine *the) {
    sockets_socket *socket = socket_of(the, &TCP_HOOKS);
    record *self = record_of(the, &xsThis, &TCP_HOOKS);
    size_t available = sockets_readable(socket);
    xsIntegerValue wanted = (xsIntegerValue)available;
    xsUnsignedValue size;
    uint8_t value;
    void *bytes = NULL;

    if (available == 0)
        return;
    if (self->format == kIOFormatNumber) {
        sockets_read(socket, &value, 1);
        xsmcSetInteger(xsResult, value);
        return;
    }
    if (xsmcArgc > 0 && xsmcTypeOf(xsArg(0)) == xsReferenceType) {
        xsmcGetBufferWritable(xsArg(0), &bytes, &size);
        wanted = (xsIntegerValue)size;
    } else if (xsmcArgc > 0)
        wanted = xsmcToInteger(xsArg(0));
    if (wanted <= 0 || (size_t)wanted > available)
        xsUnknownError("invalid");
    if (bytes)
        xsmcSetInteger(xsResult, wanted);
    else
        bytes = xsmcSetArrayBuffer(xsResult, NULL, wanted);
    sockets_read(socket, bytes, (size_t)wanted);
}

/* (bytes or number); what may still be written, `undefined` to a stream that has ended */
void xs_sockets_tcp_write(xsMachine *the) {
    sockets_socket *socket = socket_of(the, &TCP_HOOKS);
    record *self = record_of(the, &xsThis, &TCP_HOOKS);
    uint8_t value;
    void *bytes = &value;
    xsUnsignedValue count = 1;
    sockets_error error;

    if (self->format == kIOFormatBuffer)
        xsmcGetBufferReadable(xsArg(0), &bytes, &count);
    else
        value = (uint8_t)xsmcToInteger(xsArg(0));
    error = sockets_write(socket, bytes, count);
    if (error == SOCKETS_CLOSED)
        return;
    check(the, error);
    xsmcSetInteger(xsResult, (xsIntegerValue)sockets_room(socket));
}

static void get_address(xsMachine *the, bool (*of)(const sockets_socket *, sockets_place *)) {
    sockets_place place;

    if (of(socket_of(the, &TCP_HOOKS), &place))
        set_address(the, &xsResult, place.address);
}

void xs_sockets_tcp_get_remote_address(xsMachine *the) {
    get_address(the, sockets_remote);
}

void xs_sockets_tcp_get_local_address(xsMachine *the) {
    get_address(the, sockets_local);
}

void xs_sockets_tcp_get_remote_port(xsMachine *the) {
    sockets_place place;

    if (sockets_remote(socket_of(the, &TCP_HOOKS), &place))
        xsmcSetInteger(xsResult, place.port);
}

void xs_sockets_tcp_get_format(xsMachine *the) {
    builtinGetFormat(the, record_of(the, &xsThis, &TCP_HOOKS)->format);
}

void xs_sockets_tcp_set_format(xsMachine *the) {
    record_of(the, &xsThis, &TCP_HOOKS)->format = byte_format(the, builtinSetFormat(the));
}

/* The options of what is bound: at one port, address and interface. */
static void open_bound(xsMachine *the, const xsHostHooks *hooks, uint8_t format,
                       sockets_error (*open)(sockets_socket **, sockets_place, const char *)) {
    char text[INTERFACE_SIZE];
    const char *interface;
    sockets_place at;
    record *self;

    if (builtinInitializeFormat(the, format) != format)
        xsRangeError("unimplemented");
    at.port = port_option(the, false);
    at.address = address_option(the);
    interface = interface_option(the, text);
    meet_machine(the);
    self = attach(the, hooks);
    xsTry {
        self->format = format;
        take_callbacks(the, self);
        builtinInitializeTarget(the);
        check(the, open(&self->socket, at, interface));
    }
    xsCatch {
        release(the, &xsThis, hooks);
        xsThrow(xsException);
    }
    sockets_own(self->socket, self);
}

void xs_sockets_listener(xsMachine *the) {
    open_bound(the, &LISTENER_HOOKS, kIOFormatSocketTCP, sockets_listen);
}

void xs_sockets_listener_close(xsMachine *the) {
    release(the, &xsThis, &LISTENER_HOOKS);
}

/* Whether there is a connection, which waits for `give`. */
void xs_sockets_listener_accept(xsMachine *the) {
    record *self = record_of(the, &xsThis, &LISTENER_HOOKS);

    if (!self->accepted)
        self->accepted = sockets_accept(self->socket);
    xsmcSetBoolean(xsResult, self->accepted != NULL);
}

/* (TCP without a connection) */
void xs_sockets_listener_give(xsMachine *the) {
    record *self = record_of(the, &xsThis, &LISTENER_HOOKS);
    record *to = record_of(the, &xsArg(0), &TCP_HOOKS);

    to->socket = self->accepted;
    self->accepted = NULL;
    sockets_own(to->socket, to);
    xsResult = xsArg(0);
}

void xs_sockets_listener_get_port(xsMachine *the) {
    sockets_place place;

    if (sockets_local(socket_of(the, &LISTENER_HOOKS), &place))
        xsmcSetInteger(xsResult, place.port);
}

void xs_sockets_udp(xsMachine *the) {
    open_bound(the, &UDP_HOOKS, kIOFormatBuffer, sockets_open_datagrams);
}

void xs_sockets_udp_close(xsMachine *the) {
    release(the, &xsThis, &UDP_HOOKS);
}

void xs_sockets_udp_read(xsMachine *the) {
    sockets_socket *socket = socket_of(the, &UDP_HOOKS);
    sockets_place from;
    uint8_t *bytes = c_malloc(SOCKETS_DATAGRAM_MAX + 1);
    int length = sockets_receive(socket, bytes, &from);

    if (length >= 0) {
        xsTry {
            xsmcVars(1);
            xsmcSetArrayBuffer(xsResult, bytes, length);
            xsmcSetInteger(xsVar(0), from.port);
            xsmcSet(xsResult, xsID_port, xsVar(0));
            set_address(the, &xsVar(0), from.address);
            xsmcSet(xsResult, xsID_address, xsVar(0));
        }
        xsCatch {
            c_free(bytes);
            xsThrow(xsException);
        }
    }
    c_free(bytes);
}

/* (bytes, address, port) */
void xs_sockets_udp_write(xsMachine *the) {
    sockets_socket *socket = socket_of(the, &UDP_HOOKS);
    sockets_place to = {.address = address_of(the, &xsArg(1)), .port = (uint16_t)xsmcToInteger(xsArg(2))};
    xsUnsignedValue count;
    void *bytes;

    xsmcGetBufferReadable(xsArg(0), &bytes, &count);
    check(the, sockets_send(socket, bytes, count, to));
}
