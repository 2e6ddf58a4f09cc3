#include "credential.h"

#include <psa/crypto.h>
#include <string.h>

#include "../../tls/certificate-der.h"
#include "../../tls/certificate-rules.h"
#include "../../tls/key-pair.h"
#include "../../tls/mbedtls-port.h"

enum {
    PRIVATE = 32,
    PUBLIC = 65,
    SIGNATURE = 64,
    PRIVATE_AT = 36,
    MIDDLE_AT = PRIVATE_AT + PRIVATE,
    PUBLIC_AT = 73,
    DIGEST = 32,
    /* As in modules/tls/engine.c. */
    CHAIN_MAX = 4096,
    MESSAGE_OVERHEAD = 8,
    ENTRY_OVERHEAD = 5,
};

/*
 * PrivateKeyInfo up to the key but for its length, and between it and the point. With the length it would be how every
 * private key begins, and no lane could tell an image with a key in it.
 */
static const uint8_t KEY_HEAD[PRIVATE_AT - 1] = {
    0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
    0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x6d, 0x30, 0x6b, 0x02, 0x01, 0x01, 0x04};
static const uint8_t KEY_MIDDLE[PUBLIC_AT - MIDDLE_AT] = {0xa1, 0x44, 0x03, 0x42, 0x00};
/* SubjectPublicKeyInfo up to the point (RFC 5480): the algorithm stands in KEY_HEAD too. */
static const uint8_t SPKI_HEAD[] = {0x30, 0x59};
static const uint8_t SPKI_BITS[] = {0x03, 0x42, 0x00};
enum { ALGORITHM_AT = 6, ALGORITHM = 21 };
static const uint8_t VERSION[] = {0x02, 0x01, 0x00};
static const uint8_t NO_ATTRIBUTES[] = {0xa0, 0x00};
static const uint8_t ECDSA_SHA256[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
static const uint8_t CLIENT_AUTH[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02};

/* ---- keys ---- */

static void describe_key(psa_key_attributes_t *attributes, psa_key_usage_t usage) {
    psa_set_key_type(attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(attributes, 256);
    psa_set_key_usage_flags(attributes, usage);
    psa_set_key_algorithm(attributes, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
}

bool credential_new_key(uint8_t key[CREDENTIAL_KEY]) {
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_key_id_t id;
    size_t secret = 0, point = 0;
    bool good;

    describe_key(&attributes, PSA_KEY_USAGE_EXPORT);
    if (psa_crypto_init() != PSA_SUCCESS || psa_generate_key(&attributes, &id) != PSA_SUCCESS)
        return false;
    memcpy(key, KEY_HEAD, sizeof KEY_HEAD);
    key[sizeof KEY_HEAD] = PRIVATE;
    memcpy(key + MIDDLE_AT, KEY_MIDDLE, sizeof KEY_MIDDLE);
    good = psa_export_key(id, key + PRIVATE_AT, PRIVATE, &secret) == PSA_SUCCESS && secret == PRIVATE &&
           psa_export_public_key(id, key + PUBLIC_AT, PUBLIC, &point) == PSA_SUCCESS && point == PUBLIC;
    psa_destroy_key(id);
    if (!good)
        mbedtls_platform_zeroize(key, CREDENTIAL_KEY);
    return good;
}

static bool is_ours(credential_bytes key) {
    return key.length == CREDENTIAL_KEY && memcmp(key.bytes, KEY_HEAD, sizeof KEY_HEAD) == 0 &&
           key.bytes[sizeof KEY_HEAD] == PRIVATE &&
           memcmp(key.bytes + MIDDLE_AT, KEY_MIDDLE, sizeof KEY_MIDDLE) == 0;
}

static bool sign(const uint8_t *key, const uint8_t *message, size_t length, uint8_t signature[SIGNATURE]) {
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    uint8_t digest[DIGEST];
    size_t count = 0;
    psa_key_id_t id;
    bool good;

    describe_key(&attributes, PSA_KEY_USAGE_SIGN_HASH);
    if (psa_crypto_init() != PSA_SUCCESS ||
        psa_hash_compute(PSA_ALG_SHA_256, message, length, digest, sizeof digest, &count) != PSA_SUCCESS ||
        psa_import_key(&attributes, key + PRIVATE_AT, PRIVATE, &id) != PSA_SUCCESS)
        return false;
    good = psa_sign_hash(id, PSA_ALG_ECDSA(PSA_ALG_SHA_256), digest, count, signature, SIGNATURE, &count) ==
               PSA_SUCCESS &&
           count == SIGNATURE;
    psa_destroy_key(id);
    return good;
}

/* ---- request ---- */

static uint8_t *put(uint8_t *to, const uint8_t *bytes, size_t length) {
    memcpy(to, bytes, length);
    return to + length;
}

/* A SEQUENCE's header, always with a length of two bytes' room: what is short moves up. */
static uint8_t *put_header(uint8_t *to, uint8_t tag, size_t length) {
    *to++ = tag;
    if (length >= 0x100) {
        *to++ = 0x82;
        *to++ = (uint8_t)(length >> 8);
    } else if (length >= 0x80) {
        *to++ = 0x81;
    }
    *to++ = (uint8_t)length;
    return to;
}

static size_t header_length(size_t length) {
    return length >= 0x100 ? 4 : length >= 0x80 ? 3 : 2;
}

/* An INTEGER of 32 bytes, big-endian: no needless zeros, and never negative (X.690, 8.3). */
static uint8_t *put_integer(uint8_t *to, const uint8_t *number) {
    size_t skipped = 0;
    bool padded;

    while (skipped < PRIVATE - 1 && number[skipped] == 0)
        skipped++;
    padded = (number[skipped] & 0x80) != 0;
    to = put_header(to, 0x02, PRIVATE - skipped + padded);
    if (padded)
        *to++ = 0;
    return put(to, number + skipped, PRIVATE - skipped);
}

static size_t write_request(const uint8_t *key, const mbedtls_x509_buf *subject, uint8_t *request) {
    uint8_t signature[SIGNATURE], numbers[80];
    size_t spki = sizeof SPKI_HEAD + ALGORITHM + sizeof SPKI_BITS + PUBLIC;
    size_t content = sizeof VERSION + subject->len + spki + sizeof NO_ATTRIBUTES;
    size_t info = header_length(content) + content;
    size_t outer = info + sizeof ECDSA_SHA256 + 3 + 80;
    uint8_t *at, *to, *end;

    if (subject->len > CREDENTIAL_REQUEST_MAX || header_length(outer) + outer > CREDENTIAL_REQUEST_MAX)
        return 0;
    /* First where it is signed, with room for the largest header before it. */
    at = request + 4;
    to = put_header(at, TAG_SEQUENCE, content);
    to = put(to, VERSION, sizeof VERSION);
    to = put(to, subject->p, subject->len);
    to = put(to, SPKI_HEAD, sizeof SPKI_HEAD);
    to = put(to, KEY_HEAD + ALGORITHM_AT, ALGORITHM);
    to = put(to, SPKI_BITS, sizeof SPKI_BITS);
    to = put(to, key + PUBLIC_AT, PUBLIC);
    to = put(to, NO_ATTRIBUTES, sizeof NO_ATTRIBUTES);
    if (!sign(key, at, info, signature))
        return 0;
    end = put_integer(put_integer(numbers, signature), signature + PRIVATE);
    to = put(to, ECDSA_SHA256, sizeof ECDSA_SHA256);
    to = put_header(to, TAG_BIT_STRING, (size_t)(end - numbers) + 3);
    *to++ = 0;
    to = put_header(to, TAG_SEQUENCE, (size_t)(end - numbers));
    to = put(to, numbers, (size_t)(end - numbers));
    outer = (size_t)(to - at);
    to = put_header(request, TAG_SEQUENCE, outer);
    memmove(to, at, outer);
    return (size_t)(to - request) + outer;
}

size_t credential_request(credential_bytes key, credential_bytes certificate, uint8_t request[CREDENTIAL_REQUEST_MAX]) {
    mbedtls_x509_crt present;
    size_t length = 0;

    /* 4.x reads no public key before. */
    if (!is_ours(key) || psa_crypto_init() != PSA_SUCCESS)
        return 0;
    mbedtls_x509_crt_init(&present);
    if (mbedtls_x509_crt_parse_der(&present, certificate.bytes, certificate.length) == 0)
        length = write_request(key.bytes, &present.subject_raw, request);
    mbedtls_x509_crt_free(&present);
    return length;
}

/* ---- answer ---- */

/* An authority may say what mbedTLS cannot judge: name constraints. Those of servers are the engine's to obey. */
static int take_extension(void *context, mbedtls_x509_crt const *certificate, mbedtls_x509_buf const *oid,
                          int critical, const unsigned char *value, const unsigned char *end) {
    (void)context;
    (void)certificate;
    (void)oid;
    (void)critical;
    (void)value;
    (void)end;
    return 0;
}

static bool parse_one(mbedtls_x509_crt *to, credential_bytes der, bool anchor) {
    return (anchor ? mbedtls_x509_crt_parse_der_with_ext_cb(to, der.bytes, der.length, 1, take_extension, NULL)
                   : mbedtls_x509_crt_parse_der(to, der.bytes, der.length)) == 0;
}

/* The next of several; of length 0: none is left that is whole. */
static credential_bytes next_of(credential_bytes *list) {
    tls_bytes rest = {list->bytes, list->bytes + list->length}, content;
    credential_bytes first = {list->bytes, 0};

    if (tls_take_tagged(&rest, TAG_SEQUENCE, &content)) {
        first.length = (size_t)(rest.at - list->bytes);
        list->bytes = rest.at;
        list->length = tls_length_of(rest);
    }
    return first;
}

static bool parse_all(mbedtls_x509_crt *to, credential_bytes list, bool anchors) {
    while (list.length > 0) {
        credential_bytes one = next_of(&list);

        if (one.length == 0 || !parse_one(to, one, anchors))
            return false;
    }
    return to->raw.len > 0;
}

static uint32_t verify(mbedtls_x509_crt *chain, mbedtls_x509_crt *authorities) {
    uint32_t flags = 0;
    int result =
        mbedtls_x509_crt_verify_with_profile(chain, authorities, NULL, &TLS_STRENGTH, NULL, &flags, NULL, NULL);

    return result != 0 && flags == 0 ? MBEDTLS_X509_BADCERT_NOT_TRUSTED : flags;
}

/* Whether an authority of the chain has signed what the device is now, itself or what is above it. */
static bool has_signed(credential_bytes authority, credential_bytes present) {
    mbedtls_x509_crt above, below;
    bool found = false;

    mbedtls_x509_crt_init(&above);
    if (parse_one(&above, authority, true)) {
        while (!found && present.length > 0) {
            credential_bytes one = next_of(&present);

            mbedtls_x509_crt_init(&below);
            if (one.length == 0)
                break;
            found = parse_one(&below, one, false) && !(verify(&below, &above) & MBEDTLS_X509_BADCERT_NOT_TRUSTED);
            mbedtls_x509_crt_free(&below);
        }
    }
    mbedtls_x509_crt_free(&above);
    return found;
}

static bool add_known(mbedtls_x509_crt *authorities, credential_bytes chain, credential_bytes present) {
    next_of(&chain);
    while (chain.length > 0) {
        credential_bytes one = next_of(&chain);

        if (one.length == 0 || (has_signed(one, present) && !parse_one(authorities, one, true)))
            return false;
    }
    return true;
}

static bool is_for_clients(const mbedtls_x509_crt *chain) {
    if (mbedtls_x509_crt_check_key_usage(chain, MBEDTLS_X509_KU_DIGITAL_SIGNATURE) != 0)
        return false;
    for (; chain; chain = chain->next)
        if (mbedtls_x509_crt_check_extended_key_usage(chain, (const char *)CLIENT_AUTH, sizeof CLIENT_AUTH) != 0)
            return false;
    return true;
}

static size_t record_length(const mbedtls_x509_crt *chain) {
    size_t length = MESSAGE_OVERHEAD;

    for (; chain; chain = chain->next)
        length += ENTRY_OVERHEAD + chain->raw.len;
    return length;
}

static credential_fault reason_of(uint32_t flags, bool dated) {
    if (!dated)
        flags &= ~(uint32_t)(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
    if (flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED)
        return CREDENTIAL_UNKNOWN_AUTHORITY;
    if (flags & MBEDTLS_X509_BADCERT_EXPIRED)
        return CREDENTIAL_EXPIRED;
    if (flags & MBEDTLS_X509_BADCERT_FUTURE)
        return CREDENTIAL_NOT_YET_VALID;
    return flags ? CREDENTIAL_WEAK : CREDENTIAL_GOOD;
}

static credential_fault judge(mbedtls_x509_crt *chain, mbedtls_x509_crt *before, mbedtls_x509_crt *authorities,
                              mbedtls_pk_context *pair, credential_bytes key, credential_bytes ders,
                              credential_bytes known, credential_bytes present, bool dated) {
    credential_bytes list = present;

    if (!parse_all(chain, ders, false) || !parse_one(before, next_of(&list), false))
        return CREDENTIAL_UNREADABLE;
    if (record_length(chain) > CHAIN_MAX)
        return CREDENTIAL_TOO_LONG;
    if (!is_ours(key) || mbedtls_pk_parse_key(pair, key.bytes, key.length, NULL, 0) != 0 ||
        tls_check_pair(chain, pair, key.bytes, key.length) != 0)
        return CREDENTIAL_WRONG_KEY;
    if (chain->subject_raw.len != before->subject_raw.len ||
        memcmp(chain->subject_raw.p, before->subject_raw.p, chain->subject_raw.len) != 0)
        return CREDENTIAL_WRONG_NAME;
    if (!is_for_clients(chain))
        return CREDENTIAL_WRONG_USAGE;
    if (!parse_all(authorities, known, true) || !add_known(authorities, ders, present))
        return CREDENTIAL_NO_MEMORY;
    return reason_of(verify(chain, authorities), dated);
}

credential_fault credential_judge(credential_bytes key, credential_bytes chain, credential_bytes authorities,
                                  credential_bytes present, bool dated) {
    mbedtls_x509_crt certificates, before, known;
    mbedtls_pk_context pair;
    credential_fault fault;

    mbedtls_x509_crt_init(&certificates);
    mbedtls_x509_crt_init(&before);
    mbedtls_x509_crt_init(&known);
    mbedtls_pk_init(&pair);
    fault = psa_crypto_init() == PSA_SUCCESS
                ? judge(&certificates, &before, &known, &pair, key, chain, authorities, present, dated)
                : CREDENTIAL_NO_MEMORY;
    mbedtls_pk_free(&pair);
    mbedtls_x509_crt_free(&known);
    mbedtls_x509_crt_free(&before);
    mbedtls_x509_crt_free(&certificates);
    return fault;
}

bool credential_dates(credential_bytes certificate, int64_t dates[2]) {
    mbedtls_x509_crt parsed;
    bool good;

    mbedtls_x509_crt_init(&parsed);
    good = psa_crypto_init() == PSA_SUCCESS && parse_one(&parsed, certificate, true);
    if (good) {
        dates[0] = tls_unix_seconds(&parsed.valid_from);
        dates[1] = tls_unix_seconds(&parsed.valid_to);
        good = dates[0] > 0 && dates[1] > dates[0];
    }
    mbedtls_x509_crt_free(&parsed);
    return good;
}
