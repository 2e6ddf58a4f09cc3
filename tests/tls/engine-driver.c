/*
 * The TLS engine on a real socket, for the table of cases, the soak and the figures:
 *
 *   engine-driver PORT HOST LIMIT_MS CONNECTIONS RESUME AUTHORITY... -- CERTIFICATE... -- [KEY]
 *
 * Files are DER. Each connection sends a line and wants it back, or with $MQTT in the environment an MQTT 3.1.1 CONNECT
 * and wants its CONNACK. One line of JSON per connection; with RESUME 1
 * each offers the session of the one before, and with the path of a file also the one that an earlier run left there.
 * $CLOCK_AHEAD_S puts the wall clock forward. The allocator is counted (linked with --wrap), and so are signatures made
 * and verified, and proofs that a key is its certificate's.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <malloc.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../../modules/tls/engine.h"

static const uint8_t LINE[] = {'r', 'o', 't', 'a', 't', 'o', 'r', '\n'};
static const uint8_t CONNECT[] = {0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, 1, 'd'};
static const uint8_t CONNACK[] = {0x20, 2, 0, 0};

static const char *const REASONS[] = {
    "accepted",   "unknown-ca",  "expired",          "not-yet-valid",              "wrong-name",
    "wrong-usage", "weak-certificate", "client-certificate-refused", "protocol", "plaintext",
    "closed",
};

static size_t live, peak, blocks;
static int signatures_made, signatures_checked, pairs_checked;

void *__real_calloc(size_t count, size_t size);
void __real_free(void *block);

void *__wrap_calloc(size_t count, size_t size) {
    void *block = __real_calloc(count, size);
    if (block) {
        live += malloc_usable_size(block);
        blocks++;
        if (live > peak)
            peak = live;
    }
    return block;
}

void __wrap_free(void *block) {
    if (block) {
        live -= malloc_usable_size(block);
        blocks--;
    }
    __real_free(block);
}

time_t __real_time(time_t *into);

time_t __wrap_time(time_t *into) {
    const char *ahead = getenv("CLOCK_AHEAD_S");
    time_t now = __real_time(NULL) + (ahead ? atol(ahead) : 0);
    if (into)
        *into = now;
    return now;
}

int __real_mbedtls_pk_check_pair(const void *public, const void *private);
int __wrap_mbedtls_pk_check_pair(const void *public, const void *private) {
    pairs_checked++;
    return __real_mbedtls_pk_check_pair(public, private);
}

#ifdef COUNT_SIGNATURES
int __real_mbedtls_pk_sign_restartable(void *, int, const void *, size_t, void *, void *, void *, void *, void *);
int __wrap_mbedtls_pk_sign_restartable(void *key, int md, const void *hash, size_t length, void *signature,
                                       void *signature_length, void *random, void *state, void *restart) {
    signatures_made++;
    return __real_mbedtls_pk_sign_restartable(key, md, hash, length, signature, signature_length, random, state,
                                              restart);
}

int __real_mbedtls_pk_verify_restartable(void *, int, const void *, size_t, const void *, size_t, void *);
int __wrap_mbedtls_pk_verify_restartable(void *key, int md, const void *hash, size_t length, const void *signature,
                                         size_t signature_length, void *restart) {
    signatures_checked++;
    return __real_mbedtls_pk_verify_restartable(key, md, hash, length, signature, signature_length, restart);
}

int __real_mbedtls_pk_verify_ext(int, const void *, void *, int, const void *, size_t, const void *, size_t);
int __wrap_mbedtls_pk_verify_ext(int type, const void *options, void *key, int md, const void *hash, size_t length,
                                 const void *signature, size_t signature_length) {
    signatures_checked++;
    return __real_mbedtls_pk_verify_ext(type, options, key, md, hash, length, signature, signature_length);
}
#endif

static uint8_t session[8192];
static size_t session_length;

static double now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static uint8_t *load(const char *path, size_t *length) {
    static uint8_t bytes[8192];
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(2);
    }
    *length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    return bytes;
}

/* 0: not an option that the engine took. */
static int configure(tls_engine *engine, char **files) {
    uint8_t *bytes;
    size_t length;

    for (; strcmp(*files, "--") != 0; files++) {
        bytes = load(*files, &length);
        if (!tls_engine_add_authority(engine, bytes, length))
            return 0;
    }
    for (files++; strcmp(*files, "--") != 0; files++) {
        bytes = load(*files, &length);
        if (!tls_engine_add_certificate(engine, bytes, length))
            return 0;
    }
    if (!*++files)
        return 1;
    bytes = load(*files, &length);
    return tls_engine_set_key(engine, bytes, length);
}

