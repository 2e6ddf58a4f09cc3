/*
 * What the engine says of certificates, without a connection. Each line of the standard input is a trial:
 *
 *   HOST ANCHOR,ANCHOR,... CERTIFICATE,CERTIFICATE,...
 *
 * certificates in hexadecimal DER, as a server sends them, its own first. Prints the reason, a line each: "accepted",
 * "unusable" (an anchor is not taken) or what is wrong. `own CERTIFICATE,... KEY`: are these credentials taken?
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mbedtls/version.h>
#if MBEDTLS_VERSION_NUMBER < 0x04000000
#include <mbedtls/oid.h>
#endif

#include "../../modules/tls/certificate-rules.h"
/* The engine's own file, for its struct and its static parts. */
#include "../../modules/tls/engine.c"

static const char *const WORDS[] = {
    "accepted", "unknown-ca", "expired", "not-yet-valid", "wrong-name", "wrong-usage", "weak-certificate",
};

static int digit(char letter) {
    return letter <= '9' ? letter - '0' : letter - 'a' + 10;
}

/* The next of a list of certificates; NULL at its end. The caller frees it. */
static uint8_t *next_der(char **list, size_t *length) {
    char *text = strsep(list, ",");
    uint8_t *der;

    if (!text || !*text)
        return NULL;
    *length = strlen(text) / 2;
    der = malloc(*length ? *length : 1);
    for (size_t i = 0; i < *length; i++)
        der[i] = (uint8_t)(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
    return der;
}

static bool add_all(tls_engine *engine, char *list, bool (*add)(tls_engine *, const uint8_t *, size_t)) {
    uint8_t *der;
    size_t length;
    bool taken = true;

    while (taken && (der = next_der(&list, &length)) != NULL) {
        taken = add(engine, der, length);
        free(der);
    }
    return taken;
}

/* What mbedTLS says of a signature of a kind that it does not know. */
#if MBEDTLS_VERSION_NUMBER >= 0x04000000
#define PASSED_OVER MBEDTLS_ERR_X509_UNKNOWN_OID
#else
#define PASSED_OVER (MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG + MBEDTLS_ERR_OID_NOT_FOUND)
#endif

/* As mbedTLS reads a server's Certificate message (ssl_parse_certificate_chain). */
static bool read_sent(mbedtls_x509_crt *chain, char *list) {
    uint8_t *der;
    size_t length;

    while ((der = next_der(&list, &length)) != NULL) {
        int result = mbedtls_x509_crt_parse_der(chain, der, length);
        free(der);
        if (result != 0 && result != PASSED_OVER)
            return false;
    }
    return true;
}

static tls_failure judge(tls_engine *engine, char *sent) {
    mbedtls_x509_crt chain;
    uint32_t flags = 0;
    int result;

    mbedtls_x509_crt_init(&chain);
    if (!read_sent(&chain, sent)) {
        mbedtls_x509_crt_free(&chain);
        return TLS_UNKNOWN_CA;
    }
    result = mbedtls_x509_crt_verify_with_profile(&chain, &engine->authorities, NULL, &TLS_STRENGTH, NULL, &flags, tls_engine_verify,
                                                  engine);
    if (mbedtls_x509_crt_check_key_usage(&chain, MBEDTLS_X509_KU_DIGITAL_SIGNATURE) != 0)
        engine->faults |= MBEDTLS_X509_BADCERT_KEY_USAGE;
    mbedtls_x509_crt_free(&chain);
    if (result != 0 && result != MBEDTLS_ERR_X509_CERT_VERIFY_FAILED)
        return TLS_UNKNOWN_CA;
    return engine->faults == 0 ? TLS_NO_FAILURE : tls_engine_reason(engine->faults);
}

static bool takes_own(tls_engine *engine, char *certificates, char *key) {
    size_t length;
    uint8_t *der;
    bool taken;

    if (!add_all(engine, certificates, tls_engine_add_certificate))
        return false;
    der = next_der(&key, &length);
    taken = der && tls_engine_set_key(engine, der, length);
    free(der);
    return taken;
}

int main(void) {
    char *line = NULL;
    size_t room = 0;

    while (getline(&line, &room, stdin) > 0) {
        char *rest = line, *host = strsep(&rest, " "), *anchors = strsep(&rest, " "), *sent = strsep(&rest, "\n");
        tls_engine *engine = tls_engine_new();

        if (!engine || !sent)
            return 2;
        if (strcmp(host, "own") == 0)
            puts(takes_own(engine, anchors, sent) ? "accepted" : "unusable");
        else if (!add_all(engine, anchors, tls_engine_add_authority) || !tls_engine_start(engine, host, NULL, 0))
            puts("unusable");
        else
            puts(WORDS[judge(engine, sent)]);
        fflush(stdout);
        tls_engine_free(engine);
    }
    free(line);
    return 0;
}
