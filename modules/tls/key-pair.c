#include "key-pair.h"

#include <string.h>

#include "mbedtls-port.h"

enum { DIGEST = 32 };

/* Of the pair that passed last. */
static struct {
    bool known;
    uint8_t digest[DIGEST];
} proven;

/* The certificate's DER carries its own length: no two pairs have the same bytes. */
static int digest_pair(const mbedtls_x509_crt *certificate, const uint8_t *key_der, size_t key_length,
                       uint8_t digest[DIGEST]) {
    mbedtls_md_context_t hash;
    int result;

    mbedtls_md_init(&hash);
    result = mbedtls_md_setup(&hash, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), 0);
    if (result == 0)
        result = mbedtls_md_starts(&hash);
    if (result == 0)
        result = mbedtls_md_update(&hash, certificate->raw.p, certificate->raw.len);
    if (result == 0)
        result = mbedtls_md_update(&hash, key_der, key_length);
    if (result == 0)
        result = mbedtls_md_finish(&hash, digest);
    mbedtls_md_free(&hash);
    return result;
}

int tls_check_pair(const mbedtls_x509_crt *certificate, const mbedtls_pk_context *key, const uint8_t *key_der,
                   size_t key_length) {
    uint8_t digest[DIGEST];
    int result = digest_pair(certificate, key_der, key_length, digest);

    if (result != 0 || (proven.known && memcmp(proven.digest, digest, DIGEST) == 0))
        return result;
    result = mbedtls_pk_check_pair(&certificate->pk, key);
    if (result == 0) {
        memcpy(proven.digest, digest, DIGEST);
        proven.known = true;
    }
    return result;
}
