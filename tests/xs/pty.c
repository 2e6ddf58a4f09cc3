#define _GNU_SOURCE

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "xsmc.h"
#include "mc.xs.h"

/* The far end of a serial line, for tests: the master of a pseudo-terminal. */

/* Opens one: its file descriptor. */
void xs_test_pty_open(xsMachine *the) {
    int fd = posix_openpt(O_RDWR | O_NOCTTY);
    struct termios raw;
    if ((fd < 0) || grantpt(fd) || unlockpt(fd) || fcntl(fd, F_SETFL, O_NONBLOCK)) xsUnknownError("no pseudo-terminal");
    tcgetattr(fd, &raw);
    cfmakeraw(&raw);
    tcsetattr(fd, TCSANOW, &raw);
    xsmcSetInteger(xsResult, fd);
}

/* The near end's path. */
void xs_test_pty_path(xsMachine *the) {
    xsmcSetString(xsResult, ptsname(xsmcToInteger(xsArg(0))));
}

void xs_test_pty_write(xsMachine *the) {
    void *bytes;
    xsUnsignedValue length;
    xsmcGetBufferReadable(xsArg(1), &bytes, &length);
    if (write(xsmcToInteger(xsArg(0)), bytes, length) != (ssize_t)length) xsUnknownError("not written");
}

/* What the near end has written; an empty buffer: nothing. */
void xs_test_pty_read(xsMachine *the) {
    uint8_t bytes[256];
    ssize_t count = read(xsmcToInteger(xsArg(0)), bytes, sizeof(bytes));
    xsmcSetArrayBuffer(xsResult, bytes, count > 0 ? count : 0);
}

void xs_test_pty_close(xsMachine *the) {
    close(xsmcToInteger(xsArg(0)));
}
