/* For CPU_COUNT. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "base/process.h"

#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/attributes.h"
#include "base/clock.h"

enum {
    MAPPED_FROM = 128 << 10,   /* bytes: glibc's own value before it adapts */
    TRIMMED_FROM = 1024 << 10, /* bytes that are free at a heap's end; glibc's 128 KiB are asked for
                                  again by each page of a report */
};

static void signal_set(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGHUP);
}

void process_give_back_memory(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, MAPPED_FROM); /* refused: memory is merely not as flat */
    (void)mallopt(M_TRIM_THRESHOLD, TRIMMED_FROM);
}

void process_raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit); /* refused: fewer connections fit */
    }
}

void process_block_signals(void)
{
    sigset_t set;
    signal_set(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    process_survive_writes();
}

void process_survive_writes(void)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
}

void process_occupy_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        /* The lowest free number is this one; reading alone from output, writing alone to input. */
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) {
            _exit(EXIT_UNAVAILABLE);
        }
    }
}

/* Half of the watchdog's period, as systemd advises; PROCESS_FOREVER when none is set. */
static uint64_t watchdog_interval_ns(void)
{
    const char *period_us = getenv("WATCHDOG_USEC");
    uint64_t period = period_us == NULL ? 0 : strtoull(period_us, NULL, 10);
    return period == 0 ? PROCESS_FOREVER : CLOCK_US(period) / 2;
}

enum process_event process_wait_signal(uint64_t timeout_ns)
{
    sigset_t set;
    signal_set(&set);
    uint64_t watchdog_ns = watchdog_interval_ns();
    uint64_t end_ns = clock_add_ns(clock_now_ns(), timeout_ns);
    for (;;) {
        uint64_t now_ns = clock_now_ns();
        uint64_t wait_ns = end_ns > now_ns ? end_ns - now_ns : 0;
        wait_ns = wait_ns < watchdog_ns ? wait_ns : watchdog_ns;
        /* A day at a time keeps the timespec small; waking once a day harms nobody. */
        wait_ns = wait_ns < CLOCK_SECONDS(86400) ? wait_ns : CLOCK_SECONDS(86400);
        struct timespec wait = {
            .tv_sec = (time_t)(wait_ns / CLOCK_SECONDS(1)),
            .tv_nsec = (long)(wait_ns % CLOCK_SECONDS(1)),
        };
        int number = sigtimedwait(&set, NULL, &wait);
        if (number > 0) {
            return number == SIGHUP ? PROCESS_RELOAD : PROCESS_STOP;
        }
        if (watchdog_ns != PROCESS_FOREVER) {
            process_notify("WATCHDOG=1");
        }
        if (clock_now_ns() >= end_ns) {
            return PROCESS_TIMEOUT;
        }
    }
}

void process_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t path_len = path == NULL ? 0 : strlen(path);
    if (path_len == 0 || path_len >= sizeof(address.sun_path)) {
        return;
    }
    memcpy(address.sun_path, path, path_len);
    if (address.sun_path[0] == '@') {
        address.sun_path[0] = '\0'; /* an abstract socket */
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (fd < 0) {
        return;
    }
    socklen_t address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path_len);
    /* Nobody to tell is no reason to fail. */
    if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address,
            address_len) < 0) {
        close(fd);
        return;
    }
    close(fd);
}

unsigned int process_cpu_count(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) != 0) {
        return 1; /* a machine of more than a thousand CPUs */
    }
    int n_cpus = CPU_COUNT(&set);
    return n_cpus < 1 ? 1 : (unsigned int)n_cpus;
}

bool process_is_local_address(const char *address)
{
    static const char *const SCHEMES[] = {"tcp://", "tls+tcp://"};
    static const char *const LOCAL[] = {"[::1]:", "localhost:"};
    if (strncmp(address, "ipc://", strlen("ipc://")) == 0) {
        return true;
    }
    for (size_t i = 0; i < LENGTH_OF(SCHEMES); i++) {
        if (strncmp(address, SCHEMES[i], strlen(SCHEMES[i])) == 0) {
            address += strlen(SCHEMES[i]);
            break;
        }
    }
    /* 127.0.0.1, but not the name 127.example.org. */
    if (strncmp(address, "127.", 4) == 0) {
        return address[strspn(address, "0123456789.")] == ':';
    }
    for (size_t i = 0; i < LENGTH_OF(LOCAL); i++) {
        if (strncmp(address, LOCAL[i], strlen(LOCAL[i])) == 0) {
            return true;
        }
    }
    return false;
}
