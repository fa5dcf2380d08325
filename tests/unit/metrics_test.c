/* The registry and its page. Families are static, as in use: each test has its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ctx/ctx.h"
#include "ctx/test.h"
#include "obs/metrics.h"
#include "support/prometheus.h"

enum { PAGE_MAX = 8 << 20, N_THREADS = 8, N_ADDS = 20000 };

static struct prometheus page;

static void read_page(void)
{
    CLEANUP(buffer_finish) struct buffer text = BUFFER_EMPTY(PAGE_MAX);
    assert_int_equal(metrics_page_write(NULL, &text), STATUS_OK);
    assert_int_equal(buffer_append(&text, "", 1), STATUS_OK);
    assert_string_equal(prometheus_read((const char *)text.data, &page), "");
}

static void a_counter_shows_what_was_added(void **state)
{
    (void)state;
    static struct metrics_family family = {.name = "test_calls_total",
        .help = "Calls.",
        .kind = METRICS_COUNTER,
        .labels = {"method", "side", "status"}};
    struct metrics_child *child = metrics_child(&family, "Echo", "server", "OK");
    assert_ptr_equal(metrics_child(&family, "Echo", "server", "OK"), child);
    assert_ptr_not_equal(metrics_child(&family, "Echo", "client", "OK"), child);
    metrics_add(child, 3);
    metrics_add(child, 4);
    assert_int_equal(metrics_value(child), 7);
    read_page();
    assert_true(prometheus_value(
                    &page, "test_calls_total{method=\"Echo\",side=\"server\",status=\"OK\"}") == 7);
    assert_true(prometheus_value(
                    &page, "test_calls_total{method=\"Echo\",side=\"client\",status=\"OK\"}") == 0);
}

static void nanoseconds_are_shown_in_seconds(void **state)
{
    (void)state;
    static struct metrics_family family = {.name = "test_cpu_seconds_total",
        .help = "CPU.",
        .kind = METRICS_COUNTER,
        .unit = METRICS_SECONDS};
    metrics_add(metrics_child(&family, NULL, NULL, NULL), CLOCK_MS(12345));
    read_page();
    assert_true(prometheus_value(&page, "test_cpu_seconds_total") == 12.345);
}

static void a_gauge_shows_its_last_value_also_below_zero(void **state)
{
    (void)state;
    static struct metrics_family family = {
        .name = "test_level", .help = "A level.", .kind = METRICS_GAUGE, .labels = {"class"}};
    struct metrics_child *child = metrics_child(&family, "cheap", NULL, NULL);
    metrics_set(child, 5);
    metrics_set(child, -42);
    read_page();
    assert_true(prometheus_value(&page, "test_level{class=\"cheap\"}") == -42);
}

static void a_histogram_counts_a_bound_into_its_own_bucket(void **state)
{
    (void)state;
    static struct metrics_family family = {.name = "test_call_seconds",
        .help = "How long.",
        .kind = METRICS_HISTOGRAM,
        .labels = {"method"}};
    struct metrics_child *child = metrics_child(&family, "Echo", NULL, NULL);
    metrics_observe(child, 0);
    metrics_observe(child, CLOCK_US(1));
    metrics_observe(child, CLOCK_US(1) + 1);
    metrics_observe(child, CLOCK_SECONDS(100));
    metrics_observe(child, CLOCK_SECONDS(101));
    assert_int_equal(metrics_value(child), 5);
    read_page();
    static const struct {
        const char *series;
        double value;
    } EXPECTED[] = {
        {"test_call_seconds_bucket{method=\"Echo\",le=\"1e-06\"}", 2},
        {"test_call_seconds_bucket{method=\"Echo\",le=\"2e-06\"}", 3},
        {"test_call_seconds_bucket{method=\"Echo\",le=\"0.001\"}", 3},
        {"test_call_seconds_bucket{method=\"Echo\",le=\"50\"}", 3},
        {"test_call_seconds_bucket{method=\"Echo\",le=\"100\"}", 4},
        {"test_call_seconds_bucket{method=\"Echo\",le=\"+Inf\"}", 5},
        {"test_call_seconds_count{method=\"Echo\"}", 5},
        {"test_call_seconds_sum{method=\"Echo\"}", 201.000002001},
    };
    for (size_t i = 0; i < LENGTH_OF(EXPECTED); i++) {
        double value = prometheus_value(&page, EXPECTED[i].series);
        if (value != EXPECTED[i].value) {
            print_error("%s is %.9f\n", EXPECTED[i].series, value);
        }
        assert_true(value == EXPECTED[i].value);
    }
}

static void every_bound_is_the_last_of_its_bucket(void **state)
{
    (void)state;
    static struct metrics_family family = {
        .name = "test_bound_seconds", .help = "Bounds.", .kind = METRICS_HISTOGRAM};
    struct metrics_child *child = metrics_child(&family, NULL, NULL, NULL);
    static const uint64_t STEPS[] = {1, 2, 5};
    uint64_t n = 0;
    for (uint64_t decade = CLOCK_US(1); decade <= CLOCK_SECONDS(100); decade *= 10) {
        for (size_t i = 0; i < LENGTH_OF(STEPS) && STEPS[i] * decade <= CLOCK_SECONDS(100); i++) {
            uint64_t bound_ns = STEPS[i] * decade;
            metrics_observe(child, bound_ns);
            metrics_observe(child, bound_ns + 1);
            read_page();
            char series[64];
            snprintf(series, sizeof(series), "test_bound_seconds_bucket{le=\"%g\"}",
                (double)bound_ns / 1e9);
            /* All before it, and the first of its own two. */
            assert_true(prometheus_value(&page, series) == (double)(n + 1));
            n += 2;
        }
    }
    assert_int_equal(n, 50);
    metrics_observe(child, UINT64_MAX / 2);
    read_page();
    assert_true(prometheus_value(&page, "test_bound_seconds_bucket{le=\"100\"}") == 49);
    assert_true(prometheus_value(&page, "test_bound_seconds_count") == 51);
}