static int open_socket(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

static void flush(tls_engine *engine, int fd) {
    uint8_t bytes[2048];
    size_t length;

    while ((length = tls_engine_take(engine, bytes, sizeof bytes)) > 0)
        if (write(fd, bytes, length) < 0)
            return;
}

/* Moves bytes until the answer came, the engine ends, the peer ends or the time is up. */
static const char *converse(tls_engine *engine, int fd, int limit_ms, double *open_ms) {
    double start = now_ms();
    bool mqtt = getenv("MQTT") != NULL;
    const uint8_t *question = mqtt ? CONNECT : LINE, *answer = mqtt ? CONNACK : LINE;
    size_t question_length = mqtt ? sizeof CONNECT : sizeof LINE, answer_length = mqtt ? sizeof CONNACK : sizeof LINE;
    uint8_t heard[sizeof LINE];
    size_t have = 0;
    bool sent = false;

    for (;;) {
        uint8_t bytes[700];
        size_t fed = 0;
        ssize_t got;
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        int step;

        do {
            step = tls_engine_step(engine);
            /* A flight leaves as a whole, as from the socket. */
            if (step <= 0 || tls_engine_is_open(engine))
                flush(engine, fd);
            if (tls_engine_is_open(engine) && !sent) {
                *open_ms = now_ms() - start;
                sent = tls_engine_write(engine, question, question_length) == question_length;
                flush(engine, fd);
            }
            have += tls_engine_read(engine, heard + have, answer_length - have);
            if (have == answer_length)
                return memcmp(heard, answer, answer_length) == 0 ? REASONS[0] : "garbled";
        } while (step > 0);
        if (step < 0)
            return REASONS[tls_engine_failure(engine)];
        if (poll(&wait, 1, limit_ms - (int)(now_ms() - start)) <= 0)
            return sent ? "timeout" : "handshake-timeout";
        got = read(fd, bytes, sizeof bytes);
        if (got <= 0)
            return "closed";
        while (fed < (size_t)got) {
            fed += tls_engine_feed(engine, bytes + fed, (size_t)got - fed);
            if (fed < (size_t)got && tls_engine_step(engine) < 0)
                break;
        }
    }
}

static void connect_once(char **arguments) {
    int limit_ms = atoi(arguments[2]);
    bool resume = strcmp(arguments[4], "0") != 0;
    const char *outcome = "unusable";
    double open_ms = 0;
    int resumed = 0;
    long long valid_from = 0, trusted_until = 0;
    tls_engine *engine;
    int fd;
    const char *alpn = strchr(arguments[1], ',');
    char host[300];

    snprintf(host, sizeof host, "%.*s", (int)strcspn(arguments[1], ","), arguments[1]);
    peak = live;
    signatures_made = signatures_checked = pairs_checked = 0;
    fd = open_socket(atoi(arguments[0]));
    if (fd < 0) {
        printf("{\"outcome\":\"connect-refused\"}\n");
        return;
    }
    engine = tls_engine_new();
    if (engine && configure(engine, arguments + 5) && (trusted_until = tls_engine_trusted_until(engine)) > 0 &&
        (!alpn || tls_engine_set_alpn(engine, alpn + 1)) &&
        tls_engine_start(engine, host, resume && session_length ? session : NULL, session_length)) {
        outcome = converse(engine, fd, limit_ms, &open_ms);
        resumed = tls_engine_resumed(engine);
        valid_from = tls_engine_valid_from(engine);
        if (resume)
            session_length = tls_engine_save_session(engine, session, sizeof session);
        tls_engine_close(engine);
        flush(engine, fd);
    }
    printf("{\"outcome\":\"%s\",\"detail\":%d,\"validFrom\":%lld,\"trustedUntil\":%lld,", outcome,
           engine ? tls_engine_detail(engine) : 0, valid_from, trusted_until);
    tls_engine_free(engine);
    close(fd);
    printf("\"ms\":%.2f,\"resumed\":%s,\"made\":%d,\"checked\":%d,\"pairs\":%d,\"session\":%zu,\"peak\":%zu,\"live\":%zu,"
           "\"blocks\":%zu}\n",
           open_ms, resumed ? "true" : "false", signatures_made, signatures_checked, pairs_checked, session_length,
           peak, live, blocks);
}

/* The session that an earlier run left, or for a later one. */
static void move_session(const char *path, const char *mode) {
    FILE *file = strchr(path, '/') ? fopen(path, mode) : NULL;

    if (!file)
        return;
    if (*mode == 'r')
        session_length = fread(session, 1, sizeof session, file);
    else
        fwrite(session, 1, session_length, file);
    fclose(file);
}

/* One connection a line of the standard input, which has the arguments of a single one. */
static void serve(void) {
    char *line = NULL;
    size_t room = 0;

    while (getline(&line, &room, stdin) > 0) {
        char *words[32], *rest = line;
        size_t count = 0;
        while (count < 31 && (words[count] = strsep(&rest, " \n")) != NULL && *words[count])
            count++;
        words[count] = NULL;
        connect_once(words);
        fflush(stdout);
    }
    free(line);
}

int main(int count, char **arguments) {
    signal(SIGPIPE, SIG_IGN);
    if (count == 1) {
        serve();
        return 0;
    }
    if (count < 8)
        return 2;
    move_session(arguments[5], "rb");
    for (int i = atoi(arguments[4]); i > 0; i--)
        connect_once(arguments + 1);
    move_session(arguments[5], "wb");
    return 0;
}
