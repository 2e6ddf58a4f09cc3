/* Included before watch.c: its select() is the stand-in of lwip-select.c, since Debian's lwIP has poll() only. */
#include <sys/eventfd.h>
#include <sys/select.h>

int rig_select(int count, fd_set *readable, fd_set *writable, struct timeval *limit);
int rig_eventfd(unsigned value, int flags);

#define select(count, readable, writable, failed, limit) rig_select(count, readable, writable, limit)
#define eventfd(value, flags) rig_eventfd(value, flags)
