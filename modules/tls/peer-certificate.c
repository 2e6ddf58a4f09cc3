#include "peer-certificate.h"

#include <string.h>

#include "certificate-der.h"

enum { NETSCAPE_SERVER = 0x40, NETSCAPE_AUTHORITY = 0x04 };

static const uint8_t EXTENDED_KEY_USAGE[] = {0x55, 0x1d, 0x25};
static const uint8_t NETSCAPE_TYPE[] = {0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x42, 0x01, 0x01};
static const uint8_t SERVER_AUTH[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01};

static bool matches(tls_bytes pattern, tls_bytes host) {
    size_t length = tls_length_of(pattern);

    if (length > 2 && pattern.at[0] == '*' && pattern.at[1] == '.') {
        const uint8_t *dot = memchr(host.at, '.', tls_length_of(host));
        if (!dot || dot == host.at || !memchr(pattern.at + 2, '.', length - 2))
            return false;
        return (size_t)(host.end - dot) == length - 1 && tls_same_letters(pattern.at + 1, dot, length - 1);
    }
    return tls_length_of(host) == length && tls_same_letters(pattern.at, host.at, length);
}

uint8_t tls_name_of(const char *host, uint8_t address[4], tls_bytes *value) {
    bool is_address = tls_parse_ipv4(host, address);

    value->at = is_address ? address : (const uint8_t *)host;
    value->end = value->at + (is_address ? 4 : strlen(host));
    return is_address ? TAG_IP_ADDRESS : TAG_DNS_NAME;
}

bool tls_reads_names(tls_bytes extensions) {
    tls_bytes names;
    return tls_names_of(extensions, &names);
}

bool tls_names_host(tls_bytes extensions, const char *host) {
    uint8_t address[4], own_tag, tag;
    tls_bytes names, name, own;

    if (!tls_names_of(extensions, &names))
        return false;
    own_tag = tls_name_of(host, address, &own);
    while (tls_take(&names, &tag, &name))
        if (tag == own_tag && (tag == TAG_DNS_NAME ? matches(name, own) : tls_equals(name, own.at, 4)))
            return true;
    return false;
}

bool tls_may_serve(tls_bytes extensions, tls_role role) {
    tls_bytes value, usages, usage;
    bool allowed = true;

    switch (tls_find_extension(extensions, NETSCAPE_TYPE, sizeof NETSCAPE_TYPE, &value)) {
    case TLS_FOUND:
        if (!tls_take_only(value, TAG_BIT_STRING, &usage) || tls_length_of(usage) != 2 ||
            !(usage.at[1] & (role == TLS_SERVER ? NETSCAPE_SERVER : NETSCAPE_AUTHORITY)))
            return false;
        break;
    case TLS_MALFORMED:
        return false;
    default:
        break;
    }
    if (tls_find_extension(extensions, EXTENDED_KEY_USAGE, sizeof EXTENDED_KEY_USAGE, &value) == TLS_FOUND) {
        allowed = false;
        if (!tls_take_only(value, TAG_SEQUENCE, &usages))
            return false;
        while (tls_length_of(usages) > 0) {
            if (!tls_take_tagged(&usages, TAG_OBJECT_IDENTIFIER, &usage))
                return false;
            allowed |= tls_equals(usage, SERVER_AUTH, sizeof SERVER_AUTH);
        }
    }
    return allowed;
}

bool tls_parse_ipv4(const char *text, uint8_t address[4]) {
    for (int i = 0; i < 4; i++) {
        unsigned value = 0;
        int digits = 0;
        for (; *text >= '0' && *text <= '9' && digits < 3; text++, digits++) {
            if (digits > 0 && value == 0)
                return false;
            value = value * 10 + (unsigned)(*text - '0');
        }
        if (digits == 0 || value > 255 || *text != (i < 3 ? '.' : '\0'))
            return false;
        address[i] = (uint8_t)value;
        text++;
    }
    return true;
}
