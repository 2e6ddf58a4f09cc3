/*
 * Mutates what a server sends to the TLS engine, in memory, without sockets:
 *
 *   engine-fuzz handshakes|certificates|records COUNT SEED HOST AUTHORITY LEAF KEY
 *
 * - handshakes: the engine against mbedTLS's own server, mutual TLS; one flight of the server is mutated, of the
 *   handshake, or the tickets, data and close_notify after it
 * - certificates: the leaf's DER is mutated, parsed and verified as the engine does
 * - records: a genuine first flight of the server is mutated and fed to a fresh engine
 *
 * Prints what became of them. Fails when anything mutated was accepted: a connection that opened, data that was not
 * sent, an orderly end before all of it; a crash or a leak is the sanitizers' finding. (Harmless is a change of a
 * record's version field, which counts for nothing, RFC 8446, 5.1, and of what follows the server's last record.)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../modules/tls/certificate-rules.h"
/* The engine's own file, for its struct and its static parts. */
#include "../../modules/tls/engine.c"
#include "../../modules/tls/name-constraints.h"
#include "memory-server.h"

static const char MESSAGE[] = "what a broker sends to a device";

static uint8_t authority[4096], leaf[4096], key[4096];
static size_t authority_length, leaf_length, key_length;
static const char *host;

static uint32_t state;

static uint32_t pick(uint32_t below) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % below;
}

static size_t load(const char *path, uint8_t *bytes) {
    FILE *file = fopen(path, "rb");
    size_t length;

    if (!file) {
        perror(path);
        exit(2);
    }
    length = fread(bytes, 1, 4096, file);
    fclose(file);
    return length;
}

/* Changes 1 to 3 places of `bytes`, or cuts or repeats a part; returns the new length. */
static size_t mutate(uint8_t *bytes, size_t length, size_t room) {
    size_t at = pick((uint32_t)length);

    switch (pick(8)) {
    case 0:
        return at;
    case 1: {
        size_t run = 1 + pick((uint32_t)(length - at));
        if (length + run > room)
            return at;
        memmove(bytes + at + run, bytes + at, length - at);
        return length + run;
    }
    case 2: {
        size_t run = 1 + pick((uint32_t)(length - at));
        memmove(bytes + at, bytes + at + run, length - at - run);
        return length - run;
    }
    default:
        for (uint32_t i = pick(3) + 1; i > 0; i--) {
            static const uint8_t odd[] = {0x00, 0x01, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xff, 0x30};
            bytes[at] = pick(2) ? odd[pick(sizeof odd)] : bytes[at] ^ (uint8_t)(1u << pick(8));
            at = pick((uint32_t)length);
        }
        return length;
    }
}

/* `mutual`: the server's certificate is ours, too; no usage forbids it, and the server only asks. */
static tls_engine *new_engine(bool mutual) {
    tls_engine *engine = tls_engine_new();

    if (!engine || !tls_engine_add_authority(engine, authority, authority_length))
        exit(2);
    if (mutual && (!tls_engine_add_certificate(engine, leaf, leaf_length) || !tls_engine_set_key(engine, key, key_length)))
        exit(2);
    if (!tls_engine_start(engine, host, NULL, 0))
        exit(2);
    return engine;
}

/* Feeds as the socket does, in bits of any size; false once the engine has ended. */
static bool feed_all(tls_engine *engine, const uint8_t *bytes, size_t length) {
    while (length > 0) {
        size_t part = 1 + pick((uint32_t)length);
        size_t taken = tls_engine_feed(engine, bytes, part);
        int step;
        do
            step = tls_engine_step(engine);
        while (step > 0);
        if (step < 0)
            return false;
        if (taken == 0)
            return true; /* full of what nobody has read yet */
        bytes += taken;
        length -= taken;
    }
    return true;
}

/* ---- what is fuzzed ---- */

static unsigned ended_by[TLS_CLOSED + 1], unfinished, accepted, harmless;

static void note(tls_engine *engine) {
    if (tls_engine_failure(engine) == TLS_NO_FAILURE)
        unfinished++;
    else
        ended_by[tls_engine_failure(engine)]++;
}

