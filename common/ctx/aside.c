/* The caller and the thread each hold a reference; `mutex` guards which of the two is first: the
 * step's end or the caller's leaving. */
#include "ctx/aside.h"

#include <pthread.h>
#include <stdlib.h>

enum { DRAIN_LOOK_NS = 5 * 1000 * 1000 }; /* between two looks while draining */

struct aside {
    _Atomic int n_holders;
    ctx_aside_run_fn *run;
    ctx_aside_release_fn *release;
    void *arg;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool is_over;
    _Atomic bool is_left; /* nobody waits any more; written under the mutex */
};

static _Atomic unsigned int n_left;

static struct aside *aside_new(ctx_aside_run_fn *run, ctx_aside_release_fn *release, void *arg)
{
    struct aside *aside = calloc(1, sizeof(*aside));
    if (aside != NULL) {
        atomic_init(&aside->n_holders, 2);
        aside->run = run;
        aside->release = release;
        aside->arg = arg;
        pthread_mutex_init(&aside->mutex, NULL);
        pthread_cond_init(&aside->changed, NULL);
    }
    return aside;
}

static void aside_unref(struct aside *aside)
{
    if (atomic_fetch_sub(&aside->n_holders, 1) == 1) {
        pthread_cond_destroy(&aside->changed);
        pthread_mutex_destroy(&aside->mutex);
        free(aside);
    }
}

static void *run_aside(void *arg)
{
    struct aside *aside = arg;
    aside->run(aside->arg, &aside->is_left);
    pthread_mutex_lock(&aside->mutex);
    aside->is_over = true;
    bool is_left = atomic_load(&aside->is_left);
    pthread_cond_broadcast(&aside->changed);
    pthread_mutex_unlock(&aside->mutex);
    if (is_left) {
        aside->release(aside->arg);
        atomic_fetch_sub(&n_left, 1);
    }
    aside_unref(aside);
    return NULL;
}

static bool start_thread(struct aside *aside)
{
    pthread_t thread;
    pthread_attr_t attributes;
    if (atomic_load(&n_left) >= CTX_ASIDE_LEFT_MAX || pthread_attr_init(&attributes) != 0) {
        return false;
    }
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    bool is_started = pthread_create(&thread, &attributes, run_aside, aside) == 0;
    pthread_attr_destroy(&attributes);
    return is_started;
}

static void wake(void *arg)
{
    struct aside *aside = arg;
    pthread_mutex_lock(&aside->mutex);
    pthread_cond_broadcast(&aside->changed);
    pthread_mutex_unlock(&aside->mutex);
}

/* Without a registration (no memory) the end of the context wakes nobody: wait for the step. */
static enum status await(const struct ctx *ctx, struct aside *aside, bool is_told)
{
    pthread_mutex_lock(&aside->mutex);
    enum status status = is_told ? ctx_err(ctx) : STATUS_OK;
    while (!aside->is_over && status == STATUS_OK) {
        pthread_cond_wait(&aside->changed, &aside->mutex);
        status = is_told ? ctx_err(ctx) : STATUS_OK;
    }
    if (!aside->is_over) {
        atomic_fetch_add(&n_left, 1);
        atomic_store(&aside->is_left, true);
    }
    status = aside->is_over ? STATUS_OK : status;
    pthread_mutex_unlock(&aside->mutex);
    return status;
}

enum status ctx_aside(
    const struct ctx *ctx, ctx_aside_run_fn *run, ctx_aside_release_fn *release, void *arg)
{
    enum status status = ctx_err(ctx);
    if (status != STATUS_OK) {
        release(arg);
        return status;
    }
    struct aside *aside = aside_new(run, release, arg);
    if (aside == NULL) {
        run(arg, NULL);
        return STATUS_OK;
    }
    if (!start_thread(aside)) {
        run(arg, NULL);
        atomic_store(&aside->n_holders, 1); /* there is no thread */
        aside_unref(aside);
        return STATUS_OK;
    }
    struct ctx_after *after = ctx_after_func(ctx, wake, aside);
    status = await(ctx, aside, after != NULL);
    (void)ctx_stop_wait(after);
    aside_unref(aside);
    return status;
}

unsigned int ctx_aside_left(void)
{
    return atomic_load(&n_left);
}

enum status ctx_aside_drain(const struct ctx *ctx)
{
    enum status status = STATUS_OK;
    while (ctx_aside_left() > 0 && status == STATUS_OK) {
        status = ctx_sleep(ctx, DRAIN_LOOK_NS);
    }
    return status;
}
