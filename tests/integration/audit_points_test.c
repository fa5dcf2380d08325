/* A report that is cancelled at its k-th point: every checkpoint, the beginning of a session, every
 * statement, every row, every request to the laboratory. Whatever the moment, it says CANCELLED,
 * and the next report is the one that it would have been. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "audit/audit.h"
#include "audit/model/json.h"
#include "audit_lab.h"
#include "ctx/checkpoint.h"
#include "ctx/test.h"
#include "http/client.h"
#include "obs/log.h"
#include "report_stop_study.h"

/* Up to this point every k is tried, beyond it one in so many (a prime, so that no rhythm of the
 * work hides some). */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { EVERY_K_MAX = 20, STEP = 307 };
#else
enum { EVERY_K_MAX = 100, STEP = 97 };
#endif

static struct stop_study study;
static struct audit_sources sources;
static struct audit_lab *lab;

/* Points are counted by the threads that come to them. */
static struct {
    const struct ctx_scope *scope;
    _Atomic unsigned int n_points;
    unsigned int cancel_at; /* 0: never */
} now;

static void point(void)
{
    if (atomic_fetch_add(&now.n_points, 1) + 1 == now.cancel_at) {
        ctx_cancel(now.scope, CTX_CAUSE_CLIENT_DISCONNECTED);
    }
}

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl*): the linker's --wrap names them so. */
enum status __real_ctx_checkpoint(
    const struct ctx *ctx, const char *stage, uint64_t done, uint64_t total);
enum status __wrap_ctx_checkpoint(
    const struct ctx *ctx, const char *stage, uint64_t done, uint64_t total);
enum status __real_db_begin_from(struct ctx_site site, const struct ctx *ctx, struct db *db,
    enum db_access access, struct db_session **ret_session, struct error *ret_error);
enum status __wrap_db_begin_from(struct ctx_site site, const struct ctx *ctx, struct db *db,
    enum db_access access, struct db_session **ret_session, struct error *ret_error);
enum status __real_db_query_from(struct ctx_site site, const struct ctx *ctx,
    struct db_session *session, const char *sql, const struct db_value *values, size_t n_values,
    struct db_rows **ret_rows, struct error *ret_error);
enum status __wrap_db_query_from(struct ctx_site site, const struct ctx *ctx,
    struct db_session *session, const char *sql, const struct db_value *values, size_t n_values,
    struct db_rows **ret_rows, struct error *ret_error);
enum status __real_db_next_from(struct ctx_site site, const struct ctx *ctx, struct db_rows *rows,
    bool *ret_has_row, struct error *ret_error);
enum status __wrap_db_next_from(struct ctx_site site, const struct ctx *ctx, struct db_rows *rows,
    bool *ret_has_row, struct error *ret_error);
enum status __real_http_client_call_from(struct ctx_site site, const struct ctx *ctx,
    struct http_client *client, const struct http_client_request *request,
    struct http_client_reply *ret_reply, struct error *ret_error);
enum status __wrap_http_client_call_from(struct ctx_site site, const struct ctx *ctx,
    struct http_client *client, const struct http_client_request *request,
    struct http_client_reply *ret_reply, struct error *ret_error);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl*) */

enum status __wrap_ctx_checkpoint(
    const struct ctx *ctx, const char *stage, uint64_t done, uint64_t total)
{
    point();
    return __real_ctx_checkpoint(ctx, stage, done, total);
}

enum status __wrap_db_begin_from(struct ctx_site site, const struct ctx *ctx, struct db *db,
    enum db_access access, struct db_session **ret_session, struct error *ret_error)
{
    point();
    return __real_db_begin_from(site, ctx, db, access, ret_session, ret_error);
}

enum status __wrap_db_query_from(struct ctx_site site, const struct ctx *ctx,
    struct db_session *session, const char *sql, const struct db_value *values, size_t n_values,
    struct db_rows **ret_rows, struct error *ret_error)
{
    point();
    return __real_db_query_from(site, ctx, session, sql, values, n_values, ret_rows, ret_error);
}

enum status __wrap_db_next_from(struct ctx_site site, const struct ctx *ctx, struct db_rows *rows,
    bool *ret_has_row, struct error *ret_error)
{
    point();
    return __real_db_next_from(site, ctx, rows, ret_has_row, ret_error);
}

enum status __wrap_http_client_call_from(struct ctx_site site, const struct ctx *ctx,
    struct http_client *client, const struct http_client_request *request,
    struct http_client_reply *ret_reply, struct error *ret_error)
{
    point();
    return __real_http_client_call_from(site, ctx, client, request, ret_reply, ret_error);
}

/* One report and its hash, cancelled at its k-th point; 0: at none. */
static enum status build_until(unsigned int cancel_at, char ret_hash[65])
{
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    now.scope = scope;
    now.cancel_at = cancel_at;
    atomic_store(&now.n_points, 0);
    const struct audit_request request = {.site_no = "101"};
    struct report *report = NULL;
    struct error error = ERROR_NONE;
    enum status status = audit_build(scope->ctx, &sources, &request, &report, &error);
    if (status == STATUS_OK) {
        status = model_hash(scope->ctx, report);
    }
    if (status == STATUS_OK) {
        memcpy(ret_hash, report->content_hash, 65);
    } else if (status != STATUS_CANCELLED) {
        print_error("at %u: %s: %s\n", cancel_at, status_name(status), error.text);
    }
    report_free(report);
    now.cancel_at = 0;
    return status;
}

static void a_cancel_at_any_point_stops_the_report_and_the_next_is_whole(void **state)
{
    (void)state;
    char first[65];
    char last[65];
    assert_int_equal(build_until(0, first), STATUS_OK);
    unsigned int n_points = atomic_load(&now.n_points);
    assert_true(n_points > 500);
    unsigned int n_tried = 0;
    for (unsigned int k = 1; k < n_points; k += k < EVERY_K_MAX ? 1 : STEP) {
        /* Threads race: what was the last point may come before another one. */
        enum status status = build_until(k, last);
        assert_true(status == STATUS_CANCELLED || k + STEP > n_points);
        n_tried++;
    }
    print_message("cancelled at %u of %u points\n", n_tried, n_points);
    assert_int_equal(build_until(0, last), STATUS_OK);
    assert_string_equal(first, last);
}

static struct db *open_database(const char *name, const char *uri)
{
    struct db *db = NULL;
    struct error error = ERROR_NONE;
    const struct db_options options = {.name = name, .uri = uri, .mode = DB_OPEN_READ_ONLY};
    if (db_open(ctx_background(), &options, &db, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return db;
}

static int set_up(void **state)
{
    (void)state;
    stop_study_make(&study);
    lab = audit_lab_start(study.lab_path);
    sources.edc = open_database("edc", study.edc_uri);
    sources.ctms = open_database("ctms", study.ctms_uri);
    sources.lab = lab->client;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    db_close(sources.edc);
    db_close(sources.ctms);
    audit_lab_stop(lab);
    stop_study_remove(&study);
    return ctx_test_no_leaks() ? 0 : -1;
}

int main(void)
{
    const struct log_options log = {.service = "audit_points", .level = LOG_LEVEL_ERROR};
    if (log_init(&log, NULL) != STATUS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cancel_at_any_point_stops_the_report_and_the_next_is_whole),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
