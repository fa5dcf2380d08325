/* pthread_setname_np is a GNU extra. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "ctx/service_thread.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>

bool service_thread_start(const char *name, void *(*run)(void *arg))
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    /* The new thread inherits the mask; signals belong to the program's own threads. */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    bool is_started = pthread_create(&thread, NULL, run, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (is_started) {
        pthread_setname_np(thread, name);
        pthread_detach(thread);
    }
    return is_started;
}
