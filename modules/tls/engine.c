#include "engine.h"

#include <string.h>

#include "engine-state.h"
#include "peer-certificate.h"

enum {
    /* A record of TLS 1.2 or 1.3 with an AEAD suite is at most so much longer than what it carries. */
    RECORD_OVERHEAD = 40,
};

/* ---- buffers ---- */

static size_t fifo_room(const fifo *of) {
    return BUFFER - of->length;
}

static size_t fifo_put(fifo *to, const uint8_t *bytes, size_t length) {
    if (length > fifo_room(to))
        length = fifo_room(to);
    if (length > 0) {
        memmove(to->bytes, to->bytes + to->start, to->length);
        to->start = 0;
        memcpy(to->bytes + to->length, bytes, length);
        to->length += length;
    }
    return length;
}

static size_t fifo_take(fifo *from, uint8_t *bytes, size_t room) {
    if (room > from->length)
        room = from->length;
    if (room > 0) {
        memcpy(bytes, from->bytes + from->start, room);
        from->start += room;
        from->length -= room;
    }
    return room;
}

/*
 * All that mbedTLS asks for, or nothing, as long as more can arrive. IDF's dynamic buffers lose the part of a record's
 * header that comes alone (port/dynamic/esp_mbedtls_dynamic_impl.c: it is read into a stack variable).
 */
int tls_engine_receive(void *context, unsigned char *bytes, size_t room) {
    tls_engine *engine = context;

    engine->starved = engine->in.length < room && fifo_room(&engine->in) > 0;
    return engine->starved ? MBEDTLS_ERR_SSL_WANT_READ : (int)fifo_take(&engine->in, bytes, room);
}

int tls_engine_send(void *context, const unsigned char *bytes, size_t length) {
    tls_engine *engine = context;
    size_t put = fifo_put(&engine->out, bytes, length);

    engine->starved = put == 0;
    return put > 0 ? (int)put : MBEDTLS_ERR_SSL_WANT_WRITE;
}

/* mbedTLS says WANT_READ also when it has only done with a message (a ticket, a warning). */
static int wait_or_go_on(const tls_engine *engine) {
    return engine->starved ? 0 : 1;
}

/* ---- life ---- */

tls_engine *tls_engine_new(void) {
    tls_engine *engine = mbedtls_calloc(1, sizeof *engine);

    if (!engine)
        return NULL;
    mbedtls_ssl_init(&engine->ssl);
    mbedtls_ssl_config_init(&engine->config);
    mbedtls_x509_crt_init(&engine->authorities);
    mbedtls_x509_crt_init(&engine->chain);
    mbedtls_pk_init(&engine->key);
    mbedtls_md_init(&engine->digest);
    if (tls_random_start(&engine->config) != 0 ||
        mbedtls_md_setup(&engine->digest, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), 0) != 0 ||
        mbedtls_md_starts(&engine->digest) != 0) {
        tls_engine_free(engine);
        return NULL;
    }
    return engine;
}

/* What only a handshake needs. */
static void free_credentials(tls_engine *engine) {
    mbedtls_x509_crt_free(&engine->authorities);
    mbedtls_x509_crt_free(&engine->chain);
    mbedtls_pk_free(&engine->key);
    mbedtls_md_free(&engine->digest);
}

void tls_engine_free(tls_engine *engine) {
    if (!engine)
        return;
    mbedtls_ssl_free(&engine->ssl);
    mbedtls_ssl_config_free(&engine->config);
    free_credentials(engine);
    mbedtls_platform_zeroize(engine, sizeof *engine);
    mbedtls_free(engine);
}

/* ---- ciphertext ---- */

size_t tls_engine_room(const tls_engine *engine) {
    return fifo_room(&engine->in);
}

size_t tls_engine_feed(tls_engine *engine, const uint8_t *ciphertext, size_t length) {
    size_t taken;

    if (engine->state == CONFIGURING || engine->state == ENDED)
        return 0;
    taken = fifo_put(&engine->in, ciphertext, length);
    if (engine->state == HANDSHAKING)
        tls_watch(&engine->watch, ciphertext, taken);
    return taken;
}

size_t tls_engine_outgoing(const tls_engine *engine) {
    return engine->out.length;
}

size_t tls_engine_take(tls_engine *engine, uint8_t *ciphertext, size_t room) {
    return fifo_take(&engine->out, ciphertext, room);
}

/* ---- steps ---- */

static int end(tls_engine *engine, tls_failure failure, int detail) {
    engine->state = ENDED;
    engine->failure = failure;
    engine->detail = detail;
    return -1;
}

static tls_failure handshake_failure(tls_engine *engine, int result, bool reading_certificates) {
    if (result == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED || engine->faults != 0) {
        /* mbedTLS adds what it found after verify(): the key usage. */
        uint32_t flags = mbedtls_ssl_get_verify_result(&engine->ssl);
        return tls_engine_reason(flags == 0xFFFFFFFF ? engine->faults : engine->faults | flags);
    }
    /* A certificate that cannot be read, or more of them than a chain may have: nothing says whose it is. */
    if (reading_certificates && tls_is_of_certificate(result))
        return TLS_UNKNOWN_CA;
    return tls_watch_refused_certificate(&engine->watch) ? TLS_CLIENT_CERTIFICATE_REFUSED : TLS_PROTOCOL;
}

