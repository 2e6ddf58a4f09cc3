#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads the records that the peer sends in clear during a handshake, for what mbedTLS does not tell: whether the
 * peer speaks TLS at all, and which alert it sent. (A record's buffer may be gone when mbedTLS returns: IDF frees
 * it with dynamic buffers on.)
 */
typedef struct {
    uint8_t header[5];
    uint8_t header_length;
    uint8_t alert[2];
    uint16_t body_length;
    uint16_t body_seen;
    bool over;      /* the rest is encrypted, or not TLS */
    bool begun;     /* a handshake message came */
    bool plaintext; /* the first byte was not TLS */
    bool alerted;
} tls_wire_watch;

void tls_watch(tls_wire_watch *watch, const uint8_t *bytes, size_t length);

/*
 * Was the alert about the certificate that we showed or did not show? In TLS 1.2 a server that got none says
 * handshake_failure (RFC 5246, 7.4.6); before its first handshake message the same alert means no common suite.
 */
bool tls_watch_refused_certificate(const tls_wire_watch *watch);
