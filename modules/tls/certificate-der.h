#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* DER as certificates have it, read in bounds. What is not whole is refused, never read past. */

enum {
    TAG_BOOLEAN = 0x01,
    TAG_BIT_STRING = 0x03,
    TAG_OCTET_STRING = 0x04,
    TAG_OBJECT_IDENTIFIER = 0x06,
    TAG_SEQUENCE = 0x30,
    TAG_DNS_NAME = 0x82,   /* GeneralName [2], RFC 5280, 4.2.1.6 */
    TAG_IP_ADDRESS = 0x87, /* GeneralName [7] */
};

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
} tls_bytes;

size_t tls_length_of(tls_bytes of);
bool tls_equals(tls_bytes of, const uint8_t *other, size_t length);
/* ASCII letters count without regard to case. */
bool tls_same_letters(const uint8_t *a, const uint8_t *b, size_t length);

/* Takes the next value from `in`; false at the end and at anything that is not DER. */
bool tls_take(tls_bytes *in, uint8_t *tag, tls_bytes *content);
bool tls_take_tagged(tls_bytes *in, uint8_t expected, tls_bytes *content);
/* The only value in `in`. */
bool tls_take_only(tls_bytes in, uint8_t expected, tls_bytes *content);

typedef enum { TLS_ABSENT, TLS_FOUND, TLS_MALFORMED } tls_finding;

/* The value of an extension. `extensions`: DER of Extensions, or of length 0; all of them must parse. */
tls_finding tls_find_extension(tls_bytes extensions, const uint8_t *oid, size_t oid_length, tls_bytes *value);

/* The list of the subjectAltName, empty when there is none. False: it does not parse, or an iPAddress is neither. */
bool tls_names_of(tls_bytes extensions, tls_bytes *names);
