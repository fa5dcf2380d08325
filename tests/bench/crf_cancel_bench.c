/* A validation that is cancelled: how long it goes on, by the phase in which the cancel came.
 *
 *     crf_cancel_bench --edc URI --study PROTOCOL [--cancels N] [--json FILE]
 *
 * The cancels take turns at the phases, writing and rendering too, and are spread over the time
 * that each took in a whole run. The database needs values and checks, and is opened for writing: a
 * scratch copy. */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "crf/crf.h"
#include "ctx/checkpoint.h"

enum { CANCELS_MAX = 1000 };

static const uint64_t LOOK_NS = CLOCK_MS(1) / 20; /* between two looks at the phase */

struct bench {
    const char *uri;
    const char *study;
    const char *json;
    int n_cancels;
    uint64_t phase_ns[CRF_PHASES]; /* of the last whole run */
    double stop_ms[CRF_PHASES][CANCELS_MAX];
    int n_stops[CRF_PHASES];
};

struct canceller {
    const struct ctx_scope *scope;
    const struct ctx_watch *watch;
    const char *phase; /* it waits until this one has begun, */
    uint64_t after_ns; /* and then so long */
    atomic_bool is_over;
    uint64_t cancelled_ns;
    const char *stage;
};

static bool has_begun(const struct canceller *canceller)
{
    const char *stage = atomic_load(&canceller->watch->stage);
    return stage != NULL && strcmp(stage, canceller->phase) == 0;
}

static void *cancel_main(void *arg)
{
    struct canceller *canceller = arg;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && !has_begun(canceller) && !atomic_load(&canceller->is_over)) {
        status = ctx_sleep(ctx_background(), LOOK_NS);
    }
    if (status != STATUS_OK || ctx_sleep(ctx_background(), canceller->after_ns) != STATUS_OK) {
        return NULL;
    }
    canceller->stage = atomic_load(&canceller->watch->stage);
    canceller->cancelled_ns = clock_now_ns();
    ctx_cancel(canceller->scope, CTX_CAUSE_USER_CANCELLED);
    return NULL;
}

static enum status drop(void *arg, struct bytes piece)
{
    (void)arg;
    (void)piece;
    return STATUS_OK;
}

static enum status validate(
    struct bench *bench, const struct ctx *ctx, struct db *edc, struct error *ret_error)
{
    const struct crf_options options = {
        .scope = {.study = bench->study}, .is_written = true, .folder = "/tmp"};
    struct crf_run *run = NULL;
    enum status status = crf_validate(ctx, edc, &options, &run, ret_error);
    if (status == STATUS_OK) {
        status = crf_write_json(run, ctx, LANGUAGE_EN, drop, NULL, ret_error);
    }
    if (status == STATUS_OK) {
        status = crf_commit(run, ctx, ret_error);
    }
    for (int i = 0; i < CRF_PHASES && status == STATUS_OK; i++) {
        bench->phase_ns[i] = crf_run_phase_ns(run, (enum crf_phase)i);
    }
    crf_run_free(run);
    return status;
}

/* The next run has everything to write again. */
static enum status forget_queries(struct db *edc, struct error *ret_error)
{
    struct db_session *session = NULL;
    const struct ctx *ctx = ctx_background();
    enum status status = db_begin(ctx, edc, DB_WRITE, &session, ret_error);
    if (status == STATUS_OK) {
        status = db_script(ctx, session,
            "DELETE FROM query WHERE origin = 'system' AND check_id IS NOT NULL;"
            " DELETE FROM audit_trail WHERE action = 'query'",
            ret_error);
    }
    if (status == STATUS_OK) {
        status = db_commit(ctx, session, ret_error);
    }
    db_end(session);
    return status;
}

static void note(struct bench *bench, const char *stage, double stop_ms)
{
    for (int i = 0; i < CRF_PHASES; i++) {
        if (stage != NULL && strcmp(stage, crf_phase_name((enum crf_phase)i)) == 0) {
            bench->stop_ms[i][bench->n_stops[i]++] = stop_ms;
        }
    }
}

