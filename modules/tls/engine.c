#include "engine.h"

#include <string.h>

#include "certificate-rules.h"
#include "key-pair.h"
#include "mbedtls-port.h"
#include "name-constraints.h"
#include "peer-certificate.h"
#include "wire-watch.h"

enum {
    HOST_MAX = 253,
    ALPN_MAX = 64,
    BUFFER = 2048,
    /* A record of TLS 1.2 or 1.3 with an AEAD suite is at most so much longer than what it carries. */
    RECORD_OVERHEAD = 40,
    BINDING = 32,
    /* mbedTLS builds no longer chains (MBEDTLS_X509_MAX_INTERMEDIATE_CA), anchor included. */
    AUTHORITIES_MAX = 9,
    /* What a device's record holds (sdkconfig: MBEDTLS_SSL_OUT_CONTENT_LEN); a simulator must not take more. */
    OWN_CHAIN_MAX = 4096,
    /* Of the Certificate message, and of each certificate in it (RFC 8446, 4.4.2; in TLS 1.2 less). */
    MESSAGE_OVERHEAD = 8,
    ENTRY_OVERHEAD = 5,
};

typedef struct {
    size_t start;
    size_t length;
    uint8_t bytes[BUFFER];
} fifo;

typedef enum { CONFIGURING, HANDSHAKING, OPEN, CLOSING, ENDED } engine_state;

/* Before mbedTLS's own form of a session: to whom and until when it may be used. */
typedef struct {
    uint8_t binding[BINDING];
    mbedtls_x509_time expires;
} session_header;

struct tls_engine {
    engine_state state;
    tls_failure failure;
    int detail;
    char host[HOST_MAX + 1];
    char alpn[ALPN_MAX + 1];
    const char *protocols[2]; /* mbedTLS keeps the list, not a copy */
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config config;
    mbedtls_x509_crt authorities;
    mbedtls_x509_crt chain;
    size_t chain_length; /* as the message that carries it */
    mbedtls_pk_context key;
    mbedtls_md_context_t digest; /* of everything that a verification depends on */
    session_header session;
    bool offered_session;
    bool has_ticket;
    bool heard;
    bool starved; /* the last step asked for ciphertext that was not there, or for room that was not there */
    int verified; /* certificates seen by verify() */
    int64_t valid_from; /* of the peer's own */
    tls_bytes above[AUTHORITIES_MAX]; /* extensions of the authorities among them, as long as verification lasts */
    uint32_t faults;
    tls_wire_watch watch;
    fifo in;
    fifo out;
};

static const int SUITES[] = {
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
#endif
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    0,
};

