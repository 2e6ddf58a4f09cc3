#include "name-constraints.h"

#include "peer-certificate.h"

/* NameConstraints [0] and [1]. */
enum { PERMITTED = 0xa0, EXCLUDED = 0xa1 };

static const uint8_t NAME_CONSTRAINTS[] = {0x55, 0x1d, 0x1e};

bool tls_is_name_constraints(const uint8_t *oid, size_t length) {
    tls_bytes id = {oid, oid + length};
    return tls_equals(id, NAME_CONSTRAINTS, sizeof NAME_CONSTRAINTS);
}

/* Is the DNS name `base` itself, or below it? A base that begins with a dot is not itself meant. */
static bool is_in_domain(tls_bytes name, tls_bytes base) {
    size_t length = tls_length_of(base), ahead;

    if (length > tls_length_of(name))
        return false;
    ahead = tls_length_of(name) - length;
    if (!tls_same_letters(name.at + ahead, base.at, length))
        return false;
    return length == 0 || ahead == 0 || base.at[0] == '.' || name.at[ahead - 1] == '.';
}

/* iPAddress of a base: an address and its mask. */
static bool is_in_network(tls_bytes address, tls_bytes base) {
    size_t length = tls_length_of(address);

    if (tls_length_of(base) != 2 * length)
        return false;
    for (size_t i = 0; i < length; i++)
        if ((address.at[i] ^ base.at[i]) & base.at[length + i])
            return false;
    return true;
}

/*
 * How the subtrees `list` see a name: GeneralSubtrees ::= SEQUENCE OF SEQUENCE { base GeneralName };
 * RFC 5280 allows no minimum and no maximum. False: malformed.
 */
static bool look_up(tls_bytes list, uint8_t tag, tls_bytes name, bool *has_form, bool *within) {
    tls_bytes subtree, base;
    uint8_t form;

    *has_form = *within = false;
    while (tls_length_of(list) > 0) {
        if (!tls_take_tagged(&list, TAG_SEQUENCE, &subtree) || !tls_take(&subtree, &form, &base) ||
            tls_length_of(subtree) > 0)
            return false;
        if (form != tag)
            continue;
        *has_form = true;
        *within |= tag == TAG_DNS_NAME ? is_in_domain(name, base) : is_in_network(name, base);
    }
    return true;
}

static bool permits(tls_bytes permitted, tls_bytes excluded, uint8_t tag, tls_bytes name) {
    bool has_form, within;

    if (!look_up(excluded, tag, name, &has_form, &within) || within)
        return false;
    return look_up(permitted, tag, name, &has_form, &within) && (within || !has_form);
}

/* Takes the field `tag` where it is next; else it is empty. */
static bool take_field(tls_bytes *fields, uint8_t tag, tls_bytes *field) {
    field->at = field->end = fields->at;
    return tls_length_of(*fields) == 0 || fields->at[0] != tag || tls_take_tagged(fields, tag, field);
}

bool tls_permits_names(tls_bytes authority, tls_bytes server, const char *host) {
    tls_bytes value, fields, permitted, excluded, names, name;
    uint8_t address[4], tag;

    switch (tls_find_extension(authority, NAME_CONSTRAINTS, sizeof NAME_CONSTRAINTS, &value)) {
    case TLS_ABSENT:
        return true;
    case TLS_MALFORMED:
        return false;
    default:
        break;
    }
    if (!tls_take_only(value, TAG_SEQUENCE, &fields) || !take_field(&fields, PERMITTED, &permitted) ||
        !take_field(&fields, EXCLUDED, &excluded) || tls_length_of(fields) > 0)
        return false;
    tag = tls_name_of(host, address, &name);
    if (!permits(permitted, excluded, tag, name) || !tls_names_of(server, &names))
        return false;
    while (tls_take(&names, &tag, &name))
        if ((tag == TAG_DNS_NAME || tag == TAG_IP_ADDRESS) && !permits(permitted, excluded, tag, name))
            return false;
    return true;
}