/* Copies `flight` without what counts for nothing: versions of records and, in TLS 1.3, change_cipher_spec. */
static size_t essence(const tls_engine *engine, const uint8_t *flight, size_t length, uint8_t *to) {
    size_t copied = 0;

    while (length >= 5) {
        size_t record = 5 + (size_t)(flight[3] << 8 | flight[4]);
        if (record > length)
            record = length;
        if (flight[0] != MBEDTLS_SSL_MSG_CHANGE_CIPHER_SPEC || !tls_is_1_3(&engine->ssl)) {
            memcpy(to + copied, flight, record);
            memset(to + copied + 1, 0, 2);
            copied += record;
        }
        flight += record;
        length -= record;
    }
    memcpy(to + copied, flight, length);
    return copied + length;
}

/* Is the genuine flight still there, at most followed by more? */
static bool is_intact(const tls_engine *engine, const uint8_t *flight, size_t length, const uint8_t *old,
                      size_t old_length) {
    static uint8_t now[WIRE], before[WIRE];

    length = essence(engine, flight, length, now);
    old_length = essence(engine, old, old_length, before);
    return length >= old_length && memcmp(now, before, old_length) == 0;
}

/* What the server sends next: of its handshake, or else its data and its goodbye, once. */
static void speak(server *peer, bool *spoken) {
    int result = tls_is_open(&peer->ssl) ? 0 : mbedtls_ssl_handshake(&peer->ssl);

    if (result != 0 || peer->out_length > 0 || *spoken)
        return;
    *spoken = true;
    mbedtls_ssl_write(&peer->ssl, (const uint8_t *)MESSAGE, sizeof MESSAGE);
    mbedtls_ssl_close_notify(&peer->ssl);
}

/* One connection; the flight with number `target` of the server is mutated. False: there was no such flight. */
static bool fuzz_handshake(void) {
    tls_engine *engine = new_engine(true);
    server *peer = new_server(leaf, leaf_length, key, key_length);
    uint32_t target = pick(3);
    bool mutated = false, intact = false, opened_by_it = false, alive = true, spoken = false;
    uint8_t read[sizeof MESSAGE + 1];
    size_t have = 0;

    for (uint32_t flight = 0; alive && flight < 8; flight++) {
        bool was_open = tls_engine_is_open(engine);
        size_t length;
        while (tls_engine_step(engine) > 0)
            ;
        peer->in_length += tls_engine_take(engine, peer->in + peer->in_length, WIRE - peer->in_length);
        speak(peer, &spoken);
        length = peer->out_length;
        if (length == 0)
            break;
        if (flight == target) {
            static uint8_t before[WIRE];
            size_t old = length;
            memcpy(before, peer->out, length);
            length = mutate(peer->out, length, WIRE);
            mutated = length != old || memcmp(before, peer->out, length) != 0;
            intact = is_intact(engine, peer->out, length, before, old);
        }
        peer->out_length = 0;
        alive = feed_all(engine, peer->out, length);
        do
            have += tls_engine_read(engine, read + have, sizeof read - have);
        while (tls_engine_step(engine) > 0 || (tls_engine_readable(engine) > 0 && have < sizeof read));
        if (flight == target)
            opened_by_it = !was_open && (tls_engine_is_open(engine) || have > 0);
    }
    if (mutated) {
        bool forged = have > sizeof MESSAGE || memcmp(read, MESSAGE, have) != 0;
        bool cut = tls_engine_failure(engine) == TLS_CLOSED && have < sizeof MESSAGE;
        if (forged || cut || (opened_by_it && !intact))
            accepted++;
        else if (intact)
            harmless++;
        else
            note(engine);
    }
    tls_engine_free(engine);
    free_server(peer);
    return mutated;
}

