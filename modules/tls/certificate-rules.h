#pragma once
/* What the peer's certificates and our own have in common: how strong they must be, and how their dates are read. */
#include <mbedtls/x509_crt.h>
#include <stdint.h>

/* SHA-2 signatures, NIST curves, RSA from 2048 bits. */
static const mbedtls_x509_crt_profile TLS_STRENGTH = {
    .allowed_mds = MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA256) | MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA384) |
                   MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA512),
    .allowed_pks = 0xFFFFFFF,
    .allowed_curves = MBEDTLS_X509_ID_FLAG(MBEDTLS_ECP_DP_SECP256R1) |
                      MBEDTLS_X509_ID_FLAG(MBEDTLS_ECP_DP_SECP384R1) |
                      MBEDTLS_X509_ID_FLAG(MBEDTLS_ECP_DP_SECP521R1),
    .rsa_min_bitlen = 2048,
};

/* Unix seconds of a certificate's date, which is UTC; 0 for a month or day that is none, which a parser may let pass. */
static inline int64_t tls_unix_seconds(const mbedtls_x509_time *at) {
    static const uint16_t days_before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int64_t years = at->year - (at->mon < 3);
    int64_t days;

    if (at->year < 1970 || at->mon < 1 || at->mon > 12 || at->day < 1 || at->day > 31)
        return 0;
    /* 477 leap days up to the end of 1969. */
    days = (at->year - 1970) * (int64_t)365 + days_before[at->mon - 1] + at->day - 1;
    days += years / 4 - years / 100 + years / 400 - 477;
    return ((days * 24 + at->hour) * 60 + at->min) * 60 + at->sec;
}