/* mbedTLS's flags by our reasons, in the order in which they count. */
static const struct {
    uint32_t flags;
    tls_failure failure;
} REASONS[] = {
    {MBEDTLS_X509_BADCERT_EXPIRED, TLS_EXPIRED},
    {MBEDTLS_X509_BADCERT_FUTURE, TLS_NOT_YET_VALID},
    {MBEDTLS_X509_BADCERT_CN_MISMATCH, TLS_WRONG_NAME},
    {MBEDTLS_X509_BADCERT_EXT_KEY_USAGE | MBEDTLS_X509_BADCERT_KEY_USAGE, TLS_WRONG_USAGE},
    {MBEDTLS_X509_BADCERT_BAD_MD | MBEDTLS_X509_BADCERT_BAD_PK | MBEDTLS_X509_BADCERT_BAD_KEY, TLS_WEAK_CERTIFICATE},
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
static int receive(void *context, unsigned char *bytes, size_t room) {
    tls_engine *engine = context;

    engine->starved = engine->in.length < room && fifo_room(&engine->in) > 0;
    return engine->starved ? MBEDTLS_ERR_SSL_WANT_READ : (int)fifo_take(&engine->in, bytes, room);
}

static int send(void *context, const unsigned char *bytes, size_t length) {
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

/* ---- what to trust and to show ---- */

/* The length goes first: no two lists of certificates have the same digest. */
static bool bind(tls_engine *engine, const void *bytes, size_t length) {
    uint32_t prefix = (uint32_t)length;

    return mbedtls_md_update(&engine->digest, (const uint8_t *)&prefix, sizeof prefix) == 0 &&
           mbedtls_md_update(&engine->digest, bytes, length) == 0;
}

/* verify() judges name constraints; whatever else is critical and unknown to mbedTLS is refused. */
static int take_extension(void *context, mbedtls_x509_crt const *certificate, mbedtls_x509_buf const *oid,
                          int critical, const unsigned char *value, const unsigned char *end) {
    (void)context;
    (void)certificate;
    (void)critical;
    (void)value;
    (void)end;
    return tls_is_name_constraints(oid->p, oid->len) ? 0 : MBEDTLS_ERR_X509_INVALID_EXTENSIONS;
}

bool tls_engine_add_authority(tls_engine *engine, const uint8_t *der, size_t length) {
    if (engine->state != CONFIGURING)
        return false;
    engine->detail =
        mbedtls_x509_crt_parse_der_with_ext_cb(&engine->authorities, der, length, 1, take_extension, NULL);
    return engine->detail == 0 && bind(engine, der, length);
}

bool tls_engine_add_certificate(tls_engine *engine, const uint8_t *der, size_t length) {
    if (engine->state != CONFIGURING || length > OWN_CHAIN_MAX)
        return false;
    engine->chain_length += ENTRY_OVERHEAD + length;
    if (MESSAGE_OVERHEAD + engine->chain_length > OWN_CHAIN_MAX)
        return false;
    engine->detail = mbedtls_x509_crt_parse_der(&engine->chain, der, length);
    return engine->detail == 0 && bind(engine, "chain", 5) && bind(engine, der, length);
}

bool tls_engine_set_key(tls_engine *engine, const uint8_t *der, size_t length) {
    /* Anything but DER (a PEM text, say) begins otherwise. */
    if (engine->state != CONFIGURING || length == 0 || der[0] != 0x30)
        return false;
    engine->detail = mbedtls_pk_parse_key(&engine->key, der, length, NULL, 0);
    if (engine->detail != 0 || engine->chain.raw.len == 0)
        return false;
    /* The key itself is bound by its certificate. */
    engine->detail = tls_check_pair(&engine->chain, &engine->key, der, length);
    return engine->detail == 0;
}

/* ---- verification ---- */

static bool is_earlier(const mbedtls_x509_time *a, const mbedtls_x509_time *b) {
    const int left[] = {a->year, a->mon, a->day, a->hour, a->min, a->sec};
    const int right[] = {b->year, b->mon, b->day, b->hour, b->min, b->sec};

    for (size_t i = 0; i < sizeof left / sizeof left[0]; i++)
        if (left[i] != right[i])
            return left[i] < right[i];
    return false;
}

/* What mbedTLS leaves unread of an authority's extensions; its name constraints wait for the server's names. */
static uint32_t judge_authority(tls_engine *engine, tls_bytes extensions) {
    int place = engine->verified - 1;

    if (place >= AUTHORITIES_MAX)
        return MBEDTLS_X509_BADCERT_NOT_TRUSTED;
    engine->above[place] = extensions;
    return tls_may_serve(extensions, TLS_AUTHORITY) ? 0 : MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
}

static uint32_t judge_server(const tls_engine *engine, tls_bytes extensions) {
    uint32_t faults = 0;
    int authorities = engine->verified - 1;

    /* One that is itself the anchor: mbedTLS would trust it. */
    if (authorities == 0)
        faults |= MBEDTLS_X509_BADCERT_NOT_TRUSTED;
    for (int i = 0; i < authorities && i < AUTHORITIES_MAX; i++)
        if (!tls_permits_names(engine->above[i], extensions, engine->host))
            faults |= MBEDTLS_X509_BADCERT_NOT_TRUSTED;
    if (!tls_names_host(extensions, engine->host))
        faults |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
    if (!tls_may_serve(extensions, TLS_SERVER))
        faults |= MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
    return faults;
}

/* Called by mbedTLS for each certificate of the chain that it built, the anchor first, the peer's own last. */
static int verify(void *context, mbedtls_x509_crt *certificate, int depth, uint32_t *flags) {
    tls_engine *engine = context;
    tls_bytes extensions = {certificate->v3_ext.p, certificate->v3_ext.p + certificate->v3_ext.len};

    if (engine->verified++ == 0 || is_earlier(&certificate->valid_to, &engine->session.expires))
        engine->session.expires = certificate->valid_to;
    if (depth == 0)
        engine->valid_from = tls_unix_seconds(&certificate->valid_from);
    *flags &= ~(uint32_t)MBEDTLS_X509_BADCERT_CN_MISMATCH;
    *flags |= depth > 0 ? judge_authority(engine, extensions) : judge_server(engine, extensions);
    if (!tls_reads_names(extensions))
        *flags |= MBEDTLS_X509_BADCERT_NOT_TRUSTED;
    engine->faults |= *flags;
    return 0;
}

static tls_failure reason_of(uint32_t faults) {
    uint32_t known = 0;

    for (size_t i = 0; i < sizeof REASONS / sizeof REASONS[0]; i++)
        known |= REASONS[i].flags;
    if (faults & ~known)
        return TLS_UNKNOWN_CA;
    for (size_t i = 0; i < sizeof REASONS / sizeof REASONS[0]; i++)
        if (faults & REASONS[i].flags)
            return REASONS[i].failure;
    return TLS_PROTOCOL;
}

/* ---- start ---- */

bool tls_engine_set_alpn(tls_engine *engine, const char *protocol) {
    size_t length = strlen(protocol);

    if (engine->state != CONFIGURING || length == 0 || length > ALPN_MAX)
        return false;
    memcpy(engine->alpn, protocol, length + 1);
    engine->protocols[0] = engine->alpn;
    return true;
}

/* An old session that no longer fits is no fault: the handshake is then a full one. */
static bool offer_session(tls_engine *engine, const uint8_t *session, size_t length) {
    session_header header;
    mbedtls_ssl_session saved;
    bool taken;

    if (length <= sizeof header)
        return false;
    memcpy(&header, session, sizeof header);
    if (memcmp(header.binding, engine->session.binding, BINDING) != 0 || mbedtls_x509_time_is_past(&header.expires))
        return false;
    mbedtls_ssl_session_init(&saved);
    taken = mbedtls_ssl_session_load(&saved, session + sizeof header, length - sizeof header) == 0 &&
            mbedtls_ssl_set_session(&engine->ssl, &saved) == 0;
    mbedtls_ssl_session_free(&saved);
    if (taken)
        engine->session.expires = header.expires;
    return taken;
}

bool tls_engine_start(tls_engine *engine, const char *host, const uint8_t *session, size_t session_length) {
    uint8_t address[4];
    size_t length = strlen(host);
    mbedtls_ssl_config *config = &engine->config;

    if (engine->state != CONFIGURING || length == 0 || length > HOST_MAX || engine->authorities.raw.len == 0)
        return false;
    memcpy(engine->host, host, length + 1);
    if (!bind(engine, host, length) || mbedtls_md_finish(&engine->digest, engine->session.binding) != 0)
        return false;
    engine->detail = mbedtls_ssl_config_defaults(config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                                 MBEDTLS_SSL_PRESET_DEFAULT);
    if (engine->detail != 0)
        return false;
    tls_limit_versions(config);
    mbedtls_ssl_conf_ciphersuites(config, SUITES);
    mbedtls_ssl_conf_cert_profile(config, &TLS_STRENGTH);
    mbedtls_ssl_conf_authmode(config, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_ca_chain(config, &engine->authorities, NULL);
    mbedtls_ssl_conf_verify(config, verify, engine);
    if (engine->chain.raw.len > 0)
        engine->detail = mbedtls_ssl_conf_own_cert(config, &engine->chain, &engine->key);
    if (engine->detail == 0 && engine->protocols[0])
        engine->detail = mbedtls_ssl_conf_alpn_protocols(config, engine->protocols);
    if (engine->detail == 0)
        engine->detail = mbedtls_ssl_setup(&engine->ssl, config);
    /* The name goes to the server (SNI, RFC 6066: never an address); its check is verify()'s. */
    if (engine->detail == 0)
        engine->detail = mbedtls_ssl_set_hostname(&engine->ssl, tls_parse_ipv4(host, address) ? NULL : host);
    if (engine->detail != 0)
        return false;
    mbedtls_ssl_set_bio(&engine->ssl, engine, send, receive, NULL);
    engine->offered_session = session && offer_session(engine, session, session_length);
    engine->state = HANDSHAKING;
    return true;
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
        return reason_of(flags == 0xFFFFFFFF ? engine->faults : engine->faults | flags);
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
        return end(engine, reason_of(engine->faults), 0);
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

int64_t tls_engine_trusted_until(const tls_engine *engine) {
    int64_t latest = 0;

    for (const mbedtls_x509_crt *each = &engine->authorities; each && each->raw.len > 0; each = each->next) {
        int64_t until = tls_unix_seconds(&each->valid_to);
        if (until > latest)
            latest = until;
    }
    return latest;
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