/* Name constraints that permit and exclude names and networks, mutated, in an allocation of exactly their length. */
static void fuzz_constraints(void) {
    static const uint8_t genuine[] = {
        0x30, 0x3b, 0x30, 0x39, 0x06, 0x03, 0x55, 0x1d, 0x1e, 0x04, 0x32, 0x30, 0x30, 0xa0, 0x1c, 0x30, 0x0e,
        0x82, 0x0c, 'e',  'x',  'a',  'm',  'p',  'l',  'e',  '.',  't',  'e',  's',  't',  0x30, 0x0a, 0x87,
        0x08, 10,   0,    0,    0,    255,  0,    0,    0,    0xa1, 0x10, 0x30, 0x0e, 0x82, 0x0c, 'e',  'v',
        'i',  'l',  '.',  'e',  'x',  'a',  'm',  'p',  'l',  'e'};
    static const uint8_t names[] = {0x30, 0x13, 0x30, 0x11, 0x06, 0x03, 0x55, 0x1d, 0x11, 0x04, 0x0a,
                                    0x30, 0x08, 0x87, 0x04, 10,   1,    2,    3,    0x82, 0x00};
    uint8_t room[256];
    size_t length;
    uint8_t *exact;

    memcpy(room, genuine, sizeof genuine);
    length = mutate(room, sizeof genuine, sizeof room);
    exact = malloc(length ? length : 1);
    memcpy(exact, room, length);
    tls_permits_names((tls_bytes){exact, exact + length}, (tls_bytes){names, names + sizeof names}, host);
    tls_permits_names((tls_bytes){exact, exact + length}, (tls_bytes){names, names + sizeof names}, "10.1.2.3");
    free(exact);
}

static void fuzz_certificate(void) {
    tls_engine *engine = new_engine(false);
    uint8_t room[8192];
    size_t length;
    uint8_t *exact;
    mbedtls_x509_crt parsed;
    uint32_t flags;

    memcpy(room, leaf, leaf_length);
    length = mutate(room, leaf_length, sizeof room);
    /* An allocation of exactly this length, so that one byte too many is seen. */
    exact = malloc(length ? length : 1);
    memcpy(exact, room, length);
    tls_names_host((tls_bytes){exact, exact + length}, host);
    tls_may_serve((tls_bytes){exact, exact + length}, TLS_SERVER);
    fuzz_constraints();
    mbedtls_x509_crt_init(&parsed);
    if (mbedtls_x509_crt_parse_der(&parsed, exact, length) != 0)
        unfinished++;
    else if (mbedtls_x509_crt_verify_with_profile(&parsed, &engine->authorities, NULL, &TLS_STRENGTH, NULL, &flags, tls_engine_verify,
                                                  engine) == 0) {
        /* Bytes behind the certificate are not part of it. */
        if (parsed.raw.len == leaf_length && memcmp(parsed.raw.p, leaf, leaf_length) == 0)
            harmless++;
        else
            accepted++;
    } else
        ended_by[tls_engine_reason(engine->faults)]++;
    mbedtls_x509_crt_free(&parsed);
    free(exact);
    tls_engine_free(engine);
}

static void fuzz_records(void) {
    static uint8_t flight[WIRE];
    static size_t flight_length;
    tls_engine *engine = new_engine(false);
    uint8_t bytes[WIRE];
    size_t length;

    if (flight_length == 0) {
        server *peer = new_server(leaf, leaf_length, key, key_length);
        while (tls_engine_step(engine) > 0)
            ;
        peer->in_length = tls_engine_take(engine, peer->in, WIRE);
        mbedtls_ssl_handshake(&peer->ssl);
        flight_length = peer->out_length;
        memcpy(flight, peer->out, flight_length);
        free_server(peer);
        tls_engine_free(engine);
        engine = new_engine(false);
    }
    while (tls_engine_step(engine) > 0)
        ;
    memcpy(bytes, flight, flight_length);
    length = mutate(bytes, flight_length, sizeof bytes);
    feed_all(engine, bytes, length);
    if (tls_engine_is_open(engine))
        accepted++;
    else
        note(engine);
    tls_engine_free(engine);
}

int main(int count, char **arguments) {
    if (count != 8)
        return 2;
    state = (uint32_t)strtoul(arguments[3], NULL, 10) | 1;
    host = arguments[4];
    authority_length = load(arguments[5], authority);
    leaf_length = load(arguments[6], leaf);
    key_length = load(arguments[7], key);
    for (long left = atol(arguments[2]); left > 0; left--)
        switch (arguments[1][0]) {
        case 'h':
            while (!fuzz_handshake())
                ;
            break;
        case 'c':
            fuzz_certificate();
            break;
        default:
            fuzz_records();
        }
    printf("{\"accepted\":%u,\"harmless\":%u,\"unfinished\":%u,\"byReason\":[", accepted, harmless, unfinished);
    for (size_t i = 0; i <= TLS_CLOSED; i++)
        printf("%s%u", i ? "," : "", ended_by[i]);
    printf("]}\n");
    return accepted ? 1 : 0;
}
