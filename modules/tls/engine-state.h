#pragma once
#include "certificate-der.h"
#include "engine.h"
#include "mbedtls-port.h"
#include "wire-watch.h"

/* What the files of the engine share; nobody else includes it. */

enum {
    HOST_MAX = 253,
    ALPN_MAX = 64,
    BUFFER = 2048,
    BINDING = 32,
    /* mbedTLS builds no longer chains (MBEDTLS_X509_MAX_INTERMEDIATE_CA), anchor included. */
    AUTHORITIES_MAX = 9,
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

/* mbedTLS's ways in and out: what was fed, and what is to be taken. */
int tls_engine_receive(void *engine, unsigned char *bytes, size_t room);
int tls_engine_send(void *engine, const unsigned char *bytes, size_t length);

/* Called by mbedTLS for each certificate of the chain that it built, the anchor first, the peer's own last. */
int tls_engine_verify(void *engine, mbedtls_x509_crt *certificate, int depth, uint32_t *flags);
/* Of mbedTLS's flags, the reason that counts. */
tls_failure tls_engine_reason(uint32_t faults);
