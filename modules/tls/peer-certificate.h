#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Our own reading of a certificate's extensions, the same on every version of mbedTLS: 2.28 knows no iPAddress,
 * and all versions fall back to the common name.
 *
 * `extensions` is the DER of Extensions (RFC 5280, 4.1), as mbedtls_x509_crt.v3_ext has it; length 0 when there
 * are none. Any bytes may be given: nothing outside of them is read, and what does not parse is refused.
 */

/*
 * Does the subjectAltName name `host`? A host name needs a dNSName: equal but for ASCII letter case, or a wildcard
 * for the whole left-most label above at least two others (RFC 9525, 6.3). An IPv4 literal needs an iPAddress.
 * The common name never counts.
 */
bool tls_names_host(const uint8_t *extensions, size_t length, const char *host);

/* May this key serve TLS? With an extended key usage, only serverAuth says so; without one, yes (RFC 5280, 4.2.1.12). */
bool tls_may_serve(const uint8_t *extensions, size_t length);

/* The four bytes of a dotted-quad literal (decimal, no leading zeros); false when `text` is not one. */
bool tls_parse_ipv4(const char *text, uint8_t address[4]);
