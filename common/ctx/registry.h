/* Every live scope of the process, by where it was made: for /debug/contexts and the leak metric.
 *
 *     static void on_scope(void *arg, const struct ctx_live *live)
 *     {
 *         table_count(arg, live->site.file, live->site.line, live->age_ns);
 *     }
 *     ctx_registry_visit(on_scope, &table);
 *
 * It costs the scopes nothing: the walk reads the memory that they lie in. So it sees each scope as
 * of some moment during the walk, and one that is made or ended meanwhile may be seen or not. Not
 * here: references; ctx_test_no_leaks (ctx/test.h) is for tests. */
#ifndef WALKIE_CTX_REGISTRY_H
#define WALKIE_CTX_REGISTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "ctx/ctx.h"

struct ctx_live {
    struct ctx_site site; /* static storage */
    uint64_t age_ns;      /* since it was made; some milliseconds inexact */
    bool is_done;
    uint64_t done_ns; /* for how long it has been; 0 while it is not */
};

typedef void ctx_visit_fn(void *arg, const struct ctx_live *live);

/* Call `visit` for every live scope, in no order, on this thread and with no lock held.
 * Threads: any. Time: all nodes that were ever in use at once, some nanoseconds each. */
void ctx_registry_visit(ctx_visit_fn *visit, void *arg);

/* The same for the scopes that derive from `ctx`, itself left out; without_cancel ends the line. */
void ctx_registry_visit_below(const struct ctx *ctx, ctx_visit_fn *visit, void *arg);

/* Whether something that was derived from the scope's context still holds it: a live scope, or one
 * that ended and is still referenced. One load when there is nothing. Threads: the owner. */
bool ctx_scope_is_pinned(const struct ctx_scope *scope);

#endif