static void what_labels_and_help_hold_is_escaped(void **state)
{
    (void)state;
    static struct metrics_family family = {.name = "test_odd_total",
        .help = "A back\\slash, a \"quote\"\nand a second line.",
        .kind = METRICS_COUNTER,
        .labels = {"text"}};
    metrics_add(metrics_child(&family, "a\"b\\c\nd", NULL, NULL), 1);
    read_page();
    assert_true(prometheus_value(&page, "test_odd_total{text=\"a\\\"b\\\\c\\nd\"}") == 1);
}

static void a_long_value_is_cut_and_found_again(void **state)
{
    (void)state;
    static struct metrics_family family = {
        .name = "test_long_total", .help = "Long.", .kind = METRICS_COUNTER, .labels = {"text"}};
    char text[3 * METRICS_LABEL_VALUE_MAX];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    struct metrics_child *child = metrics_child(&family, text, NULL, NULL);
    assert_ptr_equal(metrics_child(&family, text, NULL, NULL), child);
    read_page();
}

static void children_beyond_the_limit_are_counted_together(void **state)
{
    (void)state;
    static struct metrics_family family = {
        .name = "test_many_total", .help = "Many.", .kind = METRICS_COUNTER, .labels = {"which"}};
    for (int i = 0; i < METRICS_CHILDREN_MAX + 10; i++) {
        char which[16];
        snprintf(which, sizeof(which), "%d", i);
        metrics_add(metrics_child(&family, which, NULL, NULL), 1);
    }
    read_page();
    assert_true(prometheus_value(&page, "test_many_total{which=\"0\"}") == 1);
    assert_true(prometheus_value(&page, "test_many_total{which=\"255\"}") == 1);
    assert_true(prometheus_value(&page, "test_many_total{which=\"256\"}") == -1);
    assert_true(prometheus_value(&page, "test_many_total{which=\"other\"}") == 10);
}

static struct metrics_child *hooked_child;

static void set_from_hook(void *arg)
{
    metrics_set(hooked_child, ++*(int *)arg);
}

static void a_hook_runs_before_each_page_until_it_is_stopped(void **state)
{
    (void)state;
    static struct metrics_family family = {
        .name = "test_hooked", .help = "Hooked.", .kind = METRICS_GAUGE};
    hooked_child = metrics_child(&family, NULL, NULL, NULL);
    struct metrics_hook hook;
    int n_runs = 0;
    metrics_hook_start(&hook, set_from_hook, &n_runs);
    read_page();
    read_page();
    assert_true(prometheus_value(&page, "test_hooked") == 2);
    metrics_hook_stop(&hook);
    metrics_hook_stop(&hook);
    read_page();
    assert_int_equal(n_runs, 2);
}