static enum status cancel_once(
    struct bench *bench, struct db *edc, int number, struct error *ret_error)
{
    enum crf_phase phase = (enum crf_phase)(number % CRF_PHASES);
    uint64_t part_ns = bench->phase_ns[phase] / (uint64_t)(bench->n_cancels / CRF_PHASES + 1);
    CTX_SCOPE(scope, ctx_with_cancel(ctx_background()));
    struct ctx_watch watch = {.stage = NULL};
    CTX_SCOPE(watched, ctx_with_value(scope->ctx, &CTX_WATCH_KEY, &watch));
    struct canceller canceller = {.scope = scope,
        .watch = &watch,
        .phase = crf_phase_name(phase),
        .after_ns = part_ns * (uint64_t)(number / CRF_PHASES)};
    pthread_t thread;
    if (pthread_create(&thread, NULL, cancel_main, &canceller) != 0) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "no thread");
    }
    enum status status = validate(bench, watched->ctx, edc, ret_error);
    uint64_t end_ns = clock_now_ns();
    atomic_store(&canceller.is_over, true);
    pthread_join(thread, NULL);
    if (status == STATUS_CANCELLED) {
        note(bench, canceller.stage, (double)(end_ns - canceller.cancelled_ns) / 1e6);
        return STATUS_OK;
    }
    return status == STATUS_OK ? forget_queries(edc, ret_error) : status; /* it was over before */
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static void print(struct bench *bench)
{
    const char *database = strncmp(bench->uri, "postgresql:", 11) == 0 ? "postgresql" : "sqlite";
    FILE *file = bench->json == NULL ? stdout : fopen(bench->json, "a");
    for (int i = 0; file != NULL && i < CRF_PHASES; i++) {
        int n = bench->n_stops[i];
        double *stop_ms = bench->stop_ms[i];
        if (n > 0) {
            qsort(stop_ms, (size_t)n, sizeof(*stop_ms), compare_doubles);
            fprintf(file,
                "{\"bench\":\"crf_cancel\",\"variant\":\"walkie\",\"database\":\"%s\""
                ",\"phase\":\"%s\",\"stop_ms_p50\":%.2f,\"stop_ms_p99\":%.2f,\"runs\":%d}\n",
                database, crf_phase_name((enum crf_phase)i), stop_ms[n / 2], stop_ms[n * 99 / 100],
                n);
        }
    }
    if (file != NULL && file != stdout) {
        fclose(file);
    }
}

static bool parse(int n_arguments, char **arguments, struct bench *bench)
{
    for (int i = 1; i + 1 < n_arguments; i += 2) {
        const char *value = arguments[i + 1];
        if (strcmp(arguments[i], "--edc") == 0) {
            bench->uri = value;
        } else if (strcmp(arguments[i], "--study") == 0) {
            bench->study = value;
        } else if (strcmp(arguments[i], "--json") == 0) {
            bench->json = value;
        } else if (strcmp(arguments[i], "--cancels") == 0) {
            bench->n_cancels = (int)strtol(value, NULL, 10);
        } else {
            return false;
        }
    }
    return bench->uri != NULL && bench->study != NULL && n_arguments % 2 == 1 &&
           bench->n_cancels >= 1 && bench->n_cancels <= CANCELS_MAX;
}

int main(int n_arguments, char **arguments)
{
    static struct bench bench = {.n_cancels = 50};
    struct db *edc = NULL;
    struct error error = ERROR_NONE;
    if (!parse(n_arguments, arguments, &bench)) {
        fprintf(stderr, "usage: crf_cancel_bench --edc URI --study PROTOCOL [--cancels N]"
                        " [--json FILE]\n");
        return 2;
    }
    const struct db_options options = {.name = "edc", .uri = bench.uri, .mode = DB_OPEN_READ_WRITE};
    enum status status = db_open(ctx_background(), &options, &edc, &error);
    if (status == STATUS_OK) {
        status = validate(&bench, ctx_background(), edc, &error);
    }
    if (status == STATUS_OK) {
        status = forget_queries(edc, &error);
    }
    for (int i = 0; i < bench.n_cancels && status == STATUS_OK; i++) {
        status = cancel_once(&bench, edc, i, &error);
    }
    db_close(edc);
    if (status != STATUS_OK) {
        fprintf(stderr, "crf_cancel_bench: %s\n", error.text);
        return 1;
    }
    print(&bench);
    return 0;
}
