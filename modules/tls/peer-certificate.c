#include "peer-certificate.h"

#include <string.h>

enum {
    BOOLEAN = 0x01,
    OCTET_STRING = 0x04,
    OBJECT_IDENTIFIER = 0x06,
    SEQUENCE = 0x30,
    DNS_NAME = 0x82,   /* GeneralName [2], RFC 5280, 4.2.1.6 */
    IP_ADDRESS = 0x87, /* GeneralName [7] */
};

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
} bytes;

static const uint8_t SUBJECT_ALT_NAME[] = {0x55, 0x1d, 0x11};
static const uint8_t EXTENDED_KEY_USAGE[] = {0x55, 0x1d, 0x25};
static const uint8_t SERVER_AUTH[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01};

static size_t length_of(bytes of) {
    return (size_t)(of.end - of.at);
}

static bool equals(bytes of, const uint8_t *other, size_t length) {
    return length_of(of) == length && memcmp(of.at, other, length) == 0;
}

/* Takes the next value from `in`; false at the end and at anything that is not DER of at most 64 KB. */
static bool take(bytes *in, uint8_t *tag, bytes *content) {
    size_t length;
    size_t more = 0;

    if (length_of(*in) < 2)
        return false;
    *tag = in->at[0];
    length = in->at[1];
    in->at += 2;
    if (length > 0x80) {
        more = length & 0x7f;
        if (more > 2 || length_of(*in) < more)
            return false;
        for (length = 0; more > 0; more--)
            length = length << 8 | *in->at++;
    } else if (length == 0x80) {
        return false;
    }
    if (length_of(*in) < length)
        return false;
    content->at = in->at;
    content->end = in->at + length;
    in->at = content->end;
    return true;
}

static bool take_tagged(bytes *in, uint8_t expected, bytes *content) {
    uint8_t tag;
    return take(in, &tag, content) && tag == expected;
}

/* Extension ::= SEQUENCE { OID, critical BOOLEAN DEFAULT FALSE, OCTET STRING } */
static bool find(bytes extensions, const uint8_t *oid, size_t oid_length, bytes *value) {
    bytes list, extension, id;

    if (!take_tagged(&extensions, SEQUENCE, &list))
        return false;
    while (take_tagged(&list, SEQUENCE, &extension)) {
        uint8_t tag;
        if (!take_tagged(&extension, OBJECT_IDENTIFIER, &id))
            return false;
        if (!equals(id, oid, oid_length))
            continue;
        if (!take(&extension, &tag, value))
            return false;
        if (tag == BOOLEAN && !take(&extension, &tag, value))
            return false;
        return tag == OCTET_STRING;
    }
    return false;
}

static uint8_t lower(uint8_t letter) {
    return letter >= 'A' && letter <= 'Z' ? letter | 0x20 : letter;
}

static bool same_name(const uint8_t *a, const char *b, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (lower(a[i]) != lower((uint8_t)b[i]))
            return false;
    return true;
}

static bool matches(bytes pattern, const char *host) {
    size_t length = length_of(pattern);

    if (length > 2 && pattern.at[0] == '*' && pattern.at[1] == '.') {
        const char *rest = strchr(host, '.');
        if (!rest || rest == host || !memchr(pattern.at + 2, '.', length - 2))
            return false;
        return strlen(rest) == length - 1 && same_name(pattern.at + 1, rest, length - 1);
    }
    return strlen(host) == length && same_name(pattern.at, host, length);
}

bool tls_names_host(const uint8_t *extensions, size_t length, const char *host) {
    bytes all = {extensions, extensions + length};
    bytes value, names, name;
    uint8_t tag;
    uint8_t address[4];
    bool is_address = tls_parse_ipv4(host, address);

    if (length == 0 || !find(all, SUBJECT_ALT_NAME, sizeof SUBJECT_ALT_NAME, &value))
        return false;
    if (!take_tagged(&value, SEQUENCE, &names))
        return false;
    while (take(&names, &tag, &name)) {
        if (is_address && tag == IP_ADDRESS && equals(name, address, sizeof address))
            return true;
        if (!is_address && tag == DNS_NAME && matches(name, host))
            return true;
    }
    return false;
}

bool tls_may_serve(const uint8_t *extensions, size_t length) {
    bytes all = {extensions, extensions + length};
    bytes value, usages, usage;

    if (length == 0 || !find(all, EXTENDED_KEY_USAGE, sizeof EXTENDED_KEY_USAGE, &value))
        return true;
    if (!take_tagged(&value, SEQUENCE, &usages))
        return false;
    while (take_tagged(&usages, OBJECT_IDENTIFIER, &usage))
        if (equals(usage, SERVER_AUTH, sizeof SERVER_AUTH))
            return true;
    return false;
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