static int handshake_step(tls_engine *engine) {
    bool reading_certificates = tls_reads_certificates(&engine->ssl);
    int result;

    if (engine->watch.plaintext)
        return end(engine, TLS_PLAINTEXT, 0);
    result = mbedtls_ssl_handshake_step(&engine->ssl);
    if (result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE)
        return wait_or_go_on(engine);
    if (result != 0)
        return end(engine, handshake_failure(engine, result, reading_certificates), result);
    if (!tls_is_open(&engine->ssl))
        return 1;
    /* Never open without a verified peer, whatever the library thinks. */
    if (engine->faults != 0 || (engine->verified == 0 && !engine->offered_session))
        return end(engine, tls_engine_reason(engine->faults), 0);
    free_credentials(engine);
    engine->state = OPEN;
    return 1;
}

static int open_step(tls_engine *engine) {
    uint8_t none;
    int result;

    if (mbedtls_ssl_get_bytes_avail(&engine->ssl) > 0)
        return 0;
    /* Reading nothing still opens the next record. */
    result = mbedtls_ssl_read(&engine->ssl, &none, 0);
    if (result == 0) {
        engine->heard = true;
        return 0;
    }
    switch (result) {
    case MBEDTLS_ERR_SSL_WANT_READ:
    case MBEDTLS_ERR_SSL_WANT_WRITE:
        return wait_or_go_on(engine);
#if defined(MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
    case MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET:
        engine->has_ticket = true;
        return 1;
#endif
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
        return end(engine, TLS_CLOSED, result);
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
        /* In TLS 1.3 the server judges our certificate when we are already open: an alert is then its first word. */
        if (tls_is_1_3(&engine->ssl) && !engine->heard && !tls_engine_resumed(engine))
            return end(engine, TLS_CLIENT_CERTIFICATE_REFUSED, result);
        return end(engine, TLS_PROTOCOL, result);
    default:
        return end(engine, TLS_PROTOCOL, result);
    }
}

int tls_engine_step(tls_engine *engine) {
    engine->starved = false;
    switch (engine->state) {
    case HANDSHAKING:
        return handshake_step(engine);
    case OPEN:
        return open_step(engine);
    case CLOSING:
        return 0;
    default:
        return -1;
    }
}

bool tls_engine_is_open(const tls_engine *engine) {
    return engine->state == OPEN;
}

tls_failure tls_engine_failure(const tls_engine *engine) {
    return engine->failure;
}

int tls_engine_detail(const tls_engine *engine) {
    return engine->detail;
}

int64_t tls_engine_valid_from(const tls_engine *engine) {
    return engine->state == OPEN ? engine->valid_from : 0;
}

/* ---- plaintext ---- */

size_t tls_engine_readable(const tls_engine *engine) {
    return engine->state == OPEN ? mbedtls_ssl_get_bytes_avail(&engine->ssl) : 0;
}

size_t tls_engine_read(tls_engine *engine, uint8_t *plaintext, size_t room) {
    int got;

    if (room > tls_engine_readable(engine))
        room = tls_engine_readable(engine);
    if (room == 0)
        return 0;
    got = mbedtls_ssl_read(&engine->ssl, plaintext, room);
    return got > 0 ? (size_t)got : 0;
}

size_t tls_engine_write(tls_engine *engine, const uint8_t *plaintext, size_t length) {
    size_t room = fifo_room(&engine->out);
    int put;

    if (engine->state != OPEN || room <= RECORD_OVERHEAD)
        return 0;
    if (length > room - RECORD_OVERHEAD)
        length = room - RECORD_OVERHEAD;
    if (length == 0)
        return 0;
    put = mbedtls_ssl_write(&engine->ssl, plaintext, length);
    if (put > 0)
        return (size_t)put;
    end(engine, TLS_PROTOCOL, put);
    return 0;
}

void tls_engine_close(tls_engine *engine) {
    if (engine->state != OPEN)
        return;
    mbedtls_ssl_close_notify(&engine->ssl);
    engine->state = CLOSING;
}

/* ---- resumption ---- */

bool tls_engine_resumed(const tls_engine *engine) {
    return engine->offered_session && engine->verified == 0 && engine->state >= OPEN;
}

size_t tls_engine_save_session(tls_engine *engine, uint8_t *session, size_t room) {
    mbedtls_ssl_session current;
    size_t length = 0;

    if (engine->state != OPEN || room <= sizeof engine->session || (tls_is_1_3(&engine->ssl) && !engine->has_ticket))
        return 0;
    mbedtls_ssl_session_init(&current);
    if (mbedtls_ssl_get_session(&engine->ssl, &current) != 0 ||
        mbedtls_ssl_session_save(&current, session + sizeof engine->session, room - sizeof engine->session, &length) != 0)
        length = 0;
    mbedtls_ssl_session_free(&current);
    if (length == 0)
        return 0;
    memcpy(session, &engine->session, sizeof engine->session);
    return sizeof engine->session + length;
}
