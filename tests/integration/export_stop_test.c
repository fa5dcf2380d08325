/* Stopping the CSV bundle and the workbook: a cancel at any checkpoint, a writer that fails at any
 * piece, a cancel while libxlsxwriter closes the file, a disk that is full. Each time the right
 * status comes back and no file is left. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "audit/export/csv_bundle.h"
#include "audit/export/xlsx.h"
#include "base/clock.h"
#include "ctx/checkpoint.h"
#include "ctx/test.h"
#include "support/sample_report.h"

enum { N_ROWS = 200, STEPS_MAX = 5000, OUTPUT_MAX = 16 << 20, WAIT_MS_MAX = 10000 };

static char folder[] = "/tmp/walkie-export-XXXXXX";

enum format { FORMAT_CSV, FORMAT_XLSX, FORMAT_COUNT };

struct sink {
    struct buffer output;
    uint64_t n_pieces;
    uint64_t fails_at; /* 0: never */
};

static enum status take(void *arg, struct bytes piece)
{
    struct sink *sink = arg;
    if (++sink->n_pieces == sink->fails_at) {
        return STATUS_ABORTED;
    }
    return buffer_append(&sink->output, piece.data, piece.len);
}

static enum status write_format(const struct ctx *ctx, const struct report *report,
    enum format format, struct sink *sink, struct error *ret_error)
{
    const struct xlsx_options options = {.language = LANGUAGE_ZH_CN, .folder = folder};
    sink->output = (struct buffer)BUFFER_EMPTY(OUTPUT_MAX);
    return format == FORMAT_CSV
               ? csv_bundle_write(ctx, report, LANGUAGE_ZH_CN, take, sink, ret_error)
               : xlsx_write(ctx, report, &options, take, sink, ret_error);
}

static int count_entries(const char *path)
{
    int n = 0;
    DIR *listing = opendir(path);
    assert_non_null(listing);
    while (readdir(listing) != NULL) {
        n++;
    }
    closedir(listing);
    return n;
}

static int n_files; /* that the process had open at first */

static void wait_a_moment(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* The thread that closes a workbook lets go of its file a moment after the writer has returned. */
static void expect_no_file_left(void)
{
    for (int ms = 0; ms < WAIT_MS_MAX && count_entries("/proc/self/fd") != n_files; ms++) {
        wait_a_moment();
    }
    assert_int_equal(count_entries("/proc/self/fd"), n_files);
    assert_int_equal(count_entries(folder), 2); /* "." and ".." */
}

struct trap {
    const struct ctx_scope *scope;
    uint64_t n_seen;
    uint64_t springs_at; /* 0: never */
};

static void spring(void *arg, const char *stage, uint64_t done, uint64_t total)
{
    struct trap *trap = arg;
    (void)stage;
    (void)done;
    (void)total;
    if (++trap->n_seen == trap->springs_at) {
        ctx_cancel(trap->scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    }
}

static enum status write_with_cancel_at(
    const struct report *report, enum format format, uint64_t k, uint64_t *ret_n_seen)
{
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct trap trap = {.scope = scope, .springs_at = k};
    struct ctx_watch watch = {.on_progress = spring, .arg = &trap};
    CTX_SCOPE(watched, ctx_with_value(scope->ctx, &CTX_WATCH_KEY, &watch));
    struct sink sink = {.n_pieces = 0};
    enum status status = write_format(watched->ctx, report, format, &sink, NULL);
    buffer_finish(&sink.output);
    *ret_n_seen = trap.n_seen;
    return status;
}

static void a_cancel_at_any_checkpoint_stops_the_file(void **state)
{
    for (int format = 0; format < FORMAT_COUNT; format++) {
        uint64_t n = 0;
        uint64_t n_seen = 0;
        assert_int_equal(write_with_cancel_at(*state, (enum format)format, 0, &n), STATUS_OK);
        assert_in_range(n, 5, STEPS_MAX);
        for (uint64_t k = 1; k <= n; k++) {
            assert_int_equal(
                write_with_cancel_at(*state, (enum format)format, k, &n_seen), STATUS_CANCELLED);
            assert_int_equal(n_seen, k);
        }
    }
    expect_no_file_left();
}

static void a_failing_writer_stops_the_file_at_any_piece(void **state)
{
    for (int format = 0; format < FORMAT_COUNT; format++) {
        struct sink whole = {.n_pieces = 0};
        assert_int_equal(
            write_format(ctx_background(), *state, (enum format)format, &whole, NULL), STATUS_OK);
        buffer_finish(&whole.output);
        for (uint64_t k = 1; k <= whole.n_pieces; k++) {
            struct sink sink = {.fails_at = k};
            assert_int_equal(
                write_format(ctx_background(), *state, (enum format)format, &sink, NULL),
                STATUS_ABORTED);
            assert_int_equal(sink.n_pieces, k);
            buffer_finish(&sink.output);
        }
    }
    assert_int_equal(count_entries(folder), 2);
}

static void the_bytes_are_the_same_whenever_and_wherever(void **state)
{
    static const char *const ZONES[] = {"UTC", "Asia/Shanghai"};
    for (int format = 0; format < FORMAT_COUNT; format++) {
        struct sink sinks[LENGTH_OF(ZONES)] = {{.n_pieces = 0}};
        for (size_t i = 0; i < LENGTH_OF(ZONES); i++) {
            setenv("TZ", ZONES[i], 1);
            assert_int_equal(
                write_format(ctx_background(), *state, (enum format)format, &sinks[i], NULL),
                STATUS_OK);
        }
        assert_int_equal(sinks[0].output.len, sinks[1].output.len);
        assert_memory_equal(sinks[0].output.data, sinks[1].output.data, sinks[0].output.len);
        buffer_finish(&sinks[0].output);
        buffer_finish(&sinks[1].output);
    }
    unsetenv("TZ");
}

/* --- the end of a workbook, which cannot be stopped --------------------------------------------
 */

struct lxw_workbook;
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl*): the linker's --wrap names them so. */
int __real_workbook_close(struct lxw_workbook *workbook);
int __wrap_workbook_close(struct lxw_workbook *workbook);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl*) */

