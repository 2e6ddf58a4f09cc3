/*
 * modules/credentials/native/credential.c by the line, words of hexadecimal with "-" for nothing:
 *
 *   key                                            prints a new key
 *   request KEY CERTIFICATE                        prints the request, or "-"
 *   judge KEY CHAIN AUTHORITIES PRESENT DATED      prints the number of the fault
 *   dates CERTIFICATE                              prints both, or "-"
 *   fuzz KEY CHAIN AUTHORITIES PRESENT COUNT SEED  judges the chain mutated: prints how many were accepted, and how many
 *                                                  of the mutations changed nothing
 *   memory KEY CHAIN AUTHORITIES PRESENT STRIDE    judges while the first, second, third … allocation fails, beyond the
 *                                                  first fifty every STRIDEth: prints how often it was refused
 *
 * A crash or a leak is the sanitizers' finding. What is read lies in blocks of exactly its length.
 */
#include "credential.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX = 1 << 20 };

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

static bool failing;
static unsigned left;

void *__wrap_calloc(size_t count, size_t size) {
    if (failing && left-- == 0)
        return NULL;
    return __real_calloc(count, size);
}

static char line[LINE_MAX];
static uint32_t seed;

static uint32_t draw(uint32_t below) {
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed % below;
}

static credential_bytes next_bytes(void) {
    const char *hex = strtok(NULL, " ");
    credential_bytes parsed;
    uint8_t *bytes;

    if (!hex)
        exit(2);
    parsed.length = *hex == '-' ? 0 : strlen(hex) / 2;
    parsed.bytes = bytes = malloc(parsed.length ? parsed.length : 1);
    for (size_t i = 0; i < parsed.length; i++) {
        unsigned byte;
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
            exit(2);
        bytes[i] = (uint8_t)byte;
    }
    return parsed;
}

static void drop(credential_bytes bytes) {
    free((void *)bytes.bytes);
}

static void print(const uint8_t *bytes, size_t length) {
    for (size_t i = 0; i < length; i++)
        printf("%02x", bytes[i]);
    printf(length ? "\n" : "-\n");
}

static void print_key(void) {
    uint8_t key[CREDENTIAL_KEY];

    if (!credential_new_key(key))
        exit(3);
    print(key, sizeof key);
}

static void print_request(void) {
    credential_bytes key = next_bytes(), certificate = next_bytes();
    uint8_t *request = malloc(CREDENTIAL_REQUEST_MAX);

    print(request, credential_request(key, certificate, request));
    free(request);
    drop(key);
    drop(certificate);
}

static void print_dates(void) {
    credential_bytes certificate = next_bytes();
    int64_t dates[2];

    if (credential_dates(certificate, dates))
        printf("%lld %lld\n", (long long)dates[0], (long long)dates[1]);
    else
        printf("-\n");
    drop(certificate);
}

static credential_bytes mutated(credential_bytes from) {
    uint8_t *bytes = malloc(from.length + 1);
    size_t length = from.length;

    memcpy(bytes, from.bytes, length);
    for (uint32_t changes = 1 + draw(3); changes > 0 && length > 0; changes--) {
        size_t at = draw((uint32_t)length);
        switch (draw(5)) {
        case 0:
            bytes[at] ^= (uint8_t)(1u << draw(8));
            break;
        case 1:
            bytes[at] = (uint8_t)draw(256);
            break;
        case 2:
            length = at;
            break;
        case 3:
            memmove(bytes + at, bytes + at + 1, length - at - 1);
            length--;
            break;
        default:
            memset(bytes + at, draw(2) ? 0 : 0xff, draw((uint32_t)(length - at)) + 1);
        }
    }
    return (credential_bytes){realloc(bytes, length ? length : 1), length};
}

static void fuzz(credential_bytes all[4], long count) {
    long accepted = 0, unchanged = 0;

    for (long i = 0; i < count; i++) {
        credential_bytes chain = mutated(all[1]);
        bool same = chain.length == all[1].length && memcmp(chain.bytes, all[1].bytes, chain.length) == 0;

        unchanged += same;
        accepted += !same && credential_judge(all[0], chain, all[2], all[3], true) == CREDENTIAL_GOOD;
        drop(chain);
    }
    printf("%ld %ld\n", accepted, unchanged);
}

/* Never good without its memory. */
static void starve(credential_bytes all[4], unsigned stride) {
    long refused = 0;

    for (unsigned after = 0;; after += after < 50 ? 1 : stride, refused++) {
        credential_fault fault;

        failing = true;
        left = after;
        fault = credential_judge(all[0], all[1], all[2], all[3], true);
        failing = false;
        if (fault == CREDENTIAL_GOOD)
            break;
    }
    printf("%ld\n", refused);
}

static void judge(const char *mode) {
    credential_bytes all[4];
    const char *last;
    long number;

    for (int i = 0; i < 4; i++)
        all[i] = next_bytes();
    last = strtok(NULL, " ");
    number = last ? atol(last) : 0;
    if (*mode == 'j') {
        printf("%d\n", credential_judge(all[0], all[1], all[2], all[3], number != 0));
    } else if (credential_judge(all[0], all[1], all[2], all[3], true) != CREDENTIAL_GOOD) {
        exit(5);
    } else if (*mode == 'm') {
        starve(all, (unsigned)number);
    } else {
        last = strtok(NULL, " ");
        seed = last && atol(last) ? (uint32_t)atol(last) : 1;
        fuzz(all, number);
    }
    for (int i = 0; i < 4; i++)
        drop(all[i]);
}

int main(void) {
    while (fgets(line, sizeof line, stdin)) {
        const char *mode;

        line[strcspn(line, "\n")] = '\0';
        mode = strtok(line, " ");
        if (!mode)
            return 2;
        if (strcmp(mode, "key") == 0)
            print_key();
        else if (strcmp(mode, "request") == 0)
            print_request();
        else if (strcmp(mode, "dates") == 0)
            print_dates();
        else
            judge(mode);
    }
    return 0;
}
