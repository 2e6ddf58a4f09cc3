/*
 * modules/signed/native/verify.c by the line:
 *
 *   verify-driver judge              KEY MESSAGE SIGNATURE, hexadecimal with "-" for nothing: prints 1 or 0
 *   verify-driver hash               parts, separated by blanks: prints the SHA-256 of all of them
 *   verify-driver fuzz COUNT SEED    of the good KEY MESSAGE SIGNATURE on its one line, mutated: prints JSON
 *   verify-driver memory STRIDE      a hash and a judgement in which the first, second, third … allocation fails, beyond
 *                                    the first fifty every STRIDEth
 *
 * A crash or a leak is the sanitizers' finding. What is read lies in blocks of exactly its length.
 */
#include "verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX = 1 << 20 };

typedef struct {
    uint8_t *bytes;
    size_t length;
} block;

/* ---- memory that fails ---- */

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

static bool failing;
static unsigned left;

void *__wrap_calloc(size_t count, size_t size) {
    if (failing && left-- == 0)
        return NULL;
    return __real_calloc(count, size);
}

/* ---- lines ---- */

static char line[LINE_MAX];

static block parse(const char *hex) {
    block parsed = {.length = *hex == '-' ? 0 : strlen(hex) / 2};

    parsed.bytes = malloc(parsed.length ? parsed.length : 1);
    for (size_t i = 0; i < parsed.length; i++) {
        unsigned byte;
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
            exit(2);
        parsed.bytes[i] = (uint8_t)byte;
    }
    return parsed;
}

static block copy_of(block from) {
    block copy = {.bytes = malloc(from.length + 1), .length = from.length};

    memcpy(copy.bytes, from.bytes, from.length);
    return copy;
}

static bool read_line(void) {
    if (!fgets(line, sizeof line, stdin))
        return false;
    line[strcspn(line, "\n")] = '\0';
    return true;
}

static void parse_three(block parts[3]) {
    const char *word = strtok(line, " ");

    for (int i = 0; i < 3; i++, word = strtok(NULL, " ")) {
        if (!word)
            exit(2);
        parts[i] = parse(word);
    }
}

static void free_three(block parts[3]) {
    for (int i = 0; i < 3; i++)
        free(parts[i].bytes);
}

static bool verify(block parts[3]) {
    return signed_verify(parts[0].bytes, parts[0].length, parts[1].bytes, parts[1].length, parts[2].bytes,
                         parts[2].length);
}

/* ---- modes ---- */

static void judge(void) {
    while (read_line()) {
        block parts[3];
        parse_three(parts);
        printf("%d\n", verify(parts));
        free_three(parts);
    }
}

static void hash_parts(void) {
    while (read_line()) {
        uint8_t digest[SIGNED_DIGEST], again[SIGNED_DIGEST];
        signed_hash *hash = signed_hash_new();

        for (const char *word = strtok(line, " "); word; word = strtok(NULL, " ")) {
            block part = parse(word);
            if (!signed_hash_update(hash, part.bytes, part.length))
                exit(3);
            free(part.bytes);
        }
        if (!signed_hash_finish(hash, digest))
            exit(3);
        /* It is over: neither gives anything any more. */
        if (signed_hash_update(hash, digest, 1) || signed_hash_finish(hash, again))
            exit(4);
        signed_hash_free(hash);
        for (size_t i = 0; i < sizeof digest; i++)
            printf("%02x", digest[i]);
        printf("\n");
    }
}

static uint32_t seed;

static uint32_t draw(uint32_t below) {
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed % below;
}

/* One to three changes of one of the three; true: it may be as it was after all. */
static void mutate(block *part) {
    for (uint32_t changes = 1 + draw(3); changes > 0; changes--) {
        uint32_t kind = draw(6);
        size_t at = part->length ? draw((uint32_t)part->length) : 0;

        if (part->length == 0)
            return;
        if (kind == 0)
            part->bytes[at] ^= (uint8_t)(1u << draw(8));
        else if (kind == 1)
            part->bytes[at] = (uint8_t)draw(256);
        else if (kind == 2)
            memset(part->bytes + at, draw(2) ? 0 : 0xff, part->length - at);
        else if (kind == 3)
            part->length = at;
        else if (kind == 4)
            memset(part->bytes, draw(2) ? 0 : 0xff, at);
        else
            for (size_t i = at; i < part->length; i++)
                part->bytes[i] = (uint8_t)draw(256);
    }
}

static void fuzz(long count) {
    block good[3];
    long accepted = 0, unchanged = 0;

    if (!read_line())
        exit(2);
    parse_three(good);
    if (!verify(good))
        exit(5);
    for (long i = 0; i < count; i++) {
        block parts[3] = {copy_of(good[0]), copy_of(good[1]), copy_of(good[2])};
        uint32_t which = draw(3);
        bool same;

        mutate(&parts[which]);
        same = parts[which].length == good[which].length &&
               memcmp(parts[which].bytes, good[which].bytes, good[which].length) == 0;
        unchanged += same;
        accepted += !same && verify(parts);
        free_three(parts);
    }
    free_three(good);
    printf("{\"accepted\":%ld,\"unchanged\":%ld}\n", accepted, unchanged);
}

/* Never good without its memory, and good with it. */
static void starve(unsigned stride) {
    block parts[3];
    long refused = 0;

    if (!read_line())
        exit(2);
    parse_three(parts);
    if (!verify(parts))
        exit(5);
    for (unsigned after = 0;; after += after < 50 ? 1 : stride) {
        bool good;

        failing = true;
        left = after;
        good = verify(parts);
        failing = false;
        if (good)
            break;
        refused++;
    }
    for (unsigned after = 0; after < 4; after++) {
        uint8_t digest[SIGNED_DIGEST];
        signed_hash *hash;

        failing = true;
        left = after;
        hash = signed_hash_new();
        if (hash) {
            (void)signed_hash_update(hash, parts[1].bytes, parts[1].length);
            (void)signed_hash_finish(hash, digest);
        }
        failing = false;
        signed_hash_free(hash);
    }
    free_three(parts);
    printf("{\"refused\":%ld}\n", refused);
}

int main(int argc, char **argv) {
    const char *mode = argc > 1 ? argv[1] : "";

    if (strcmp(mode, "judge") == 0)
        judge();
    else if (strcmp(mode, "hash") == 0)
        hash_parts();
    else if (strcmp(mode, "fuzz") == 0 && argc > 3) {
        seed = (uint32_t)strtoul(argv[3], NULL, 10) | 1;
        fuzz(strtol(argv[2], NULL, 10));
    } else if (strcmp(mode, "memory") == 0 && argc > 2)
        starve((unsigned)strtoul(argv[2], NULL, 10));
    else
        return 2;
    return 0;
}
