#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One TLS client connection on mbedTLS, without a socket: ciphertext in and out, plaintext in and out.
 *
 * Order of calls: new, then add_authority (1 or more), add_certificate (leaf first), set_key and set_alpn, then start; then
 * feed, step, take, read and write as they fit; free at any time.
 *
 * - `step` does one step of the handshake (at most a few hundred milliseconds on an ESP32), or looks at the next
 *   record once open. It returns more than 0 when there is more to do at once, 0 when it waits for bytes, for
 *   room in the outgoing buffer or for the reader, and less than 0 once the connection has ended.
 * - `tls_failure` is then the reason. The first fault of the peer's certificate counts, in the order below.
 *   Nothing is open before the peer is verified; there is no way to switch that off.
 * - Whoever calls with a closed or ended engine gets 0 or false, never a crash. Buffers are copied.
 * - Every allocation is freed by `free`; CA, own chain and key already when the connection opens.
 * - TLS 1.2 or newer, forward secrecy and AEAD only. The wall clock is the C library's `time`.
 */
typedef struct tls_engine tls_engine;

typedef enum {
    TLS_NO_FAILURE,
    TLS_UNKNOWN_CA,
    TLS_EXPIRED,
    TLS_NOT_YET_VALID,
    TLS_WRONG_NAME,
    TLS_WRONG_USAGE,
    TLS_WEAK_CERTIFICATE,
    TLS_CLIENT_CERTIFICATE_REFUSED,
    TLS_PROTOCOL,
    TLS_PLAINTEXT,
    TLS_CLOSED, /* the peer closed in order */
} tls_failure;

/* NULL when memory is short. */
tls_engine *tls_engine_new(void);
void tls_engine_free(tls_engine *engine);

/*
 * DER. False: it does not parse, or memory is short; also for a chain of our own that is longer than a device can send.
 * An authority may have critical name constraints, which are obeyed.
 */
bool tls_engine_add_authority(tls_engine *engine, const uint8_t *der, size_t length);
bool tls_engine_add_certificate(tls_engine *engine, const uint8_t *der, size_t length);
/*
 * PKCS#8 DER, not encrypted. False also when it is not the key of the first certificate, which is proven when the two
 * come for the first time or anew in place of others (key-pair.h).
 */
bool tls_engine_set_key(tls_engine *engine, const uint8_t *der, size_t length);

/*
 * The one protocol that is offered by ALPN (RFC 7301). A server that knows no ALPN goes on without; one that knows it and
 * not this protocol refuses (TLS_PROTOCOL), and one that picks another is refused. False: too long, or too late.
 */
bool tls_engine_set_alpn(tls_engine *engine, const char *protocol);

/*
 * `host`: a DNS name or an IPv4 literal, which the peer's certificate must name. `session`: of an earlier
 * connection, or NULL. It is used only with the same host, authorities, chain and key, and while every certificate
 * that was verified then is valid; else it is ignored. False: no authority, a bad host, or memory is short.
 */
bool tls_engine_start(tls_engine *engine, const char *host, const uint8_t *session, size_t session_length);

/* Ciphertext from the peer: how much fits now, and giving it; returns how much was taken. */
size_t tls_engine_room(const tls_engine *engine);
size_t tls_engine_feed(tls_engine *engine, const uint8_t *ciphertext, size_t length);
/* Ciphertext for the peer: how much waits, and taking it. */
size_t tls_engine_outgoing(const tls_engine *engine);
size_t tls_engine_take(tls_engine *engine, uint8_t *ciphertext, size_t room);

int tls_engine_step(tls_engine *engine);
bool tls_engine_is_open(const tls_engine *engine);
tls_failure tls_engine_failure(const tls_engine *engine);
/* mbedTLS's own number of the fault, for a log; 0 when it had none. */
int tls_engine_detail(const tls_engine *engine);

/*
 * Unix seconds. Since when the peer's certificate is valid, once it was verified in this handshake; until when the last
 * of the authorities is. 0: there is none, or its date is none of a calendar.
 */
int64_t tls_engine_valid_from(const tls_engine *engine);
int64_t tls_engine_trusted_until(const tls_engine *engine);

/* Plaintext: how much can be read now, and reading it. */
size_t tls_engine_readable(const tls_engine *engine);
size_t tls_engine_read(tls_engine *engine, uint8_t *plaintext, size_t room);
/* Encrypts as much as fits the outgoing buffer in one record; returns how much that was. */
size_t tls_engine_write(tls_engine *engine, const uint8_t *plaintext, size_t length);
/* Puts close_notify into the outgoing buffer; nothing can be written after it. */
void tls_engine_close(tls_engine *engine);

/* Did the handshake resume `session`: no certificate verified, no signature made? */
bool tls_engine_resumed(const tls_engine *engine);
/* What a later connection may resume; returns its length, 0 when there is none or `room` is too small. It is secret. */
size_t tls_engine_save_session(tls_engine *engine, uint8_t *session, size_t room);
