/* What an engine is told before its handshake: whom to trust, what to show, with whom to begin. */
#include <string.h>

#include "certificate-rules.h"
#include "engine-state.h"
#include "key-pair.h"
#include "name-constraints.h"
#include "peer-certificate.h"

enum {
    /* What a device's record holds (sdkconfig: MBEDTLS_SSL_OUT_CONTENT_LEN); a simulator must not take more. */
    OWN_CHAIN_MAX = 4096,
    /* Of the Certificate message, and of each certificate in it (RFC 8446, 4.4.2; in TLS 1.2 less). */
    MESSAGE_OVERHEAD = 8,
    ENTRY_OVERHEAD = 5,
};

static const int SUITES[] = {
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
#endif
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    0,
};

/* The length goes first: no two lists of certificates have the same digest. */
static bool bind(tls_engine *engine, const void *bytes, size_t length) {
    uint32_t prefix = (uint32_t)length;

    return mbedtls_md_update(&engine->digest, (const uint8_t *)&prefix, sizeof prefix) == 0 &&
           mbedtls_md_update(&engine->digest, bytes, length) == 0;
}

/* verify() judges name constraints; whatever else is critical and unknown to mbedTLS is refused. */
static int take_extension(void *context, mbedtls_x509_crt const *certificate, mbedtls_x509_buf const *oid,
                          int critical, const unsigned char *value, const unsigned char *end) {
    (void)context;
    (void)certificate;
    (void)critical;
    (void)value;
    (void)end;
    return tls_is_name_constraints(oid->p, oid->len) ? 0 : MBEDTLS_ERR_X509_INVALID_EXTENSIONS;
}

bool tls_engine_add_authority(tls_engine *engine, const uint8_t *der, size_t length) {
    if (engine->state != CONFIGURING)
        return false;
    engine->detail =
        mbedtls_x509_crt_parse_der_with_ext_cb(&engine->authorities, der, length, 1, take_extension, NULL);
    return engine->detail == 0 && bind(engine, der, length);
}

bool tls_engine_add_certificate(tls_engine *engine, const uint8_t *der, size_t length) {
    if (engine->state != CONFIGURING || length > OWN_CHAIN_MAX)
        return false;
    engine->chain_length += ENTRY_OVERHEAD + length;
    if (MESSAGE_OVERHEAD + engine->chain_length > OWN_CHAIN_MAX)
        return false;
    engine->detail = mbedtls_x509_crt_parse_der(&engine->chain, der, length);
    return engine->detail == 0 && bind(engine, "chain", 5) && bind(engine, der, length);
}

bool tls_engine_set_key(tls_engine *engine, const uint8_t *der, size_t length) {
    /* Anything but DER (a PEM text, say) begins otherwise. */
    if (engine->state != CONFIGURING || length == 0 || der[0] != 0x30)
        return false;
    engine->detail = mbedtls_pk_parse_key(&engine->key, der, length, NULL, 0);
    if (engine->detail != 0 || engine->chain.raw.len == 0)
        return false;
    /* The key itself is bound by its certificate. */
    engine->detail = tls_check_pair(&engine->chain, &engine->key, der, length);
    return engine->detail == 0;
}

/* ---- start ---- */

bool tls_engine_set_alpn(tls_engine *engine, const char *protocol) {
    size_t length = strlen(protocol);

    if (engine->state != CONFIGURING || length == 0 || length > ALPN_MAX)
        return false;
    memcpy(engine->alpn, protocol, length + 1);
    engine->protocols[0] = engine->alpn;
    return true;
}

/* An old session that no longer fits is no fault: the handshake is then a full one. */
static bool offer_session(tls_engine *engine, const uint8_t *session, size_t length) {
    session_header header;
    mbedtls_ssl_session saved;
    bool taken;

    if (length <= sizeof header)
        return false;
    memcpy(&header, session, sizeof header);
    if (memcmp(header.binding, engine->session.binding, BINDING) != 0 || mbedtls_x509_time_is_past(&header.expires))
        return false;
    mbedtls_ssl_session_init(&saved);
    taken = mbedtls_ssl_session_load(&saved, session + sizeof header, length - sizeof header) == 0 &&
            mbedtls_ssl_set_session(&engine->ssl, &saved) == 0;
    mbedtls_ssl_session_free(&saved);
    if (taken)
        engine->session.expires = header.expires;
    return taken;
}

bool tls_engine_start(tls_engine *engine, const char *host, const uint8_t *session, size_t session_length) {
    uint8_t address[4];
    size_t length = strlen(host);
    mbedtls_ssl_config *config = &engine->config;

    if (engine->state != CONFIGURING || length == 0 || length > HOST_MAX || engine->authorities.raw.len == 0)
        return false;
    memcpy(engine->host, host, length + 1);
    if (!bind(engine, host, length) || mbedtls_md_finish(&engine->digest, engine->session.binding) != 0)
        return false;
    engine->detail = mbedtls_ssl_config_defaults(config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                                 MBEDTLS_SSL_PRESET_DEFAULT);
    if (engine->detail != 0)
        return false;
    tls_limit_versions(config);
    mbedtls_ssl_conf_ciphersuites(config, SUITES);
    mbedtls_ssl_conf_cert_profile(config, &TLS_STRENGTH);
    mbedtls_ssl_conf_authmode(config, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_ca_chain(config, &engine->authorities, NULL);
    mbedtls_ssl_conf_verify(config, tls_engine_verify, engine);
    if (engine->chain.raw.len > 0)
        engine->detail = mbedtls_ssl_conf_own_cert(config, &engine->chain, &engine->key);
    if (engine->detail == 0 && engine->protocols[0])
        engine->detail = mbedtls_ssl_conf_alpn_protocols(config, engine->protocols);
    if (engine->detail == 0)
        engine->detail = mbedtls_ssl_setup(&engine->ssl, config);
    /* The name goes to the server (SNI, RFC 6066: never an address); its check is verify()'s. */
    if (engine->detail == 0)
        engine->detail = mbedtls_ssl_set_hostname(&engine->ssl, tls_parse_ipv4(host, address) ? NULL : host);
    if (engine->detail != 0)
        return false;
    mbedtls_ssl_set_bio(&engine->ssl, engine, tls_engine_send, tls_engine_receive, NULL);
    engine->offered_session = session && offer_session(engine, session, session_length);
    engine->state = HANDSHAKING;
    return true;
}
