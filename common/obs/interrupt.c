#include "obs/interrupt.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { EXIT_INTERRUPTED = 130 };

struct interrupt {
    const struct ctx_scope *scope;
    pthread_t thread;
    int signals;
    int stop;
    sigset_t old_mask;
};

static void *watch(void *arg)
{
    struct interrupt *interrupt = arg;
    struct pollfd polled[] = {
        {.fd = interrupt->signals, .events = POLLIN}, {.fd = interrupt->stop, .events = POLLIN}};
    bool is_cancelled = false;
    for (;;) {
        if (poll(polled, LENGTH_OF(polled), -1) < 0) {
            continue; /* EINTR: no signal that is not ours is handled here */
        }
        if ((polled[1].revents & POLLIN) != 0) {
            return NULL;
        }
        struct signalfd_siginfo info;
        if (read(interrupt->signals, &info, sizeof(info)) != (ssize_t)sizeof(info)) {
            continue;
        }
        if (is_cancelled) {
            _exit(EXIT_INTERRUPTED);
        }
        is_cancelled = true;
        ctx_cancel(interrupt->scope, CTX_CAUSE_USER_CANCELLED);
    }
}

struct interrupt *interrupt_start(const struct ctx_scope *scope)
{
    struct interrupt *interrupt = calloc(1, sizeof(*interrupt));
    if (interrupt == NULL) {
        return NULL;
    }
    interrupt->scope = scope;
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGTERM);
    interrupt->signals = signalfd(-1, &mask, SFD_CLOEXEC);
    interrupt->stop = eventfd(0, EFD_CLOEXEC);
    pthread_sigmask(SIG_BLOCK, &mask, &interrupt->old_mask);
    if (interrupt->signals < 0 || interrupt->stop < 0 ||
        pthread_create(&interrupt->thread, NULL, watch, interrupt) != 0) {
        pthread_sigmask(SIG_SETMASK, &interrupt->old_mask, NULL);
        close(interrupt->signals);
        close(interrupt->stop);
        free(interrupt);
        return NULL;
    }
    return interrupt;
}

void interrupt_stop(struct interrupt *interrupt)
{
    if (interrupt == NULL) {
        return;
    }
    const uint64_t one = 1;
    /* An eventfd at zero takes a one without blocking. */
    if (write(interrupt->stop, &one, sizeof(one)) == (ssize_t)sizeof(one)) {
        pthread_join(interrupt->thread, NULL);
    }
    pthread_sigmask(SIG_SETMASK, &interrupt->old_mask, NULL);
    close(interrupt->signals);
    close(interrupt->stop);
    free(interrupt);
}
