/* watch.h, over one select() with an eventfd that ends it. */
#include "watch.h"

#include "port.h"
#include "sockets.h"

/* Until the next try, where select() or the owner's queue has no memory or room. */
#define RETRY_MS 20

typedef struct {
    int fd;
    /* Of the owner's task. NULL: the place is free. */
    void *owner;
    uint32_t due;
    uint8_t armed;
    uint8_t ready;
    bool timed;
    /* The watcher waits for it at this moment. */
    bool watched;
} place;

static struct {
    bool opened;
    port_lock lock;
    /* The watcher has left select(), which the owner waits for. */
    port_signal parted;
    port_task task;
    int wake;
    unsigned open;
    /* Under the lock, like `places`. */
    bool waiting, parting, posted, stopping;
    place places[WATCH_MOST];
} watch;

/* An eventfd takes this without memory; one that is full is awake already. */
static void wake_up(void) {
    const uint64_t one = 1;

    if (write(watch.wake, &one, sizeof one) < 0) {
    }
}

/* Asks for delivery where something is ready; false: in vain. */
static bool post(void) {
    bool due = false;

    port_lock_take(&watch.lock);
    for (int i = 0; i < WATCH_MOST; i++)
        due = due || watch.places[i].ready;
    due = due && !watch.posted;
    watch.posted = watch.posted || due;
    port_lock_give(&watch.lock);
    if (!due || sockets_post())
        return true;
    port_lock_take(&watch.lock);
    watch.posted = false;
    port_lock_give(&watch.lock);
    return false;
}

/* Fills the sets, and gives how long to wait in milliseconds; negative: without end. Under the lock. */
static int prepare(fd_set *readable, fd_set *writable, int *top, uint32_t now) {
    int wait = -1;

    FD_ZERO(readable);
    FD_ZERO(writable);
    FD_SET(watch.wake, readable);
    *top = watch.wake;
    for (int i = 0; i < WATCH_MOST; i++) {
        place *at = &watch.places[i];

        /* Of the owner, since `post` looked. */
        if (at->ready && !watch.posted)
            wait = 0;
        at->watched = at->armed != 0;
        if (at->armed & WATCH_READ)
            FD_SET(at->fd, readable);
        if (at->armed & WATCH_WRITE)
            FD_SET(at->fd, writable);
        if (at->watched && at->fd > *top)
            *top = at->fd;
        if (at->timed) {
            int32_t left = (int32_t)(at->due - now);
            int rest = left > 0 ? left : 0;
            wait = wait < 0 || rest < wait ? rest : wait;
        }
    }
    return wait;
}

/* Under the lock. What was armed anew meanwhile is compared with what is asked now. */
static void mark(const fd_set *readable, const fd_set *writable, bool found, uint32_t now) {
    for (int i = 0; i < WATCH_MOST; i++) {
        place *at = &watch.places[i];
        unsigned ready = 0;

        if (found && at->watched && FD_ISSET(at->fd, readable))
            ready |= WATCH_READ;
        if (found && at->watched && FD_ISSET(at->fd, writable))
            ready |= WATCH_WRITE;
        ready &= at->armed;
        if (at->timed && (int32_t)(at->due - now) <= 0)
            ready |= WATCH_LATE;
        at->watched = false;
        if (!ready)
            continue;
        at->ready |= (uint8_t)ready;
        at->armed = 0;
        at->timed = false;
    }
}

static void run(void) {
    for (;;) {
        fd_set readable, writable;
        struct timeval time;
        bool asked = post();
        uint64_t wakes;
        int top, wait, found;

        port_lock_take(&watch.lock);
        if (watch.stopping) {
            port_lock_give(&watch.lock);
            return;
        }
        wait = prepare(&readable, &writable, &top, port_ms());
        if (!asked && (wait < 0 || wait > RETRY_MS))
            wait = RETRY_MS;
        watch.waiting = true;
        port_lock_give(&watch.lock);

        time.tv_sec = wait / 1000;
        time.tv_usec = wait % 1000 * 1000;
        found = select(top + 1, &readable, &writable, NULL, wait < 0 ? NULL : &time);

        port_lock_take(&watch.lock);
        watch.waiting = false;
        mark(&readable, &writable, found > 0, port_ms());
        if (watch.parting) {
            watch.parting = false;
            port_signal_send(&watch.parted);
        }
        port_lock_give(&watch.lock);
        if (found > 0 && FD_ISSET(watch.wake, &readable) && read(watch.wake, &wakes, sizeof wakes) < 0)
            found = -1;
        if (found < 0)
            port_rest(RETRY_MS);
    }
}

static bool start(void) {
    if (!watch.opened) {
        port_lock_open(&watch.lock);
        port_signal_open(&watch.parted);
        watch.opened = true;
    }
    watch.wake = port_wake_open();
    if (watch.wake < 0)
        return false;
    watch.stopping = watch.posted = false;
    if (watch.wake < FD_SETSIZE && port_task_start(&watch.task, run))
        return true;
    close(watch.wake);
    return false;
}

static void stop(void) {
    port_lock_take(&watch.lock);
    watch.stopping = true;
    port_lock_give(&watch.lock);
    wake_up();
    port_task_join(&watch.task);
    close(watch.wake);
    sockets_unpost();
}

int watch_add(int fd, void *owner) {
    static bool running;

    if (fd < 0 || fd >= FD_SETSIZE)
        return -1;
    if (watch.open == 0 && !running) {
        if (!start())
            return -1;
        running = PORT_WATCHER_STAYS;
    }
    for (int i = 0; i < WATCH_MOST; i++) {
        if (watch.places[i].owner)
            continue;
        port_lock_take(&watch.lock);
        watch.places[i] = (place){.fd = fd, .owner = owner};
        port_lock_give(&watch.lock);
        watch.open++;
        return i;
    }
    return -1;
}

void watch_arm(int index, unsigned events, uint32_t limit_ms) {
    place *at = &watch.places[index];
    uint32_t due = port_ms() + limit_ms;
    bool waiting;

    port_lock_take(&watch.lock);
    waiting = watch.waiting && (!at->watched || at->armed != events || limit_ms != 0);
    at->armed = (uint8_t)events;
    at->timed = limit_ms != 0;
    at->due = due;
    port_lock_give(&watch.lock);
    if (waiting)
        wake_up();
}

void watch_poke(int index) {
    bool waiting;

    port_lock_take(&watch.lock);
    watch.places[index].ready |= WATCH_LATE;
    waiting = watch.waiting;
    port_lock_give(&watch.lock);
    if (waiting)
        wake_up();
}

void watch_remove(int index) {
    place *at = &watch.places[index];
    bool wait;

    port_lock_take(&watch.lock);
    wait = watch.waiting && at->watched;
    *at = (place){.fd = -1, .owner = at->owner};
    watch.parting = wait;
    port_lock_give(&watch.lock);
    if (wait) {
        wake_up();
        port_signal_wait(&watch.parted);
    }
    at->owner = NULL;
    if (--watch.open == 0 && !PORT_WATCHER_STAYS)
        stop();
}

void *watch_owner(int index) {
    return watch.places[index].owner;
}

void watch_deliver(void) {
    port_lock_take(&watch.lock);
    watch.posted = false;
    port_lock_give(&watch.lock);
    for (int i = 0; i < WATCH_MOST; i++) {
        place *at = &watch.places[i];
        unsigned ready;

        if (!at->owner)
            continue;
        port_lock_take(&watch.lock);
        ready = at->ready;
        at->ready = 0;
        port_lock_give(&watch.lock);
        if (ready)
            watch_tell(at->owner, ready);
    }
}
