#pragma once
/*
 * An allocator that fails on demand, and a count of proofs that a key is a certificate's: linked with --wrap of calloc,
 * free and mbedtls_pk_check_pair.
 */
#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>

/* Bytes in use, whoever took them. */
static size_t live;
/* Between `counted` and not: which allocation it is, which one fails, and whether all after it do as well. */
static bool counted, fails_after;
static size_t allocations, fails_at;
static unsigned proofs;

void *__real_calloc(size_t count, size_t size);
void __real_free(void *block);
int __real_mbedtls_pk_check_pair(const void *public, const void *private);

void *__wrap_calloc(size_t count, size_t size) {
    void *block;

    if (counted && (++allocations == fails_at || (fails_after && fails_at && allocations > fails_at)))
        return NULL;
    block = __real_calloc(count, size);
    live += block ? malloc_usable_size(block) : 0;
    return block;
}

void __wrap_free(void *block) {
    live -= block ? malloc_usable_size(block) : 0;
    __real_free(block);
}

int __wrap_mbedtls_pk_check_pair(const void *public, const void *private) {
    proofs++;
    return __real_mbedtls_pk_check_pair(public, private);
}
