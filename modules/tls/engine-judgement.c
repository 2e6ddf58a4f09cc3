/* What becomes of the peer's chain: each certificate judged as mbedTLS shows it, and the reason that the faults come to. */
#include "certificate-rules.h"
#include "engine-state.h"
#include "name-constraints.h"
#include "peer-certificate.h"

/* mbedTLS's flags by our reasons, in the order in which they count. */
static const struct {
    uint32_t flags;
    tls_failure failure;
} REASONS[] = {
    {MBEDTLS_X509_BADCERT_EXPIRED, TLS_EXPIRED},
    {MBEDTLS_X509_BADCERT_FUTURE, TLS_NOT_YET_VALID},
    {MBEDTLS_X509_BADCERT_CN_MISMATCH, TLS_WRONG_NAME},
    {MBEDTLS_X509_BADCERT_EXT_KEY_USAGE | MBEDTLS_X509_BADCERT_KEY_USAGE, TLS_WRONG_USAGE},
    {MBEDTLS_X509_BADCERT_BAD_MD | MBEDTLS_X509_BADCERT_BAD_PK | MBEDTLS_X509_BADCERT_BAD_KEY, TLS_WEAK_CERTIFICATE},
};

static bool is_earlier(const mbedtls_x509_time *a, const mbedtls_x509_time *b) {
    const int left[] = {a->year, a->mon, a->day, a->hour, a->min, a->sec};
    const int right[] = {b->year, b->mon, b->day, b->hour, b->min, b->sec};

    for (size_t i = 0; i < sizeof left / sizeof left[0]; i++)
        if (left[i] != right[i])
            return left[i] < right[i];
    return false;
}

/* What mbedTLS leaves unread of an authority's extensions; its name constraints wait for the server's names. */
static uint32_t judge_authority(tls_engine *engine, tls_bytes extensions) {
    int place = engine->verified - 1;

    if (place >= AUTHORITIES_MAX)
        return MBEDTLS_X509_BADCERT_NOT_TRUSTED;
    engine->above[place] = extensions;
    return tls_may_serve(extensions, TLS_AUTHORITY) ? 0 : MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
}

static uint32_t judge_server(const tls_engine *engine, tls_bytes extensions) {
    uint32_t faults = 0;
    int authorities = engine->verified - 1;

    /* One that is itself the anchor: mbedTLS would trust it. */
    if (authorities == 0)
        faults |= MBEDTLS_X509_BADCERT_NOT_TRUSTED;
    for (int i = 0; i < authorities && i < AUTHORITIES_MAX; i++)
        if (!tls_permits_names(engine->above[i], extensions, engine->host))
            faults |= MBEDTLS_X509_BADCERT_NOT_TRUSTED;
    if (!tls_names_host(extensions, engine->host))
        faults |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
    if (!tls_may_serve(extensions, TLS_SERVER))
        faults |= MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
    return faults;
}

int tls_engine_verify(void *context, mbedtls_x509_crt *certificate, int depth, uint32_t *flags) {
    tls_engine *engine = context;
    tls_bytes extensions = {certificate->v3_ext.p, certificate->v3_ext.p + certificate->v3_ext.len};

    if (engine->verified++ == 0 || is_earlier(&certificate->valid_to, &engine->session.expires))
        engine->session.expires = certificate->valid_to;
    if (depth == 0)
        engine->valid_from = tls_unix_seconds(&certificate->valid_from);
    *flags &= ~(uint32_t)MBEDTLS_X509_BADCERT_CN_MISMATCH;
    *flags |= depth > 0 ? judge_authority(engine, extensions) : judge_server(engine, extensions);
    if (!tls_reads_names(extensions))
        *flags |= MBEDTLS_X509_BADCERT_NOT_TRUSTED;
    engine->faults |= *flags;
    return 0;
}

tls_failure tls_engine_reason(uint32_t faults) {
    uint32_t known = 0;

    for (size_t i = 0; i < sizeof REASONS / sizeof REASONS[0]; i++)
        known |= REASONS[i].flags;
    if (faults & ~known)
        return TLS_UNKNOWN_CA;
    for (size_t i = 0; i < sizeof REASONS / sizeof REASONS[0]; i++)
        if (faults & REASONS[i].flags)
            return REASONS[i].failure;
    return TLS_PROTOCOL;
}

int64_t tls_engine_trusted_until(const tls_engine *engine) {
    int64_t latest = 0;

    for (const mbedtls_x509_crt *each = &engine->authorities; each && each->raw.len > 0; each = each->next) {
        int64_t until = tls_unix_seconds(&each->valid_to);
        if (until > latest)
            latest = until;
    }
    return latest;
}
