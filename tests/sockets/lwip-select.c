/* select() over lwIP's sockets and one eventfd, which has a number that no socket of lwIP gets. */
#include <errno.h>
#include <lwip/sockets.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#define WAKE 1000

int rig_eventfd(unsigned value, int flags) {
    int fd = eventfd(value, flags);

    if (fd < 0 || dup2(fd, WAKE) < 0)
        return -1;
    close(fd);
    return WAKE;
}

static long now_us(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

int rig_select(int count, fd_set *readable, fd_set *writable, struct timeval *limit) {
    long end = limit ? now_us() + limit->tv_sec * 1000000L + limit->tv_usec : 0;
    struct pollfd wake = {.fd = WAKE, .events = POLLIN};
    struct pollfd polled[64];
    unsigned sockets = 0;

    for (int fd = 0; fd < count && fd < WAKE; fd++) {
        short events = (short)((FD_ISSET(fd, readable) ? POLLIN : 0) | (FD_ISSET(fd, writable) ? POLLOUT : 0));
        if (events)
            polled[sockets++] = (struct pollfd){.fd = fd, .events = events};
    }
    for (;;) {
        int found = poll(&wake, 1, 0);

        if (sockets > 0 && lwip_poll(polled, sockets, 0) < 0)
            return -1;
        for (unsigned i = 0; i < sockets; i++)
            found += polled[i].revents != 0;
        if (found > 0 || (limit && now_us() >= end)) {
            FD_ZERO(readable);
            FD_ZERO(writable);
            if (wake.revents)
                FD_SET(WAKE, readable);
            for (unsigned i = 0; i < sockets; i++) {
                /* As lwIP's own select: an error is both. */
                if (polled[i].revents & (POLLIN | POLLERR | POLLHUP | POLLNVAL) && polled[i].events & POLLIN)
                    FD_SET(polled[i].fd, readable);
                if (polled[i].revents & (POLLOUT | POLLERR | POLLHUP | POLLNVAL) && polled[i].events & POLLOUT)
                    FD_SET(polled[i].fd, writable);
            }
            return found;
        }
        usleep(100);
    }
}
