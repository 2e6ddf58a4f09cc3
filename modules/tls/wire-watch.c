#include "wire-watch.h"

#include <string.h>

/* Record content types (RFC 8446, 5.1). */
enum { CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, APPLICATION_DATA = 23 };

/* Alerts about a certificate (RFC 8446, 6.2), and handshake_failure. */
static const uint8_t CERTIFICATE_ALERTS[] = {40, 42, 43, 44, 45, 46, 48, 49, 116};

static void end_record(tls_wire_watch *watch) {
    uint8_t type = watch->header[0];

    if (type == HANDSHAKE)
        watch->begun = true;
    else if (type != ALERT)
        watch->over = true;
    else if (watch->body_length == sizeof watch->alert)
        watch->alerted = true;
    watch->header_length = 0;
}

void tls_watch(tls_wire_watch *watch, const uint8_t *bytes, size_t length) {
    for (; length > 0 && !watch->over; bytes++, length--) {
        if (watch->header_length < sizeof watch->header) {
            watch->header[watch->header_length++] = *bytes;
            if (watch->header[0] < CHANGE_CIPHER_SPEC || watch->header[0] > APPLICATION_DATA) {
                watch->plaintext = !watch->begun;
                watch->over = true;
            }
            watch->body_length = (uint16_t)(watch->header[3] << 8 | watch->header[4]);
            watch->body_seen = 0;
            if (watch->header_length < sizeof watch->header || watch->body_length > 0)
                continue;
        } else {
            if (watch->header[0] == ALERT && watch->body_seen < sizeof watch->alert)
                watch->alert[watch->body_seen] = *bytes;
            watch->body_seen++;
        }
        if (watch->body_seen == watch->body_length)
            end_record(watch);
    }
}

bool tls_watch_refused_certificate(const tls_wire_watch *watch) {
    return watch->begun && watch->alerted &&
           memchr(CERTIFICATE_ALERTS, watch->alert[1], sizeof CERTIFICATE_ALERTS) != NULL;
}
