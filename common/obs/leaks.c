#include "obs/leaks.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctx/registry.h"
#include "obs/log.h"
#include "obs/metrics.h"
#include "obs/scope_census.h"
#include "obs/site_limit.h"

enum { SITE_TEXT_MAX = 160 };

static struct site_limit call_limit = SITE_LIMIT_INIT(LEAKS_INTERVAL_NS);
static struct site_limit look_limit = SITE_LIMIT_INIT(LEAKS_INTERVAL_NS);

static struct metrics_family LEAKED = {.name = "walkie_ctx_leaked_total",
    .help = "Calls that ended while scopes made below their contexts were live.",
    .kind = METRICS_COUNTER};
static struct metrics_family OVERDUE = {.name = "walkie_ctx_overdue_scopes",
    .help = "Scopes that have long been done and are not ended; as of the leak watch's last look.",
    .kind = METRICS_GAUGE};

static void report(struct site_limit *limit, const struct ctx *ctx, const char *when,
    const struct scope_site_count *count)
{
    uint64_t n_silent = 0;
    if (!site_limit_allows(limit, count->site, clock_now_ns(), &n_silent)) {
        return;
    }
    char site[SITE_TEXT_MAX];
    snprintf(site, sizeof(site), "%s:%d", count->site.file, count->site.line);
    LOG_WARN("ctx.leaked", ctx, log_str("when", when), log_str("site", site),
        log_u64("scopes", count->n_scopes), log_ms("age_ms", count->oldest_ns),
        count->n_overdue > 0 ? log_ms("done_ms", count->overdue_ns) : log_str("done_ms", NULL),
        n_silent > 0 ? log_u64("silent", n_silent) : log_str("silent", NULL));
}

/* When the next call may be looked at. */
static _Atomic uint64_t next_look_ns;

/* Looking takes as long as there are scopes: a handler that leaks at every call must not make each
 * of them slower than the one before. So a look is paid for by a pause; calls in between are only
 * counted. What it took is CPU time: a busy machine, or a slow log, is no reason to look less. */
static bool may_look(uint64_t now_ns)
{
    uint64_t next_ns = atomic_load(&next_look_ns);
    return now_ns >= next_ns &&
           atomic_compare_exchange_strong(&next_look_ns, &next_ns, CLOCK_NEVER);
}

static void count_leak(void)
{
    metrics_add(metrics_child(&LEAKED, NULL, NULL, NULL), 1);
}

static COLD void look_below(const struct ctx *ctx)
{
    if (!may_look(clock_now_ns())) {
        count_leak();
        return;
    }
    uint64_t start_ns = clock_thread_cpu_ns();
    struct scope_census *census = scope_census_take(ctx, 0);
    if (census != NULL && census->n_scopes > 0) {
        /* Else what pins it has been ended, and is only referenced. */
        count_leak();
        for (size_t i = 0; i < census->n_sites; i++) {
            report(&call_limit, ctx, "call_end", &census->sites[i]);
        }
    }
    free(census);
    uint64_t took_ns = clock_thread_cpu_ns() - start_ns;
    atomic_store(&next_look_ns, clock_now_ns() + LEAKS_PAUSE_FACTOR * took_ns);
}

void leaks_declare(void)
{
    (void)metrics_child(&LEAKED, NULL, NULL, NULL);
    (void)metrics_child(&OVERDUE, NULL, NULL, NULL);
}

void leaks_check_ended(const struct ctx_scope *scope)
{
    if (UNLIKELY(ctx_scope_is_pinned(scope))) {
        look_below(scope->ctx);
    }
}

void leaks_look(uint64_t leak_after_ns)
{
    struct scope_census *census = scope_census_take(NULL, leak_after_ns);
    if (census == NULL) {
        return;
    }
    metrics_set(metrics_child(&OVERDUE, NULL, NULL, NULL), (int64_t)census->n_overdue);
    for (size_t i = 0; i < census->n_sites; i++) {
        if (census->sites[i].n_overdue > 0) {
            report(&look_limit, NULL, "look", &census->sites[i]);
        }
    }
    free(census);
}
