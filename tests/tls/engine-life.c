/*
 * The life of TLS engines, in memory, without sockets:
 *
 *   engine-life pairs|cut|two|memory|stack HOST AUTHORITY LEAF KEY OTHER_LEAF OTHER_KEY STRIDE
 *
 * Files are DER. LEAF is the authority's, for HOST and for any usage: server and device both show it. OTHER_LEAF is the
 * same of another authority. Prints one line of JSON; a crash or a leak is the sanitizers' finding.
 *
 * - pairs: what set_key says of a row of certificates and keys, and how often it had to prove it
 * - cut: a connection that is freed after its first, second, third … step
 * - two: two connections that take turns, the first of which is freed before the second speaks
 * - memory: connections in which the first, second, third … allocation of the engine fails, alone or with all after it;
 *   beyond the first hundred, which are more than a resumed handshake makes, every STRIDEth (P-256 makes thousands)
 * - stack: bytes of the stack that each call takes at most (not with sanitizers)
 */
#include <stdio.h>

/* The engine's own file, for what it has verified. */
#include "../../modules/tls/engine.c"
#include "failing-memory.h"
#include "memory-server.h"
#include "painted-stack.h"

enum { FILE_MAX = 4096, TURNS_MAX = 200, SESSION_ROOM = 3072, FIRST = 100 };

typedef struct {
    uint8_t bytes[FILE_MAX];
    size_t length;
} file;

static file authority, leaf, key, other_leaf, other_key;
static const char *host;
static const uint8_t MESSAGE[] = "what a device tells its broker";
static uint8_t session[SESSION_ROOM];
static size_t session_length;
static size_t stride;

static file load(const char *path) {
    file loaded = {.length = 0};
    FILE *from = fopen(path, "rb");

    if (!from) {
        perror(path);
        exit(2);
    }
    loaded.length = fread(loaded.bytes, 1, FILE_MAX, from);
    fclose(from);
    return loaded;
}

/* ---- the calls ---- */

enum { SETTING_UP, PROVING, STEPPING, THE_REST };

/* The most of the stack that each kind took, if asked for. */
static size_t depths[4];
static bool deep;

/* Every call of the engine goes through here: what it takes of the stack, and of memory. */
#define CALL(kind, call)                                                                                             \
    do {                                                                                                             \
        if (deep)                                                                                                    \
            paint();                                                                                                 \
        counted = true;                                                                                              \
        call;                                                                                                        \
        counted = false;                                                                                             \
        if (deep && depth_below((uintptr_t)__builtin_frame_address(0)) > depths[kind])                               \
            depths[kind] = depth_below((uintptr_t)__builtin_frame_address(0));                                       \
    } while (0)

/* ---- a connection ---- */

typedef struct {
    tls_engine *engine;
    server *peer;
    bool sent, answered;
} connection;

__attribute__((noinline)) static bool set_up(tls_engine *engine, const file *certificate, const file *private) {
    bool taken;

    CALL(SETTING_UP, taken = tls_engine_add_authority(engine, authority.bytes, authority.length));
    if (taken && certificate)
        CALL(SETTING_UP, taken = tls_engine_add_certificate(engine, certificate->bytes, certificate->length));
    if (taken && certificate)
        CALL(PROVING, taken = tls_engine_set_key(engine, private->bytes, private->length));
    if (taken)
        CALL(SETTING_UP, taken = tls_engine_start(engine, host, session_length ? session : NULL, session_length));
    return taken;
}

/* False: there was no memory for it. */
__attribute__((noinline)) static bool begin(connection *self, bool mutual, bool impostor) {
    CALL(SETTING_UP, self->engine = tls_engine_new());
    self->sent = self->answered = false;
    self->peer = impostor ? new_server(other_leaf.bytes, other_leaf.length, other_key.bytes, other_key.length)
                          : new_server(leaf.bytes, leaf.length, key.bytes, key.length);
    return self->engine && set_up(self->engine, mutual ? &leaf : NULL, &key);
}

static void finish(connection *self) {
    CALL(THE_REST, tls_engine_free(self->engine));
    free_server(self->peer);
    self->engine = NULL;
}

__attribute__((noinline)) static int step(tls_engine *engine) {
    int result;

    CALL(STEPPING, result = tls_engine_step(engine));
    return result;
}

/* One step of the device, or what the server makes of what it heard. False: nothing moved, or it is over. */
__attribute__((noinline)) static bool turn(connection *self) {
    server *peer = self->peer;
    uint8_t heard[sizeof MESSAGE];
    size_t taken, before = peer->in_length;
    int result = step(self->engine);

    if (result < 0)
        return false;
    if (tls_engine_is_open(self->engine) && !self->sent)
        CALL(THE_REST, self->sent = tls_engine_write(self->engine, MESSAGE, sizeof MESSAGE) == sizeof MESSAGE);
    peer->in_length += tls_engine_take(self->engine, peer->in + peer->in_length, WIRE - peer->in_length);
    if (result > 0)
        return true;
    if (!tls_is_open(&peer->ssl))
        mbedtls_ssl_handshake(&peer->ssl);
    else if (mbedtls_ssl_read(&peer->ssl, heard, sizeof heard) == sizeof heard)
        mbedtls_ssl_write(&peer->ssl, heard, sizeof heard);
    taken = tls_engine_feed(self->engine, peer->out, peer->out_length);
    memmove(peer->out, peer->out + taken, peer->out_length - taken);
    peer->out_length -= taken;
    if (tls_engine_readable(self->engine) == sizeof MESSAGE) {
        CALL(THE_REST, taken = tls_engine_read(self->engine, heard, sizeof heard));
        self->answered = taken == sizeof MESSAGE && memcmp(heard, MESSAGE, taken) == 0;
    }
    return !self->answered && (taken > 0 || peer->in_length > 0 || before > 0);
}

