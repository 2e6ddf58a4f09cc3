#pragma once
/*
 * The mbedTLS that we build against: 2.28 (Debian, for the simulator on Linux) and 4.x (ESP-IDF 6). Everything
 * that differs between them is in this file.
 */
#include <mbedtls/md.h>
#include <mbedtls/platform.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>
#include <stdbool.h>

#if MBEDTLS_VERSION_NUMBER < 0x021C0000 || (MBEDTLS_VERSION_NUMBER >= 0x03000000 && MBEDTLS_VERSION_NUMBER < 0x04000000)
#error "mbedTLS 2.28 or 4.x is needed"
#endif
#if !defined(MBEDTLS_HAVE_TIME_DATE)
#error "MBEDTLS_HAVE_TIME_DATE is off: expired certificates would be accepted (CONFIG_MBEDTLS_HAVE_TIME_DATE=y)"
#endif

#if MBEDTLS_VERSION_NUMBER >= 0x04000000

#include <psa/crypto.h>

typedef struct {
    char unused;
} tls_random;

static inline void tls_random_init(tls_random *random) {
    (void)random;
}

static inline int tls_random_start(tls_random *random, mbedtls_ssl_config *config) {
    (void)random;
    (void)config;
    return psa_crypto_init() == PSA_SUCCESS ? 0 : MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

static inline void tls_random_free(tls_random *random) {
    (void)random;
}

static inline void tls_limit_versions(mbedtls_ssl_config *config) {
    mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
}

static inline bool tls_is_1_3(const mbedtls_ssl_context *ssl) {
    return mbedtls_ssl_get_version_number(ssl) == MBEDTLS_SSL_VERSION_TLS1_3;
}

static inline bool tls_is_open(mbedtls_ssl_context *ssl) {
    return mbedtls_ssl_is_handshake_over(ssl);
}

#else

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>

/* Of each engine its own: nothing is shared, nothing is left behind. */
typedef struct {
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context generator;
} tls_random;

static inline void tls_random_init(tls_random *random) {
    mbedtls_entropy_init(&random->entropy);
    mbedtls_ctr_drbg_init(&random->generator);
}

static inline int tls_random_start(tls_random *random, mbedtls_ssl_config *config) {
    mbedtls_ssl_conf_rng(config, mbedtls_ctr_drbg_random, &random->generator);
    return mbedtls_ctr_drbg_seed(&random->generator, mbedtls_entropy_func, &random->entropy, NULL, 0);
}

static inline void tls_random_free(tls_random *random) {
    mbedtls_ctr_drbg_free(&random->generator);
    mbedtls_entropy_free(&random->entropy);
}

/* 2.28 would still take SHA-1 in signatures of the handshake and TLS 1.0; 4.x does not know them any more. */
static inline void tls_limit_versions(mbedtls_ssl_config *config) {
    static const int hashes[] = {MBEDTLS_MD_SHA256, MBEDTLS_MD_SHA384, MBEDTLS_MD_SHA512, MBEDTLS_MD_NONE};
    static const mbedtls_ecp_group_id curves[] = {
        MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_ECP_DP_CURVE25519, MBEDTLS_ECP_DP_SECP384R1, MBEDTLS_ECP_DP_SECP521R1,
        MBEDTLS_ECP_DP_NONE};
    mbedtls_ssl_conf_min_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
    mbedtls_ssl_conf_sig_hashes(config, hashes);
    mbedtls_ssl_conf_curves(config, curves);
}

static inline bool tls_is_1_3(const mbedtls_ssl_context *ssl) {
    (void)ssl;
    return false;
}

static inline bool tls_is_open(mbedtls_ssl_context *ssl) {
    return ssl->state == MBEDTLS_SSL_HANDSHAKE_OVER;
}

#endif