static void the_page_tells_of_the_process_and_of_live_scopes(void **state)
{
    (void)state;
    CTX_SCOPE(one, ctx_with_cancel(ctx_background()));
    CTX_SCOPE(two, ctx_with_cancel(one->ctx));
    read_page();
    assert_true(prometheus_value(&page, "process_resident_memory_bytes") > 100000);
    assert_true(prometheus_value(&page, "process_cpu_seconds_total") > 0);
    assert_true(prometheus_value(&page, "process_open_fds") >= 3);
    assert_true(prometheus_value(&page, "process_threads") >= 1);
    assert_true(prometheus_value(&page, "walkie_ctx_live_scopes") == 2);
}

static struct metrics_family storm_calls = {
    .name = "test_storm_total", .help = "Storm.", .kind = METRICS_COUNTER, .labels = {"thread"}};
static struct metrics_family storm_seconds = {
    .name = "test_storm_seconds", .help = "Storm.", .kind = METRICS_HISTOGRAM};

static void *add_many(void *arg)
{
    for (unsigned int i = 0; i < N_ADDS; i++) {
        metrics_observe(metrics_child(&storm_seconds, NULL, NULL, NULL), CLOCK_US(i));
        metrics_add(metrics_child(&storm_calls, i % 2 == 0 ? "shared" : arg, NULL, NULL), 1);
    }
    return NULL;
}

static void nothing_is_lost_when_threads_count_while_pages_are_read(void **state)
{
    (void)state;
    static const char *const NAMES[N_THREADS] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    pthread_t threads[N_THREADS];
    for (size_t i = 0; i < N_THREADS; i++) {
        int result = pthread_create(&threads[i], NULL, add_many, (void *)(uintptr_t)NAMES[i]);
        assert_int_equal(result, 0);
    }
    for (int i = 0; i < 20; i++) {
        read_page(); /* the reader checks that buckets and counts agree at every moment */
    }
    for (size_t i = 0; i < N_THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    read_page();
    assert_true(
        prometheus_value(&page, "test_storm_total{thread=\"shared\"}") == N_THREADS * N_ADDS / 2);
    assert_true(prometheus_value(&page, "test_storm_total{thread=\"h\"}") == N_ADDS / 2);
    assert_true(prometheus_value(&page, "test_storm_seconds_count") == N_THREADS * N_ADDS);
}

static void the_reader_itself_refuses_what_is_wrong(void **state)
{
    (void)state;
    static const char *const WRONG[] = {
        "a_total 1\n",
        "# HELP a_total x\na_total 1\n",
        "# HELP a_total x\n# TYPE a_total counter\na_total 1\na_total 2\n",
        "# HELP a x\n# TYPE a counter\na 1\n",
        "# HELP a x\n# TYPE a gauge\na{b=\"\\q\"} 1\n",
        "# HELP a x\n# TYPE a gauge\na{b=\"c\",b=\"d\"} 1\n",
        "# HELP a x\n# TYPE a gauge\na one\n",
        "# HELP a x\n# TYPE a gauge\na 1",
        "# HELP a x\n# TYPE a gauge\n\na 1\n",
        ("# HELP a x\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum "
         "1\na_count 1\n"),
        "# HELP a x\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
        "# HELP a x\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 2\n",
        "# HELP a x\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 1\n",
    };
    for (size_t i = 0; i < LENGTH_OF(WRONG); i++) {
        assert_string_not_equal(prometheus_read(WRONG[i], &page), "");
    }
}

static int no_leaks(void **state)
{
    (void)state;
    return ctx_test_no_leaks() ? 0 : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reader_itself_refuses_what_is_wrong),
        cmocka_unit_test(a_counter_shows_what_was_added),
        cmocka_unit_test(nanoseconds_are_shown_in_seconds),
        cmocka_unit_test(a_gauge_shows_its_last_value_also_below_zero),
        cmocka_unit_test(a_histogram_counts_a_bound_into_its_own_bucket),
        cmocka_unit_test(every_bound_is_the_last_of_its_bucket),
        cmocka_unit_test(what_labels_and_help_hold_is_escaped),
        cmocka_unit_test(a_long_value_is_cut_and_found_again),
        cmocka_unit_test(children_beyond_the_limit_are_counted_together),
        cmocka_unit_test(a_hook_runs_before_each_page_until_it_is_stopped),
        cmocka_unit_test(the_page_tells_of_the_process_and_of_live_scopes),
        cmocka_unit_test(nothing_is_lost_when_threads_count_while_pages_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, no_leaks);
}
