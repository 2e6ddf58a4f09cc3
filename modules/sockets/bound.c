/* What is bound to a port of ours: listeners and datagrams of sockets.h, on one interface alone where one is named. */
#include "record.h"

/* Datagrams taken in one turn: who sends more of them than that does not hold up the rest. */
#define DATAGRAMS_A_TURN 16

/* On one interface and address alone. */
static sockets_error bind_to(int fd, sockets_place at, const char *interface) {
    const struct sockaddr_in name = record_name(at);
    struct ifreq request;

    if (interface) {
        memset(&request, 0, sizeof request);
        if (!port_interface(interface, request.ifr_name) ||
            setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, &request, sizeof request) != 0)
            return SOCKETS_NO_PLACE;
    }
    return bind(fd, (const struct sockaddr *)&name, sizeof name) == 0 ? SOCKETS_OK : record_error(errno);
}

sockets_error sockets_listen(sockets_socket **made, sockets_place at, const char *interface) {
    sockets_error error = record_adopt(made, socket(AF_INET, SOCK_STREAM, 0), LISTENING);
    const int yes = 1;

    if (error != SOCKETS_OK)
        return error;
    setsockopt((*made)->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    error = bind_to((*made)->fd, at, interface);
    if (error == SOCKETS_OK && listen((*made)->fd, SOCKETS_BACKLOG) != 0)
        error = record_error(errno);
    return record_keep(made, error, WATCH_READ);
}

sockets_error sockets_open_datagrams(sockets_socket **made, sockets_place at, const char *interface) {
    sockets_error error = record_adopt(made, socket(AF_INET, SOCK_DGRAM, 0), DATAGRAMS);

    if (error != SOCKETS_OK)
        return error;
    return record_keep(made, bind_to((*made)->fd, at, interface), WATCH_READ);
}

void bound_ready(sockets_socket *bound, unsigned ready) {
    if (!(ready & WATCH_READ)) {
        watch_arm(bound->place, WATCH_READ, 0);
        return;
    }
    bound->room = bound->state == LISTENING ? 1 : DATAGRAMS_A_TURN;
    record_tell(bound, SOCKETS_READABLE, 1);
}

sockets_socket *sockets_accept(sockets_socket *listener) {
    sockets_socket *accepted = NULL;
    int fd;

    if (listener->room == 0)
        return NULL;
    listener->room = 0;
    fd = accept(listener->fd, NULL, NULL);
    /* Without memory for one, it still waits in a moment. */
    if (fd < 0 && errno != ECONNABORTED && (errno == EMFILE || record_again()))
        watch_arm(listener->place, 0, RETRY_MS);
    else
        watch_arm(listener->place, WATCH_READ, 0);
    if (record_adopt(&accepted, fd, OPEN) == SOCKETS_OK)
        watch_arm(accepted->place, WATCH_READ, 0);
    return accepted;
}

sockets_error sockets_send(sockets_socket *datagrams, const void *bytes, size_t count, sockets_place to) {
    const struct sockaddr_in name = record_name(to);
    ssize_t sent = sendto(datagrams->fd, bytes, count, MSG_NOSIGNAL, (const struct sockaddr *)&name, sizeof name);

    return sent >= 0 ? SOCKETS_OK : record_error(errno);
}

int sockets_receive(sockets_socket *datagrams, void *bytes, sockets_place *from) {
    struct sockaddr_in name = {0};
    ssize_t got = -1;

    if (!bytes) {
        watch_arm(datagrams->place, 0, RETRY_MS);
        return -1;
    }
    while (datagrams->room > 0) {
        socklen_t size = sizeof name;
        datagrams->room--;
        got = recvfrom(datagrams->fd, bytes, SOCKETS_DATAGRAM_MAX + 1, 0, (struct sockaddr *)&name, &size);
        if (got <= SOCKETS_DATAGRAM_MAX)
            break;
        got = -1;
    }
    watch_arm(datagrams->place, WATCH_READ, 0);
    if (got < 0)
        return -1;
    *from = record_place(&name);
    return (int)got;
}
