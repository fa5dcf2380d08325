/* What the operations of common/ctx cost. One line an operation: the median of N_RUNS runs.
 *
 *     ctx_bench [--json] [OP...]
 *
 * The timer thread runs throughout, as in any service, so that nothing is measured with the
 * C library's shortcuts for programs of one thread. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attributes.h"
#include "ctx/checkpoint.h"
#include "ctx/ctx.h"
#include "ctx/timer.h"

enum { N_RUNS = 15, N_LOOPS = 200000, N_NODES = 100000, N_HANDOVERS = 200 };

static struct ctx_scope *scopes[N_NODES];

/* --- operations: each returns ns for one ---------------------------------------------------- */

static double per_loop(uint64_t start_ns)
{
    return (double)(clock_now_ns() - start_ns) / N_LOOPS;
}

static double with_cancel_end(const struct ctx *root)
{
    uint64_t start_ns = clock_now_ns();
    for (int i = 0; i < N_LOOPS; i++) {
        ctx_scope_end(ctx_with_cancel(root));
    }
    return per_loop(start_ns);
}

static double with_timeout_end(const struct ctx *root)
{
    uint64_t start_ns = clock_now_ns();
    for (int i = 0; i < N_LOOPS; i++) {
        ctx_scope_end(ctx_with_timeout(root, CTX_SECONDS(3)));
    }
    return per_loop(start_ns);
}

static double with_timeout_end_10000_armed(const struct ctx *root)
{
    enum { N_ARMED = 10000 };
    for (unsigned int i = 0; i < N_ARMED; i++) {
        scopes[i] = ctx_with_timeout(root, CTX_SECONDS(60) + CTX_MS(i));
    }
    uint64_t start_ns = clock_now_ns();
    for (int i = 0; i < N_LOOPS; i++) {
        struct ctx_scope **scope = &scopes[(unsigned int)(i * 7919) % N_ARMED];
        ctx_scope_end(*scope);
        *scope = ctx_with_timeout(root, CTX_SECONDS(60));
    }
    double ns = per_loop(start_ns);
    for (unsigned int i = 0; i < N_ARMED; i++) {
        ctx_scope_end(scopes[i]);
    }
    return ns;
}

static double done(const struct ctx *root)
{
    unsigned int n_done = 0;
    uint64_t start_ns = clock_now_ns();
    for (int i = 0; i < N_LOOPS; i++) {
        n_done += ctx_done(root);
    }
    double ns = per_loop(start_ns);
    return n_done == 0 ? ns : -1;
}

static double err(const struct ctx *root)
{
    CTX_SCOPE(scope, ctx_with_timeout(root, CTX_SECONDS(60)));
    unsigned int n_done = 0;
    uint64_t start_ns = clock_now_ns();
    for (int i = 0; i < N_LOOPS; i++) {
        n_done += ctx_err(scope->ctx) != STATUS_OK;
    }
    double ns = per_loop(start_ns);
    return n_done == 0 ? ns : -1;
}

static double checkpoint(const struct ctx *root)
{
    struct ctx_watch watch = {.stage = NULL};
    CTX_SCOPE(timed, ctx_with_timeout(root, CTX_SECONDS(60)));
    CTX_SCOPE(scope, ctx_with_value(timed->ctx, &CTX_WATCH_KEY, &watch));
    unsigned int n_done = 0;
    uint64_t start_ns = clock_now_ns();
    for (int i = 0; i < N_LOOPS; i++) {
        n_done += ctx_checkpoint(scope->ctx, "bench", (uint64_t)i, N_LOOPS) != STATUS_OK;
    }
    double ns = per_loop(start_ns);
    return n_done == 0 ? ns : -1;
}

/* The farthest of ten values. */
static double value10(const struct ctx *root)
{
    enum { N_VALUES = 10 };
    static const struct ctx_key keys[N_VALUES];
    struct ctx_scope *chain[N_VALUES];
    const struct ctx *ctx = root;
    for (size_t i = 0; i < N_VALUES; i++) {
        chain[i] = ctx_with_value(ctx, &keys[i], &keys[i]);
        ctx = chain[i]->ctx;
    }
    unsigned int n_found = 0;
    uint64_t start_ns = clock_now_ns();
    for (int i = 0; i < N_LOOPS; i++) {
        n_found += ctx_value(ctx, &keys[0]) == &keys[0];
    }
    double ns = per_loop(start_ns);
    for (size_t i = N_VALUES; i > 0; i--) {
        ctx_scope_end(chain[i - 1]);
    }
    return n_found == N_LOOPS ? ns : -1;
}

static double cancel_all(const struct ctx *root, bool is_deep)
{
    CTX_SCOPE(top, ctx_with_cancel(root));
    for (size_t i = 0; i < N_NODES; i++) {
        scopes[i] = ctx_with_cancel(is_deep && i > 0 ? scopes[i - 1]->ctx : top->ctx);
    }
    uint64_t start_ns = clock_now_ns();
    ctx_cancel(top, CTX_CAUSE_CANCELLED);
    double ns = (double)(clock_now_ns() - start_ns);
    for (size_t i = N_NODES; i > 0; i--) {
        ctx_scope_end(scopes[i - 1]);
    }
    return ns;
}

