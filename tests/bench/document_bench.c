/* What the PDF costs: 4,000 table rows of 6 columns on about 100 pages, one core, fonts loaded.
 *
 *     pdf_bench [--json FILE] [--pdf FILE] [--rows FILE]
 *
 * Each figure is the median of N_RUNS runs: wall_ms and cpu_ms (all threads) of the whole document,
 * fonts_ms of its last part (cairo embeds the fonts), peak_kb of the process when the first runs
 * are done. The same with 10 and 47 times the rows (1,000 and 5,000 pages) shows that time grows
 * with pages and memory by the page index only: grown_kb is how far the process grew, at its
 * highest, over what it had before (the model and the fonts). --pdf keeps the file,
 * --rows the rows for peers (pdf.sh). */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/document/document.h"
#include "ctx/checkpoint.h"
#include "support/sample_report.h"

enum { N_RUNS = 11, N_ROWS = 4000, N_LONG = 10, N_LONGEST = 47 };

struct measure {
    double wall_ms;
    double cpu_ms;
    double fonts_ms;
    uint64_t n_pages;
    size_t len;
};

struct run {
    FILE *file; /* NULL: the bytes are only counted */
    size_t len;
    uint64_t fonts_at_ns;
    uint64_t n_pages;
};

static enum status take(void *arg, struct bytes piece)
{
    struct run *run = arg;
    run->len += piece.len;
    if (run->file != NULL && fwrite(piece.data, 1, piece.len, run->file) != piece.len) {
        return STATUS_DATA_LOSS;
    }
    return STATUS_OK;
}

static void note(void *arg, const char *stage, uint64_t done, uint64_t total)
{
    struct run *run = arg;
    if (strcmp(stage, "fonts") == 0 && done == 0) {
        run->fonts_at_ns = clock_now_ns();
    } else if (strcmp(stage, "render") == 0) {
        run->n_pages = total;
    }
}

/* A line of /proc/self/status in KB: "VmRSS:" now, "VmHWM:" the most so far. */
static long memory_kb(const char *name)
{
    char line[128];
    long kb = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0) {
            kb = strtol(line + strlen(name), NULL, 10);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return kb;
}

/* Let the most so far begin anew at what is now. */
static void forget_peak(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "w");
    if (file != NULL) {
        fputs("5", file);
        fclose(file);
    }
}

static uint64_t process_cpu_ns(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec * 1000000000U + (uint64_t)used.tv_nsec;
}

static struct measure draw(const struct report *report, enum language language, FILE *file)
{
    struct run run = {.file = file};
    struct ctx_watch watch = {.on_progress = note, .arg = &run};
    struct document_options options = {.language = language};
    struct error error = ERROR_NONE;
    CTX_SCOPE(scope, ctx_with_value(ctx_background(), &CTX_WATCH_KEY, &watch));
    uint64_t cpu_ns = process_cpu_ns();
    uint64_t start_ns = clock_now_ns();
    if (document_write_pdf(scope->ctx, report, &options, take, &run, &error) != STATUS_OK) {
        fprintf(stderr, "pdf_bench: %s\n", error.text);
        exit(1);
    }
    uint64_t end_ns = clock_now_ns();
    return (struct measure){.wall_ms = (double)(end_ns - start_ns) / 1e6,
        .cpu_ms = (double)(process_cpu_ns() - cpu_ns) / 1e6,
        .fonts_ms = (double)(end_ns - run.fonts_at_ns) / 1e6,
        .n_pages = run.n_pages,
        .len = run.len};
}

static int compare(const void *left, const void *right)
{
    double a = ((const struct measure *)left)->wall_ms;
    double b = ((const struct measure *)right)->wall_ms;
    return a < b ? -1 : a > b;
}

static void bench(size_t n_rows, enum language language, size_t n_runs, FILE *json)
{
    struct report *report =
        sample_report_new(&(struct sample_options){.n_rows = n_rows, .is_plain = true});
    struct measure runs[N_RUNS];
    forget_peak();
    long before_kb = memory_kb("VmRSS:");
    for (size_t i = 0; i < n_runs; i++) {
        runs[i] = draw(report, language, NULL);
    }
    long peak_kb = memory_kb("VmHWM:");
    report_free(report);
    qsort(runs, n_runs, sizeof(runs[0]), compare);
    const struct measure *median = &runs[n_runs / 2];
    printf("pdf  %-6s %6zu rows %5llu pages %7.1f ms (cpu %.1f, best %.1f, fonts %.1f, a page "
           "%.2f)  %zu KB file, peak %ld KB, %ld of them before\n",
        language_tag(language), n_rows, (unsigned long long)median->n_pages, median->wall_ms,
        median->cpu_ms, runs[0].wall_ms, median->fonts_ms,
        median->wall_ms / (double)median->n_pages, median->len / 1024, peak_kb, before_kb);
    if (json != NULL) {
        fprintf(json,
            "{\"bench\":\"pdf\",\"variant\":\"walkie\",\"language\":\"%s\",\"pages\":%llu,"
            "\"rows\":%zu,\"wall_ms\":%.1f,\"cpu_ms\":%.1f,\"fonts_ms\":%.1f,\"peak_kb\":%ld,"
            "\"grown_kb\":%ld,\"runs\":%zu}\n",
            language_tag(language), (unsigned long long)median->n_pages, n_rows, median->wall_ms,
            median->cpu_ms, median->fonts_ms, peak_kb, peak_kb - before_kb, n_runs);
    }
}

static void keep(const char *path)
{
    struct report *report =
        sample_report_new(&(struct sample_options){.n_rows = N_ROWS, .is_plain = true});
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        fprintf(stderr, "pdf_bench: cannot write %s\n", path);
        exit(1);
    }
    draw(report, LANGUAGE_ZH_CN, file);
    fclose(file);
    report_free(report);
}

/* The rows as they are drawn, cells between tabs. */
static void keep_rows(const char *path)
{
    struct report *report =
        sample_report_new(&(struct sample_options){.n_rows = N_ROWS, .is_plain = true});
    const struct table *table = report->first->first->table;
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        fprintf(stderr, "pdf_bench: cannot write %s\n", path);
        exit(1);
    }
    for (const struct table_row *row = table->first; row != NULL; row = row->next) {
        for (size_t i = 0; i < table->n_columns; i++) {
            fprintf(file, "%s%s", row->cells[i].text, i + 1 < table->n_columns ? "\t" : "\n");
        }
    }
    fclose(file);
    report_free(report);
}

int main(int argc, char **argv)
{
    FILE *json = NULL;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--json") == 0) {
            json = fopen(argv[i + 1], "a");
        } else if (strcmp(argv[i], "--pdf") == 0) {
            keep(argv[i + 1]);
        } else if (strcmp(argv[i], "--rows") == 0) {
            keep_rows(argv[i + 1]);
        }
    }
    struct error error = ERROR_NONE;
    uint64_t start_ns = clock_now_ns();
    if (document_prepare(&error) != STATUS_OK) {
        fprintf(stderr, "pdf_bench: %s\n", error.text);
        return 1;
    }
    printf("pdf  document_prepare %.1f ms\n", (double)(clock_now_ns() - start_ns) / 1e6);
    bench(N_ROWS, LANGUAGE_EN, N_RUNS, json);
    bench(N_ROWS, LANGUAGE_ZH_CN, N_RUNS, json);
    bench((size_t)N_LONG * N_ROWS, LANGUAGE_ZH_CN, 3, json);
    bench((size_t)N_LONGEST * N_ROWS, LANGUAGE_ZH_CN, 1, json);
    if (json != NULL) {
        fclose(json);
    }
    return 0;
}
