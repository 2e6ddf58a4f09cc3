#pragma once
/*
 * mbedTLS's own server, without a socket: `in` is what it reads next, `out` what it has said. It shows `leaf`, asks for
 * a client's certificate, and takes any. Sessions of servers that were made with `server_remembers` may be resumed.
 */
#include <mbedtls/ssl_cache.h>
#include <stdlib.h>
#include <string.h>

#include "../../modules/tls/mbedtls-port.h"

enum { WIRE = 32768 };

static bool server_remembers;
static mbedtls_ssl_cache_context server_sessions;

typedef struct {
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config config;
    mbedtls_x509_crt chain;
    mbedtls_pk_context key;
    uint8_t in[WIRE], out[WIRE];
    size_t in_length, out_length;
} server;

static int server_receive(void *context, unsigned char *bytes, size_t room) {
    server *self = context;

    if (self->in_length == 0)
        return MBEDTLS_ERR_SSL_WANT_READ;
    if (room > self->in_length)
        room = self->in_length;
    memcpy(bytes, self->in, room);
    self->in_length -= room;
    memmove(self->in, self->in + room, self->in_length);
    return (int)room;
}

static int server_send(void *context, const unsigned char *bytes, size_t length) {
    server *self = context;

    if (length > WIRE - self->out_length)
        return MBEDTLS_ERR_SSL_WANT_WRITE;
    memcpy(self->out + self->out_length, bytes, length);
    self->out_length += length;
    return (int)length;
}

static server *new_server(const uint8_t *leaf, size_t leaf_length, const uint8_t *key, size_t key_length) {
    static bool begun;
    server *self = calloc(1, sizeof *self);

    mbedtls_ssl_init(&self->ssl);
    mbedtls_ssl_config_init(&self->config);
    mbedtls_x509_crt_init(&self->chain);
    mbedtls_pk_init(&self->key);
    if (mbedtls_ssl_config_defaults(&self->config, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM,
                                    MBEDTLS_SSL_PRESET_DEFAULT) != 0 ||
        tls_random_start(&self->config) != 0 ||
        mbedtls_x509_crt_parse_der(&self->chain, leaf, leaf_length) != 0 ||
        mbedtls_pk_parse_key(&self->key, key, key_length, NULL, 0) != 0 ||
        mbedtls_ssl_conf_own_cert(&self->config, &self->chain, &self->key) != 0)
        exit(2);
    if (!begun)
        mbedtls_ssl_cache_init(&server_sessions);
    begun = true;
    mbedtls_ssl_conf_session_cache(&self->config, &server_sessions, mbedtls_ssl_cache_get,
                                   server_remembers ? mbedtls_ssl_cache_set : NULL);
    mbedtls_ssl_conf_authmode(&self->config, MBEDTLS_SSL_VERIFY_OPTIONAL);
    mbedtls_ssl_conf_ca_chain(&self->config, &self->chain, NULL);
    if (mbedtls_ssl_setup(&self->ssl, &self->config) != 0)
        exit(2);
    mbedtls_ssl_set_bio(&self->ssl, self, server_send, server_receive, NULL);
    return self;
}

static void free_server(server *self) {
    mbedtls_ssl_free(&self->ssl);
    mbedtls_ssl_config_free(&self->config);
    mbedtls_x509_crt_free(&self->chain);
    mbedtls_pk_free(&self->key);
    free(self);
}
