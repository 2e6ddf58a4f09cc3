#include "verify.h"

#include <psa/crypto.h>
#include <stdlib.h>

struct signed_hash {
    psa_hash_operation_t operation;
};

signed_hash *signed_hash_new(void) {
    signed_hash *hash = calloc(1, sizeof *hash);

    if (!hash)
        return NULL;
    hash->operation = psa_hash_operation_init();
    /* Without an operation under way every call on it fails, and says so. */
    if (psa_crypto_init() == PSA_SUCCESS)
        (void)psa_hash_setup(&hash->operation, PSA_ALG_SHA_256);
    return hash;
}

bool signed_hash_update(signed_hash *hash, const uint8_t *bytes, size_t length) {
    return psa_hash_update(&hash->operation, bytes, length) == PSA_SUCCESS;
}

bool signed_hash_finish(signed_hash *hash, uint8_t digest[SIGNED_DIGEST]) {
    size_t length = 0;

    return psa_hash_finish(&hash->operation, digest, SIGNED_DIGEST, &length) == PSA_SUCCESS &&
           length == SIGNED_DIGEST;
}

void signed_hash_free(signed_hash *hash) {
    if (!hash)
        return;
    psa_hash_abort(&hash->operation);
    free(hash);
}

/* The import is what proves that the point lies on the curve. */
static bool import_point(const uint8_t *key, psa_key_id_t *id) {
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;

    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, 256);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_VERIFY_HASH);
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
    return psa_import_key(&attributes, key, SIGNED_POINT, id) == PSA_SUCCESS;
}

bool signed_verify(const uint8_t *key, size_t key_length, const uint8_t *message, size_t message_length,
                   const uint8_t *signature, size_t signature_length) {
    uint8_t digest[SIGNED_DIGEST];
    size_t length = 0;
    psa_key_id_t id;
    bool good;

    if (key_length != SIGNED_POINT || signature_length != SIGNED_SIGNATURE || psa_crypto_init() != PSA_SUCCESS)
        return false;
    if (psa_hash_compute(PSA_ALG_SHA_256, message, message_length, digest, sizeof digest, &length) != PSA_SUCCESS)
        return false;
    if (length != SIGNED_DIGEST || !import_point(key, &id))
        return false;
    good = psa_verify_hash(id, PSA_ALG_ECDSA(PSA_ALG_SHA_256), digest, length, signature, SIGNED_SIGNATURE) ==
           PSA_SUCCESS;
    psa_destroy_key(id);
    return good;
}
