#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "certificate-der.h"

/*
 * Our own reading of a certificate's extensions, the same on every version of mbedTLS: 2.28 knows no iPAddress,
 * and all versions fall back to the common name and leave an authority's usage and name constraints unread.
 *
 * `extensions` is the DER of Extensions (RFC 5280, 4.1), as mbedtls_x509_crt.v3_ext has it; empty when there
 * are none. Any bytes may be given: nothing outside of them is read, and what does not parse is refused.
 */

/* Do the names parse at all? Engines differ in what they take; this is the strictest of them. */
bool tls_reads_names(tls_bytes extensions);

/*
 * Does the subjectAltName name `host`? A host name needs a dNSName: equal but for ASCII letter case, or a wildcard
 * for the whole left-most label above at least two others (RFC 9525, 6.3). An IPv4 literal needs an iPAddress.
 * The common name never counts.
 */
bool tls_names_host(tls_bytes extensions, const char *host);

/* What a certificate stands for in a chain. */
typedef enum { TLS_SERVER, TLS_AUTHORITY } tls_role;

/*
 * May this key serve TLS, or vouch for those that do? With an extended key usage, only serverAuth says so, for both;
 * with Netscape's certificate type, only its bit for the role; without them, yes (RFC 5280, 4.2.1.12).
 */
bool tls_may_serve(tls_bytes extensions, tls_role role);

/* A host as a GeneralName: returns its tag. `address` keeps what `value` points to, where it is one. */
uint8_t tls_name_of(const char *host, uint8_t address[4], tls_bytes *value);

/* The four bytes of a dotted-quad literal (decimal, no leading zeros); false when `text` is not one. */
bool tls_parse_ipv4(const char *text, uint8_t address[4]);
