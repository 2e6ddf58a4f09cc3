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

static inline bool tls_is_of_memory(int result) {
    return result == PSA_ERROR_INSUFFICIENT_MEMORY;
}

static inline int tls_random_start(mbedtls_ssl_config *config) {
    (void)config;
    return psa_crypto_init() == PSA_SUCCESS ? 0 : MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

/* By default 4.x would offer brainpool curves, which no certificate of ours may have. */
static inline void tls_limit_versions(mbedtls_ssl_config *config) {
    static const uint16_t groups[] = {MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1, MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
                                      MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1, MBEDTLS_SSL_IANA_TLS_GROUP_SECP521R1,
                                      MBEDTLS_SSL_IANA_TLS_GROUP_NONE};
    static const uint16_t signatures[] = {
        MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256, MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,
        MBEDTLS_TLS1_3_SIG_ECDSA_SECP521R1_SHA512, MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA256,
        MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA384,    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA512,
        MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,       MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384,
        MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA512,       MBEDTLS_TLS1_3_SIG_NONE};

    mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
    mbedtls_ssl_conf_groups(config, groups);
    mbedtls_ssl_conf_sig_algs(config, signatures);
}

static inline bool tls_is_1_3(const mbedtls_ssl_context *ssl) {
    return mbedtls_ssl_get_version_number(ssl) == MBEDTLS_SSL_VERSION_TLS1_3;
}

static inline bool tls_is_open(mbedtls_ssl_context *ssl) {
    return mbedtls_ssl_is_handshake_over(ssl);
}

#else

#include <mbedtls/asn1.h>
#include <mbedtls/bignum.h>
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/ecp.h>
#include <mbedtls/entropy.h>
#include <mbedtls/pk.h>

#if !defined(MBEDTLS_PRIVATE)
#define MBEDTLS_PRIVATE(member) member
#endif

/* A high code may carry a low one. */
static inline bool tls_is_of_memory(int result) {
    int high = -(-result & 0x7F80), low = -(-result & 0x7F);

    return high == MBEDTLS_ERR_X509_ALLOC_FAILED || high == MBEDTLS_ERR_PK_ALLOC_FAILED ||
           high == MBEDTLS_ERR_ECP_ALLOC_FAILED || low == MBEDTLS_ERR_ASN1_ALLOC_FAILED ||
           low == MBEDTLS_ERR_MPI_ALLOC_FAILED;
}

/*
 * One generator for all connections, as PSA has one in 4.x: to gather entropy is dearer than the rest of a resumed
 * handshake. It allocates nothing, and seeds itself anew by its own interval. Not for two tasks at once.
 */
static inline int tls_random_start(mbedtls_ssl_config *config) {
    static mbedtls_entropy_context entropy;
    static mbedtls_ctr_drbg_context generator;
    static bool seeded;
    int result = 0;

    if (!seeded) {
        mbedtls_entropy_init(&entropy);
        mbedtls_ctr_drbg_init(&generator);
        result = mbedtls_ctr_drbg_seed(&generator, mbedtls_entropy_func, &entropy, NULL, 0);
        seeded = result == 0;
        if (!seeded) {
            mbedtls_ctr_drbg_free(&generator);
            mbedtls_entropy_free(&entropy);
        }
    }
    mbedtls_ssl_conf_rng(config, mbedtls_ctr_drbg_random, &generator);
    return result;
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

/* Is the peer's Certificate message what the next step of the handshake reads? */
static inline bool tls_reads_certificates(const mbedtls_ssl_context *ssl) {
    return ssl->MBEDTLS_PRIVATE(state) == MBEDTLS_SSL_SERVER_CERTIFICATE;
}

/* Is a fault of that step one of the certificates, rather than of the message (the SSL module's) or of memory? */
static inline bool tls_is_of_certificate(int result) {
    enum { SSL_MODULE = 0x5D80 };
    return -result < SSL_MODULE && !tls_is_of_memory(result);
}
