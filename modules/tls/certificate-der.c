#include "certificate-der.h"

#include <string.h>

static const uint8_t SUBJECT_ALT_NAME[] = {0x55, 0x1d, 0x11};

size_t tls_length_of(tls_bytes of) {
    return (size_t)(of.end - of.at);
}

bool tls_equals(tls_bytes of, const uint8_t *other, size_t length) {
    return tls_length_of(of) == length && memcmp(of.at, other, length) == 0;
}

bool tls_take(tls_bytes *in, uint8_t *tag, tls_bytes *content) {
    size_t length;
    size_t more = 0;

    if (tls_length_of(*in) < 2)
        return false;
    *tag = in->at[0];
    length = in->at[1];
    in->at += 2;
    if (length > 0x80) {
        more = length & 0x7f;
        if (more > 4 || tls_length_of(*in) < more)
            return false;
        for (length = 0; more > 0; more--)
            length = length << 8 | *in->at++;
    } else if (length == 0x80) {
        return false;
    }
    if (tls_length_of(*in) < length)
        return false;
    content->at = in->at;
    content->end = in->at + length;
    in->at = content->end;
    return true;
}

bool tls_take_tagged(tls_bytes *in, uint8_t expected, tls_bytes *content) {
    uint8_t tag;
    return tls_take(in, &tag, content) && tag == expected;
}

bool tls_take_only(tls_bytes in, uint8_t expected, tls_bytes *content) {
    return tls_take_tagged(&in, expected, content) && tls_length_of(in) == 0;
}

/* Extension ::= TAG_SEQUENCE { OID, critical TAG_BOOLEAN DEFAULT FALSE, OCTET STRING }. All of them must parse. */
tls_finding tls_find_extension(tls_bytes extensions, const uint8_t *oid, size_t oid_length, tls_bytes *value) {
    tls_bytes list, extension, id, content;
    tls_finding result = TLS_ABSENT;
    uint8_t tag;

    if (tls_length_of(extensions) == 0)
        return TLS_ABSENT;
    if (!tls_take_only(extensions, TAG_SEQUENCE, &list))
        return TLS_MALFORMED;
    while (tls_length_of(list) > 0) {
        if (!tls_take_tagged(&list, TAG_SEQUENCE, &extension) || !tls_take_tagged(&extension, TAG_OBJECT_IDENTIFIER, &id) ||
            !tls_take(&extension, &tag, &content))
            return TLS_MALFORMED;
        if (tag == TAG_BOOLEAN && (tls_length_of(content) != 1 || !tls_take(&extension, &tag, &content)))
            return TLS_MALFORMED;
        if (tag != TAG_OCTET_STRING || tls_length_of(extension) > 0)
            return TLS_MALFORMED;
        if (result == TLS_ABSENT && tls_equals(id, oid, oid_length)) {
            *value = content;
            result = TLS_FOUND;
        }
    }
    return result;
}

bool tls_names_of(tls_bytes extensions, tls_bytes *names) {
    tls_bytes value, rest, name;
    uint8_t tag;

    names->at = names->end = extensions.at;
    switch (tls_find_extension(extensions, SUBJECT_ALT_NAME, sizeof SUBJECT_ALT_NAME, &value)) {
    case TLS_ABSENT:
        return true;
    case TLS_MALFORMED:
        return false;
    default:
        break;
    }
    if (!tls_take_only(value, TAG_SEQUENCE, names))
        return false;
    for (rest = *names; tls_length_of(rest) > 0;)
        if (!tls_take(&rest, &tag, &name) ||
            (tag == TAG_IP_ADDRESS && tls_length_of(name) != 4 && tls_length_of(name) != 16))
            return false;
    return true;
}

static uint8_t lower(uint8_t letter) {
    return letter >= 'A' && letter <= 'Z' ? letter | 0x20 : letter;
}

bool tls_same_letters(const uint8_t *a, const uint8_t *b, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return true;
}
