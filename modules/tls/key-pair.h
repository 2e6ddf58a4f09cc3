#pragma once
#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Is `key`, parsed from the DER `key_der`, the private key of `certificate`? 0, or mbedTLS's number of what is wrong.
 *
 * The proof is a multiplication on the curve, dearer than all the rest of a resumed handshake. So it is made once: the
 * SHA-256 of the certificate and key that passed last is kept (33 bytes), and asking again for the same two costs a
 * hash. Any others are proven, and what did not pass is never remembered. Not for two tasks at once.
 */
int tls_check_pair(const mbedtls_x509_crt *certificate, const mbedtls_pk_context *key, const uint8_t *key_der,
                   size_t key_length);
