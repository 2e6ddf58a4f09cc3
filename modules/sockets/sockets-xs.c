/*
 * sockets-xs.h: the machine and its callbacks, the records behind the objects, and the options that both kinds take. All of
 * this runs on the machine's task but for `sockets_post`. The SDK's options and its words for what is wrong; beyond it:
 * `address` and `interface` of listeners and UDP, `localAddress`.
 */
#include "sockets-xs.h"

#if !ESP32
#include <glib.h>
#endif

/* Of an IPv4 literal, with its NUL. */
#define ADDRESS_SIZE 16

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

void sockets_xs_meet(xsMachine *the) {
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
    host_socket *self = owner;
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
    host_socket *self = data;

    if (self->on_readable)
        (*mark_root)(the, self->on_readable);
    if (self->on_writable)
        (*mark_root)(the, self->on_writable);
    if (self->on_error)
        (*mark_root)(the, self->on_error);
}

/* Also the end of the machine for what is not closed by then. */
void xs_sockets_destructor(void *data) {
    host_socket *self = data;

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

const xsHostHooks SOCKETS_XS_TCP = {xs_sockets_destructor, mark, NULL};
const xsHostHooks SOCKETS_XS_LISTENER = {xs_sockets_destructor, mark, NULL};
const xsHostHooks SOCKETS_XS_UDP = {xs_sockets_destructor, mark, NULL};

host_socket *sockets_xs_of(xsMachine *the, xsSlot *object, const xsHostHooks *hooks) {
    return xsmcGetHostDataValidate(*object, (void *)hooks);
}

sockets_socket *sockets_xs_socket(xsMachine *the, const xsHostHooks *hooks) {
    host_socket *self = sockets_xs_of(the, &xsThis, hooks);

    if (!self->socket)
        xsUnknownError("closed");
    return self->socket;
}

void sockets_xs_check(xsMachine *the, sockets_error error) {
    if (error != SOCKETS_OK)
        xsUnknownError("%s", ERRORS[error]);
}

void sockets_xs_release(xsMachine *the, xsSlot *object, const xsHostHooks *hooks) {
    host_socket *self = xsmcGetHostData(*object);

    if (!self)
        return;
    sockets_xs_of(the, object, hooks);
    xsForget(self->object);
    xsmcSetHostData(*object, NULL);
    xsmcSetHostDestructor(*object, NULL);
    xs_sockets_destructor(self);
}

host_socket *sockets_xs_attach(xsMachine *the, const xsHostHooks *hooks) {
    host_socket *self = c_calloc(1, sizeof *self);

    if (!self)
        xsUnknownError("no memory");
    self->object = xsThis;
    self->format = kIOFormatBuffer;
    xsmcSetHostData(xsThis, self);
    xsSetHostHooks(xsThis, (xsHostHooks *)hooks);
    xsRemember(self->object);
    return self;
}

uint16_t sockets_xs_port(xsMachine *the, xsSlot *slot) {
    xsIntegerValue port = builtinGetSignedInteger(the, slot);

    if (port < 0 || port > 65535)
        xsRangeError("invalid port");
    return (uint16_t)port;
}

uint32_t sockets_xs_address(xsMachine *the, xsSlot *slot) {
    char text[ADDRESS_SIZE];
    struct in_addr address;

    if (c_strlen(xsmcToString(*slot)) >= sizeof text || inet_pton(AF_INET, xsmcToStringBuffer(*slot, text, sizeof text), &address) != 1)
        xsUnknownError("invalid address");
    return address.s_addr;
}

void sockets_xs_set_address(xsMachine *the, xsSlot *slot, uint32_t address) {
    const uint8_t *byte = (const uint8_t *)&address;
    char text[ADDRESS_SIZE];

    snprintf(text, sizeof text, "%u.%u.%u.%u", byte[0], byte[1], byte[2], byte[3]);
    xsmcSetString(*slot, text);
}

void sockets_xs_callbacks(xsMachine *the, host_socket *self) {
    self->on_readable = builtinGetCallback(the, xsID_onReadable);
    self->on_writable = builtinGetCallback(the, xsID_onWritable);
    self->on_error = builtinGetCallback(the, xsID_onError);
}