static double cancel_100k_wide(const struct ctx *root)
{
    return cancel_all(root, false);
}

static double cancel_100k_deep(const struct ctx *root)
{
    return cancel_all(root, true);
}

struct handover {
    const struct ctx *ctx;
    _Atomic int n_ready;
    uint64_t woken_ns;
};

static void *handover_wait(void *arg)
{
    struct handover *handover = arg;
    handover->n_ready = 1;
    ctx_wait(handover->ctx);
    handover->woken_ns = clock_now_ns();
    return NULL;
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values, size_t n_values)
{
    qsort(values, n_values, sizeof *values, compare_doubles);
    return values[n_values / 2];
}

static double cancel_to_waiter(const struct ctx *root)
{
    double values[N_HANDOVERS];
    for (size_t i = 0; i < N_HANDOVERS; i++) {
        CTX_SCOPE(scope, ctx_with_cancel(root));
        struct handover handover = {.ctx = scope->ctx};
        pthread_t thread;
        if (pthread_create(&thread, NULL, handover_wait, &handover) != 0) {
            return -1;
        }
        /* Give the waiter time to fall asleep: the figure is for one that sleeps. */
        while (handover.n_ready == 0 || ctx_sleep(root, CTX_MS(1)) != STATUS_OK) {
        }
        uint64_t start_ns = clock_now_ns();
        ctx_cancel(scope, CTX_CAUSE_CANCELLED);
        pthread_join(thread, NULL);
        values[i] = (double)(handover.woken_ns - start_ns);
    }
    return median(values, N_HANDOVERS);
}

struct late_timer {
    struct ctx_timer timer;
    struct ctx_scope *scope;
    uint64_t fired_ns;
};

static void late_timer_fire(void *arg)
{
    struct late_timer *late = arg;
    late->fired_ns = clock_now_ns();
    ctx_cancel(late->scope, CTX_CAUSE_CANCELLED);
}

/* How long after its time a timer fires, an otherwise idle wheel. */
static double timer_late(const struct ctx *root)
{
    double values[N_HANDOVERS];
    for (size_t i = 0; i < N_HANDOVERS; i++) {
        CTX_SCOPE(scope, ctx_with_cancel(root));
        struct late_timer late = {.scope = scope};
        uint64_t due_ns = clock_now_ns() + CLOCK_US(500 + 13 * i);
        ctx_timer_init(&late.timer, late_timer_fire, &late);
        ctx_timer_start(&late.timer, due_ns);
        ctx_wait(scope->ctx);
        ctx_timer_stop_wait(&late.timer);
        values[i] = (double)(late.fired_ns - due_ns);
    }
    return median(values, N_HANDOVERS);
}

/* --- the table ------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    double (*measure)(const struct ctx *root);
    size_t n_runs;
} OPERATIONS[] = {
    {"with_cancel_end", with_cancel_end, N_RUNS},
    {"with_timeout_end", with_timeout_end, N_RUNS},
    {"with_timeout_end_10000_armed", with_timeout_end_10000_armed, N_RUNS},
    {"done", done, N_RUNS},
    {"err", err, N_RUNS},
    {"checkpoint", checkpoint, N_RUNS},
    {"value10", value10, N_RUNS},
    {"cancel_100k_wide", cancel_100k_wide, N_RUNS},
    {"cancel_100k_deep", cancel_100k_deep, N_RUNS},
    {"cancel_to_waiter", cancel_to_waiter, 1},
    {"timer_late", timer_late, 1},
};

static bool is_wanted(const char *name, int argc, char **argv)
{
    bool has_names = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") != 0) {
            has_names = true;
            if (strcmp(argv[i], name) == 0) {
                return true;
            }
        }
    }
    return !has_names;
}

int main(int argc, char **argv)
{
    bool is_json = argc > 1 && strcmp(argv[1], "--json") == 0;
    CTX_SCOPE(root, ctx_with_cancel(ctx_background()));
    CTX_SCOPE(timed, ctx_with_timeout(root->ctx, CTX_SECONDS(3600)));
    for (size_t i = 0; i < LENGTH_OF(OPERATIONS); i++) {
        if (!is_wanted(OPERATIONS[i].name, argc, argv)) {
            continue;
        }
        double runs[N_RUNS];
        for (size_t run = 0; run < OPERATIONS[i].n_runs; run++) {
            runs[run] = OPERATIONS[i].measure(root->ctx);
        }
        double ns = median(runs, OPERATIONS[i].n_runs);
        printf(is_json ? "{\"bench\":\"ctx\",\"variant\":\"walkie\",\"op\":\"%s\",\"ns\":%.1f,"
                         "\"runs\":%zu}\n"
                       : "ctx  %-30s %12.1f ns  (median of %zu)\n",
            OPERATIONS[i].name, ns, OPERATIONS[i].n_runs);
    }
    return 0;
}
