/* The page as OpenMetrics, exemplars, and pages without end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "obs/metrics.h"

enum { PAGE_MAX = 8 << 20, TEXT_MAX = 1 << 20 };

static const uint8_t TRACE[METRICS_TRACE_ID_LEN] = {
    0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd, 0x84, 0x48, 0xeb, 0x21, 0x1c, 0x80, 0x31, 0x9c};
#define TRACE_TEXT "0af7651916cd43dd8448eb211c80319c"

static char page[TEXT_MAX];

static void read_page(enum status (*write)(void *arg, struct buffer *page))
{
    CLEANUP(buffer_finish) struct buffer text = BUFFER_EMPTY(PAGE_MAX);
    assert_int_equal(write(NULL, &text), STATUS_OK);
    assert_true(text.len < sizeof(page));
    memcpy(page, text.data, text.len);
    page[text.len] = '\0';
}

static void assert_has(const char *text)
{
    if (strstr(page, text) == NULL) {
        print_error("%s\nis not in\n%s", text, page);
    }
    assert_non_null(strstr(page, text));
}

static void a_counter_and_its_unit_are_named_as_openmetrics_wants(void **state)
{
    (void)state;
    static struct metrics_family cpu = {.name = "test_open_seconds_total",
        .help = "A \"word\" of help.",
        .kind = METRICS_COUNTER,
        .unit = METRICS_SECONDS};
    static struct metrics_family level = {
        .name = "test_open_bytes", .help = "Level.", .kind = METRICS_GAUGE, .unit = METRICS_BYTES};
    metrics_add(metrics_child(&cpu, NULL, NULL, NULL), CLOCK_MS(1500));
    metrics_set(metrics_child(&level, NULL, NULL, NULL), 7);
    read_page(metrics_page_write_open);
    assert_has("# HELP test_open_seconds A \\\"word\\\" of help.\n"
               "# TYPE test_open_seconds counter\n"
               "# UNIT test_open_seconds seconds\n"
               "test_open_seconds_total 1.500000000\n");
    assert_has("# TYPE test_open_bytes gauge\n# UNIT test_open_bytes bytes\ntest_open_bytes 7\n");
    assert_string_equal(page + strlen(page) - 6, "# EOF\n");
    assert_ptr_equal(strstr(page, "# EOF"), page + strlen(page) - 6);
    read_page(metrics_page_write);
    assert_has("# HELP test_open_seconds_total A \"word\" of help.\n"
               "# TYPE test_open_seconds_total counter\n"
               "test_open_seconds_total 1.500000000\n");
    assert_null(strstr(page, "# UNIT"));
    assert_null(strstr(page, "# EOF"));
}

static void a_family_that_is_declared_shows_before_anything_is_counted(void **state)
{
    (void)state;
    static struct metrics_family family = {
        .name = "test_declared_total", .help = "Nothing yet.", .kind = METRICS_COUNTER};
    metrics_declare(&family);
    metrics_declare(&family);
    read_page(metrics_page_write);
    assert_has("# HELP test_declared_total Nothing yet.\n# TYPE test_declared_total counter\n# ");
    metrics_add(metrics_child(&family, NULL, NULL, NULL), 2);
    read_page(metrics_page_write);
    assert_has("\ntest_declared_total 2\n");
}

static struct metrics_family traced = {.name = "test_traced_seconds",
    .help = "Traced.",
    .kind = METRICS_HISTOGRAM,
    .labels = {"route"},
    .has_exemplars = true};

static void a_bucket_names_a_trace_that_fell_into_it(void **state)
{
    (void)state;
    struct metrics_child *child = metrics_child(&traced, "/v1/echo", NULL, NULL);
    metrics_observe_in(child, CLOCK_MS(3), TRACE);
    metrics_observe(child, CLOCK_MS(30));
    metrics_observe_in(child, CLOCK_MS(300), NULL);
    read_page(metrics_page_write_open);
    assert_has(
        "test_traced_seconds_bucket{route=\"/v1/echo\",le=\"0.005\"} 1 # {trace_id=\"" TRACE_TEXT
        "\"} 0.003000000 ");
    assert_has("test_traced_seconds_bucket{route=\"/v1/echo\",le=\"0.05\"} 2\n");
    assert_has("test_traced_seconds_bucket{route=\"/v1/echo\",le=\"0.5\"} 3\n");
    assert_has("test_traced_seconds_count{route=\"/v1/echo\"} 3\n");
    read_page(metrics_page_write);
    assert_null(strstr(page, TRACE_TEXT));
}

static void a_fresh_exemplar_stays_and_an_old_one_is_replaced(void **state)
{
    (void)state;
    uint8_t other[METRICS_TRACE_ID_LEN];
    memset(other, 0xab, sizeof(other));
    clock_set_fake_ns(CLOCK_SECONDS(1000));
    struct metrics_child *child = metrics_child(&traced, "/v1/work", NULL, NULL);
    metrics_observe_in(child, CLOCK_MS(3), TRACE);
    metrics_observe_in(child, CLOCK_MS(4), other);
    read_page(metrics_page_write_open);
    assert_has("route=\"/v1/work\",le=\"0.005\"} 2 # {trace_id=\"" TRACE_TEXT "\"} 0.003");
    clock_set_fake_ns(CLOCK_SECONDS(1000) + CLOCK_MS(METRICS_EXEMPLAR_EVERY_MS));
    metrics_observe_in(child, CLOCK_MS(4), other);
    read_page(metrics_page_write_open);
    assert_has(
        "route=\"/v1/work\",le=\"0.005\"} 3 # {trace_id=\"abababababababababababababababab\"} "
        "0.004");
    clock_set_fake_ns(0);
}

static void *observe_many(void *arg)
{
    uint8_t trace[METRICS_TRACE_ID_LEN];
    memset(trace, (int)(uintptr_t)arg, sizeof(trace));
    struct metrics_child *child = metrics_child(&traced, "/storm", NULL, NULL);
    for (unsigned int i = 0; i < 20000; i++) {
        metrics_observe_in(child, CLOCK_US(i), trace);
    }
    return NULL;
}

/* A torn exemplar would show bytes of two threads. */
static void no_exemplar_is_torn_while_threads_write_and_pages_are_read(void **state)
{
    (void)state;
    enum { N_THREADS = 4 };
    pthread_t threads[N_THREADS];
    for (size_t i = 0; i < N_THREADS; i++) {
        void *arg = (void *)(uintptr_t)(i + 1);
        assert_int_equal(pthread_create(&threads[i], NULL, observe_many, arg), 0);
    }
    bool is_torn = false;
    for (int i = 0; i < 20; i++) {
        read_page(metrics_page_write_open);
        for (const char *at = page; (at = strstr(at, "trace_id=\"0")) != NULL; at += 10) {
            const char *id = at + strlen("trace_id=\"");
            is_torn = is_torn || (memcmp(id, id + 2, 30) != 0 && memcmp(id, "0af7", 4) != 0);
        }
    }
    for (size_t i = 0; i < N_THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_false(is_torn);
    read_page(metrics_page_write_open);
    assert_has("test_traced_seconds_count{route=\"/storm\"} 80000\n");
}

static void thousands_of_pages_leave_nothing_behind(void **state)
{
    (void)state;
    read_page(metrics_page_write);
    read_page(metrics_page_write_open);
    size_t before = mallinfo2().uordblks;
    for (int i = 0; i < 1000; i++) {
        CLEANUP(buffer_finish) struct buffer one = BUFFER_EMPTY(PAGE_MAX);
        CLEANUP(buffer_finish) struct buffer two = BUFFER_EMPTY(PAGE_MAX);
        assert_int_equal(metrics_page_write(NULL, &one), STATUS_OK);
        assert_int_equal(metrics_page_write_open(NULL, &two), STATUS_OK);
    }
    assert_int_equal(mallinfo2().uordblks, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_counter_and_its_unit_are_named_as_openmetrics_wants),
        cmocka_unit_test(a_family_that_is_declared_shows_before_anything_is_counted),
        cmocka_unit_test(a_bucket_names_a_trace_that_fell_into_it),
        cmocka_unit_test(a_fresh_exemplar_stays_and_an_old_one_is_replaced),
        cmocka_unit_test(no_exemplar_is_torn_while_threads_write_and_pages_are_read),
        cmocka_unit_test(thousands_of_pages_leave_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
