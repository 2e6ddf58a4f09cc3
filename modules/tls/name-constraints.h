#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "certificate-der.h"

/*
 * Do the name constraints of an authority (RFC 5280, 4.2.1.10) permit every dNSName and iPAddress of the server, and
 * `host`? Without constraints, yes; what does not parse permits nothing. Names that we never go by (of a directory, for
 * mail, of resources) are not looked at. Extensions as in peer-certificate.h.
 */
bool tls_permits_names(tls_bytes authority, tls_bytes server, const char *host);

/* Is this the object identifier of name constraints? */
bool tls_is_name_constraints(const uint8_t *oid, size_t length);