static void converse(connection *self) {
    for (int turns = 0; turns < TURNS_MAX && turn(self); turns++)
        ;
}

static void earn_session(void) {
    connection self;

    server_remembers = true;
    begin(&self, true, false);
    server_remembers = false;
    converse(&self);
    CALL(THE_REST, session_length = tls_engine_save_session(self.engine, session, sizeof session));
    if (!self.answered || session_length == 0)
        exit(1);
    finish(&self);
}

/* ---- what is tried ---- */

static void pairs(void) {
    const struct {
        const file *certificate, *private;
    } row[] = {{&leaf, &key},        {&leaf, &key},       {&other_leaf, &other_key}, {&other_leaf, &other_key},
               {&leaf, &key},        {&leaf, &other_key}, {&leaf, &other_key},       {&leaf, &key},
               {&other_leaf, &key}};

    printf("[");
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        tls_engine *engine = tls_engine_new();
        unsigned before = proofs;
        bool fits = set_up(engine, row[i].certificate, row[i].private);
        printf("%s[%s,%u]", i ? "," : "", fits ? "true" : "false", proofs - before);
        tls_engine_free(engine);
    }
    printf("]\n");
}

static void cut(void) {
    size_t base = 0;
    unsigned lost = 0;
    int steps = 0;

    for (bool whole = false; !whole; steps++) {
        connection self;
        begin(&self, true, false);
        for (int i = 0; i < steps && turn(&self); i++)
            ;
        whole = self.answered;
        tls_engine_close(self.engine);
        finish(&self);
        if (steps == 0)
            base = live;
        lost += live != base;
    }
    printf("{\"cuts\":%d,\"lost\":%u}\n", steps, lost);
}

static void two(void) {
    connection broker, check;

    begin(&broker, true, false);
    begin(&check, false, false);
    while (!tls_engine_is_open(check.engine) || !tls_engine_is_open(broker.engine)) {
        if (!tls_engine_is_open(check.engine) && !turn(&check))
            break;
        if (!tls_engine_is_open(broker.engine) && !turn(&broker))
            break;
    }
    printf("{\"open\":[%d,%d],", tls_engine_is_open(check.engine), tls_engine_is_open(broker.engine));
    finish(&check);
    converse(&broker);
    printf("\"answered\":%d}\n", broker.answered);
    finish(&broker);
}

/* Rows of connections, to the first in which no allocation failed. */
static void fail(bool after, bool resume, bool impostor) {
    unsigned tried = 0, refused = 0, ended = 0, open = 0, unverified = 0, lost = 0;
    connection self;
    size_t base;

    session_length = 0;
    if (resume)
        earn_session();
    base = live;
    fails_after = after;
    for (fails_at = 1;; fails_at += fails_at < FIRST ? 1 : stride) {
        tried++;
        allocations = 0;
        if (!begin(&self, true, impostor))
            refused++;
        else {
            converse(&self);
            if (!self.answered)
                ended++;
            else {
                open++;
                unverified += self.engine->faults != 0 || (self.engine->verified == 0 && !self.engine->offered_session);
            }
        }
        finish(&self);
        lost += live != base;
        if (allocations < fails_at)
            break;
    }
    fails_at = 0;
    printf("{\"tried\":%u,\"refused\":%u,\"ended\":%u,\"open\":%u,\"unverified\":%u,\"lost\":%u}", tried, refused,
           ended, open, unverified, lost);
}

static void memory(void) {
    connection self;

    /* What the library keeps for good is made before anything is counted. */
    begin(&self, true, false);
    converse(&self);
    finish(&self);
    printf("[");
    for (int i = 0; i < 6; i++) {
        printf(i ? "," : "");
        fail(i & 1, i & 2, i & 4);
    }
    printf("]\n");
}

static void stack(void) {
    connection self;

    deep = true;
    earn_session();
    begin(&self, true, false);
    converse(&self);
    if (!tls_engine_resumed(self.engine))
        exit(1);
    finish(&self);
    printf("{\"settingUp\":%zu,\"proving\":%zu,\"step\":%zu,\"rest\":%zu}\n", depths[SETTING_UP], depths[PROVING],
           depths[STEPPING], depths[THE_REST]);
}

static const struct {
    const char *name;
    void (*run)(void);
} MODES[] = {{"pairs", pairs}, {"cut", cut}, {"two", two}, {"memory", memory}, {"stack", stack}};

int main(int count, char **arguments) {
    if (count != 9)
        return 2;
    host = arguments[2];
    authority = load(arguments[3]);
    leaf = load(arguments[4]);
    key = load(arguments[5]);
    other_leaf = load(arguments[6]);
    other_key = load(arguments[7]);
    stride = (size_t)atol(arguments[8]);
    for (size_t i = 0; i < sizeof MODES / sizeof MODES[0]; i++)
        if (strcmp(arguments[1], MODES[i].name) == 0)
            MODES[i].run();
    return 0;
}
