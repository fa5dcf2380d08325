#include "ctx/test.h"

#include <stddef.h>
#include <stdio.h>

#include "ctx/node.h"
#include "ctx/registry.h"

static uint64_t test_now_ns;

static void test_clock_set(uint64_t now_ns)
{
    test_now_ns = now_ns;
    clock_set_fake_ns(now_ns);
    ctx_timer_wake();
    ctx_test_settle();
}

void ctx_test_clock_start(void)
{
    test_clock_set(clock_now_ns());
}

void ctx_test_clock_advance(uint64_t duration_ns)
{
    uint64_t target_ns = clock_add_ns(test_now_ns, duration_ns);
    /* One step for each due time, so that what runs sees the time it asked for. */
    for (;;) {
        uint64_t due_ns = ctx_timer_next_due_ns();
        if (due_ns > target_ns) {
            break;
        }
        test_clock_set(due_ns > test_now_ns ? due_ns : test_now_ns);
    }
    test_clock_set(target_ns);
}

void ctx_test_clock_end(void)
{
    test_clock_set(0);
}

static void count_scope(void *arg, const struct ctx_live *live)
{
    (void)live;
    uint64_t *n_live = arg;
    (*n_live)++;
}

static void print_scope(void *arg, const struct ctx_live *live)
{
    (void)arg;
    fprintf(stderr, "scope not ended, made at %s:%d\n", live->site.file, live->site.line);
}

uint64_t ctx_live_scopes(void)
{
    uint64_t n_live = 0;
    ctx_registry_visit(count_scope, &n_live);
    return n_live;
}

bool ctx_test_no_leaks(void)
{
    uint64_t n_live = ctx_live_scopes();
    if (n_live > 0) {
        ctx_registry_visit(print_scope, NULL);
    }
    return n_live == 0;
}
