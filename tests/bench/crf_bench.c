/* The validation of all forms of a study: how long, how much processor, how much memory.
 *
 *     crf_bench --edc URI --study PROTOCOL [--site SITE] [--runs N] [--json FILE]
 *
 * The database needs values and checks: tests/bench/crf.sh fills a scratch copy of clindata. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "crf/crf.h"

enum { RUNS_MAX = 100 };

struct bench {
    const char *uri;
    const char *study;
    const char *site;
    const char *json;
    const char *folder;
    int n_runs;
};

static bool parse(int n_arguments, char **arguments, struct bench *bench)
{
    for (int i = 1; i + 1 < n_arguments; i += 2) {
        const char *value = arguments[i + 1];
        if (strcmp(arguments[i], "--edc") == 0) {
            bench->uri = value;
        } else if (strcmp(arguments[i], "--study") == 0) {
            bench->study = value;
        } else if (strcmp(arguments[i], "--site") == 0) {
            bench->site = value;
        } else if (strcmp(arguments[i], "--json") == 0) {
            bench->json = value;
        } else if (strcmp(arguments[i], "--runs") == 0) {
            bench->n_runs = (int)strtol(value, NULL, 10);
        } else {
            return false;
        }
    }
    return bench->uri != NULL && bench->study != NULL && n_arguments % 2 == 1 &&
           bench->n_runs >= 1 && bench->n_runs <= RUNS_MAX;
}

static enum status count_piece(void *arg, struct bytes piece)
{
    *(uint64_t *)arg += piece.len;
    return STATUS_OK;
}

struct figures {
    double wall_ms;
    double cpu_ms;
    struct crf_counts counts;
    uint64_t bytes;
};

static double cpu_ms(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static enum status run_once(
    const struct bench *bench, struct db *edc, struct figures *ret_figures, struct error *ret_error)
{
    const struct crf_options options = {
        .scope = {.study = bench->study, .site_no = bench->site}, .folder = bench->folder};
    struct crf_run *run = NULL;
    uint64_t start_ns = clock_now_ns();
    double start_cpu_ms = cpu_ms();
    struct figures figures = {0};
    enum status status = crf_validate(ctx_background(), edc, &options, &run, ret_error);
    if (status == STATUS_OK) {
        status = crf_write_json(
            run, ctx_background(), LANGUAGE_EN, count_piece, &figures.bytes, ret_error);
        figures.counts = crf_run_counts(run);
    }
    crf_run_free(run);
    figures.wall_ms = (double)(clock_now_ns() - start_ns) / 1e6;
    figures.cpu_ms = cpu_ms() - start_cpu_ms;
    *ret_figures = figures;
    return status;
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof(*values), compare_doubles);
    return values[n / 2];
}

static void print(
    const struct bench *bench, const struct figures *last, double wall_ms, double cpu_ms_median)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    const char *database = strncmp(bench->uri, "postgresql:", 11) == 0 ? "postgresql" : "sqlite";
    const struct crf_counts *counts = &last->counts;
    char line[512];
    snprintf(line, sizeof(line),
        "{\"bench\":\"crf\",\"variant\":\"walkie\",\"database\":\"%s\",\"site\":\"%s\""
        ",\"forms\":%" PRIu64 ",\"items\":%" PRIu64 ",\"checks\":%" PRIu64 ",\"evaluated\":%" PRIu64
        ",\"problems\":%" PRIu64 ",\"wall_ms\":%.1f,\"cpu_ms\":%.1f,\"peak_kb\":%ld,\"runs\":%d}",
        database, bench->site == NULL ? "all" : bench->site, counts->n_forms, counts->n_items,
        counts->n_checks, counts->n_evaluated, counts->n_problems, wall_ms, cpu_ms_median,
        usage.ru_maxrss, bench->n_runs);
    FILE *file = bench->json == NULL ? stdout : fopen(bench->json, "a");
    if (file != NULL) {
        fprintf(file, "%s\n", line);
    }
    if (file != NULL && file != stdout) {
        fclose(file);
    }
}

int main(int n_arguments, char **arguments)
{
    struct bench bench = {.n_runs = 3, .folder = "/tmp"};
    struct db *edc = NULL;
    struct error error = ERROR_NONE;
    if (!parse(n_arguments, arguments, &bench)) {
        fprintf(stderr, "usage: crf_bench --edc URI --study PROTOCOL [--site SITE] [--runs N]"
                        " [--json FILE]\n");
        return 2;
    }
    const struct db_options options = {.name = "edc", .uri = bench.uri, .mode = DB_OPEN_READ_ONLY};
    enum status status = db_open(ctx_background(), &options, &edc, &error);
    double wall_ms[RUNS_MAX];
    double cpu[RUNS_MAX];
    struct figures figures = {0};
    for (int i = 0; i < bench.n_runs && status == STATUS_OK; i++) {
        status = run_once(&bench, edc, &figures, &error);
        wall_ms[i] = figures.wall_ms;
        cpu[i] = figures.cpu_ms;
    }
    db_close(edc);
    if (status != STATUS_OK) {
        fprintf(stderr, "crf_bench: %s\n", error.text);
        return 1;
    }
    print(&bench, &figures, median(wall_ms, bench.n_runs), median(cpu, bench.n_runs));
    return 0;
}