static const struct ctx_scope *cancelled_in_close; /* NULL: nothing special */
static _Atomic bool may_close;
static _Atomic bool was_left_alone; /* the writer returned while the file was being closed */
static _Atomic int n_closed;

static bool wait_for(_Atomic bool *flag)
{
    for (int ms = 0; ms < WAIT_MS_MAX && !atomic_load(flag); ms++) {
        wait_a_moment();
    }
    return atomic_load(flag);
}

int __wrap_workbook_close(struct lxw_workbook *workbook)
{
    if (cancelled_in_close != NULL) {
        ctx_cancel(cancelled_in_close, CTX_CAUSE_CLIENT_DISCONNECTED);
        atomic_store(&was_left_alone, wait_for(&may_close));
    }
    int result = __real_workbook_close(workbook);
    atomic_fetch_add(&n_closed, 1);
    return result;
}

static void a_cancel_while_the_workbook_is_closed_is_heard_at_once(void **state)
{
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    int n_before = atomic_load(&n_closed);
    cancelled_in_close = scope;
    atomic_store(&may_close, false);
    struct sink sink = {.n_pieces = 0};
    assert_int_equal(write_format(scope->ctx, *state, FORMAT_XLSX, &sink, NULL), STATUS_CANCELLED);
    assert_int_equal(sink.n_pieces, 0);
    assert_int_equal(atomic_load(&n_closed), n_before); /* it is not closed, and we are here */
    atomic_store(&may_close, true);
    for (int ms = 0; ms < WAIT_MS_MAX && atomic_load(&n_closed) == n_before; ms++) {
        wait_a_moment();
    }
    cancelled_in_close = NULL;
    assert_true(atomic_load(&was_left_alone));
    assert_int_equal(atomic_load(&n_closed), n_before + 1);
    expect_no_file_left();
    buffer_finish(&sink.output);
}

/* Write while no file may be longer than `len`. */
static enum status write_with_little_room(
    const struct report *report, rlim_t len, struct sink *sink, struct error *ret_error)
{
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit limit = {.rlim_cur = len, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    enum status status = write_format(ctx_background(), report, FORMAT_XLSX, sink, ret_error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    return status;
}

static void expect_whole_or_refused(
    const struct report *report, rlim_t len, const struct sink *whole, bool *ret_is_whole)
{
    struct sink sink = {.n_pieces = 0};
    struct error error = ERROR_NONE;
    enum status status = write_with_little_room(report, len, &sink, &error);
    *ret_is_whole = status == STATUS_OK;
    if (*ret_is_whole) {
        assert_int_equal(sink.output.len, whole->output.len);
        assert_memory_equal(sink.output.data, whole->output.data, whole->output.len);
    } else {
        assert_int_equal(status, STATUS_UNAVAILABLE);
        assert_non_null(strstr(error.text, "spool"));
    }
    buffer_finish(&sink.output);
}

/* libxlsxwriter does not look whether its files took what it wrote. The rows of a sheet go to one
 * file, then with what surrounds them to another: so there are lengths that only the second is too
 * long for. They lie right below the least with which all goes well. */
static void a_full_disk_never_gives_a_workbook_that_is_not_whole(void **state)
{
    struct sink whole = {.n_pieces = 0};
    assert_int_equal(write_format(ctx_background(), *state, FORMAT_XLSX, &whole, NULL), STATUS_OK);
    signal(SIGXFSZ, SIG_IGN);
    bool is_whole = false;
    rlim_t too_little = 1024;
    rlim_t enough = OUTPUT_MAX;
    while (enough - too_little > 1) {
        rlim_t len = too_little + (enough - too_little) / 2;
        expect_whole_or_refused(*state, len, &whole, &is_whole);
        *(is_whole ? &enough : &too_little) = len;
    }
    for (rlim_t less = 1; less < 1000; less += 30) {
        expect_whole_or_refused(*state, enough - less, &whole, &is_whole);
        assert_false(is_whole);
    }
    signal(SIGXFSZ, SIG_DFL);
    buffer_finish(&whole.output);
    assert_int_equal(count_entries(folder), 2);
}

static void a_folder_that_is_not_there_is_named(void **state)
{
    const struct xlsx_options options = {.language = LANGUAGE_EN, .folder = "/nonexistent"};
    struct sink sink = {.output = BUFFER_EMPTY(OUTPUT_MAX)};
    struct error error = ERROR_NONE;
    assert_int_equal(
        xlsx_write(ctx_background(), *state, &options, take, &sink, &error), STATUS_UNAVAILABLE);
    assert_non_null(strstr(error.text, "/nonexistent"));
}

static int make_report(void **state)
{
    *state = sample_report_new(&(struct sample_options){.n_rows = N_ROWS});
    n_files = count_entries("/proc/self/fd");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int free_report(void **state)
{
    report_free(*state);
    return rmdir(folder) == 0 && ctx_test_no_leaks() ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cancel_at_any_checkpoint_stops_the_file),
        cmocka_unit_test(a_failing_writer_stops_the_file_at_any_piece),
        cmocka_unit_test(the_bytes_are_the_same_whenever_and_wherever),
        cmocka_unit_test(a_cancel_while_the_workbook_is_closed_is_heard_at_once),
        cmocka_unit_test(a_full_disk_never_gives_a_workbook_that_is_not_whole),
        cmocka_unit_test(a_folder_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, make_report, free_report);
}
