#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * SHA-256 and ES256 (RFC 7518, 3.4) by PSA, which mbedTLS 2.28 and 4.x both have. Lengths of keys and signatures are
 * judged here: what is none is refused, never an error. Not for two tasks at once.
 */
enum { SIGNED_DIGEST = 32, SIGNED_POINT = 65, SIGNED_SIGNATURE = 64 };

/* A SHA-256 under way. */
typedef struct signed_hash signed_hash;

/* NULL: no memory. */
signed_hash *signed_hash_new(void);

/* Both are false when the hash has failed or is over; `signed_hash_finish` ends it. */
bool signed_hash_update(signed_hash *hash, const uint8_t *bytes, size_t length);
bool signed_hash_finish(signed_hash *hash, uint8_t digest[SIGNED_DIGEST]);

void signed_hash_free(signed_hash *hash);

/*
 * Is `signature` (r and s) that of `message` by the owner of `key` (an uncompressed point of P-256)? Both numbers must
 * lie in 1 … n - 1, and the point on the curve. A large s is as good as its small twin, as in RFC 7518.
 */
bool signed_verify(const uint8_t *key, size_t key_length, const uint8_t *message, size_t message_length,
                   const uint8_t *signature, size_t signature_length);
