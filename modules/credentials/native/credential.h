#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The device's own key and certificate: a new P-256 key, the request for its certificate (PKCS#10, RFC 2986), and the
 * judgement of what comes for an answer. Keys and signatures by PSA, certificates by mbedtls/x509, which 2.28 and 4.x
 * both have. Whatever is passed is refused where it is not what it should be, never read past. Not for two tasks at once.
 */
enum {
    /* PKCS#8 (RFC 5208, RFC 5915) with the public key: always as long. */
    CREDENTIAL_KEY = 138,
    /* What a request may take as base64url in a message of 2,048 bytes. */
    CREDENTIAL_REQUEST_MAX = 1400,
};

/* In this order: the first that holds is the reason. */
typedef enum {
    CREDENTIAL_GOOD,
    CREDENTIAL_UNREADABLE,
    CREDENTIAL_TOO_LONG, /* for the record of TLS that carries it */
    CREDENTIAL_WRONG_KEY,
    CREDENTIAL_WRONG_NAME,
    CREDENTIAL_WRONG_USAGE,
    CREDENTIAL_UNKNOWN_AUTHORITY,
    CREDENTIAL_EXPIRED,
    CREDENTIAL_NOT_YET_VALID,
    CREDENTIAL_WEAK,
    CREDENTIAL_NO_MEMORY,
} credential_fault;

typedef struct {
    const uint8_t *bytes;
    size_t length;
} credential_bytes;

/* False: there is no memory or no entropy. */
bool credential_new_key(uint8_t key[CREDENTIAL_KEY]);

/*
 * A request for `key` in the name (subject) of `certificate`, signed by the key. Its length; 0: the key is not one of
 * `credential_new_key`, the certificate cannot be read, its name is too long, or memory is short.
 */
size_t credential_request(credential_bytes key, credential_bytes certificate, uint8_t request[CREDENTIAL_REQUEST_MAX]);

/*
 * Whether `chain` (DER, leaf first, one behind the other) may stand in the place of `present`. It must be for `key` and for
 * the name of the present leaf, allow a TLS client, and end at a known authority: one of `authorities`, or one of the
 * chain itself that has signed a certificate of `present`. `dated`: the clock is good enough to judge validity.
 */
credential_fault credential_judge(credential_bytes key, credential_bytes chain, credential_bytes authorities,
                                  credential_bytes present, bool dated);

/* Since when and until when, Unix seconds. False: it cannot be read, or a date is none. */
bool credential_dates(credential_bytes certificate, int64_t dates[2]);
