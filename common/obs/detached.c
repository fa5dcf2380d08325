#include "obs/detached.h"

#include <stdio.h>

#include "ctx/current.h"
#include "obs/log.h"
#include "obs/metrics.h"
#include "obs/site_limit.h"

enum { SITE_TEXT_MAX = 160 };

static struct site_limit limit = SITE_LIMIT_INIT(DETACHED_INTERVAL_NS);

static struct metrics_family DETACHED = {.name = "walkie_ctx_detached_total",
    .help = "Calls made inside a handler with a context that does not stem from the handler's.",
    .kind = METRICS_COUNTER,
    .labels = {"what"}};

static const char *word_of(const struct ctx *ctx)
{
    if (ctx == ctx_background()) {
        return "background";
    }
    return ctx == ctx_todo() ? "todo" : "another";
}

static COLD void report(
    struct ctx_site site, const struct ctx *ctx, const struct ctx *handler, const char *what)
{
    if (ctx_cause(ctx) == CTX_CAUSE_OUT_OF_MEMORY) {
        return; /* what deriving gives when memory runs out: it is done, and no mistake */
    }
    metrics_add(metrics_child(&DETACHED, what, NULL, NULL), 1);
    uint64_t n_silent = 0;
    if (!site_limit_allows(&limit, site, clock_now_ns(), &n_silent)) {
        return;
    }
    char text[SITE_TEXT_MAX];
    snprintf(text, sizeof(text), "%s:%d", site.file, site.line);
    /* Under the handler's context: its trace, call and method are what helps. */
    LOG_WARN("ctx.detached", handler, log_str("what", what), log_str("site", text),
        log_str("context", word_of(ctx)),
        n_silent > 0 ? log_u64("silent", n_silent) : log_str("silent", NULL));
}

void detached_declare(void)
{
    static const char *const WHATS[] = {"http", "rpc", "sql"};
    for (size_t i = 0; i < LENGTH_OF(WHATS); i++) {
        (void)metrics_child(&DETACHED, WHATS[i], NULL, NULL);
    }
}

void detached_check(struct ctx_site site, const struct ctx *ctx, const char *what)
{
    const struct ctx *handler = ctx_current();
    if (handler != NULL && !ctx_stems_from(ctx, handler)) {
        report(site, ctx, handler, what);
    }
}
