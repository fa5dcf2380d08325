#include "import/progress.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum { BAR_LEN = 20, MIN_FOR_RATE_MS = 500 };

#define NS_PER_S UINT64_C(1000000000)

struct progress {
    FILE *output;
    char name[PROGRESS_NAME_MAX];
    uint64_t total;
    uint64_t began_at_ns;
    uint64_t shown_at_ns;
    bool is_shown;
    bool has_colour;
};

struct progress *progress_new(FILE *output, const char *name, uint64_t total)
{
    if (isatty(fileno(output)) != 1) {
        return NULL;
    }
    struct progress *progress = calloc(1, sizeof(*progress));
    if (progress == NULL) {
        return NULL;
    }
    const char *no_colour = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    progress->output = output;
    progress->has_colour = (no_colour == NULL || no_colour[0] == '\0') &&
                           (terminal == NULL || strcmp(terminal, "dumb") != 0);
    progress_begin(progress, name, total);
    return progress;
}

void progress_begin(struct progress *progress, const char *name, uint64_t total)
{
    if (progress == NULL) {
        return;
    }
    snprintf(progress->name, sizeof(progress->name), "%.*s", PROGRESS_NAME_MAX - 1, name);
    progress->total = total;
    progress->began_at_ns = clock_now_ns();
}

/* "1,234,567" */
static void group_digits(uint64_t number, char ret_text[32])
{
    char digits[24];
    int len = snprintf(digits, sizeof(digits), "%" PRIu64, number);
    size_t used = 0;
    for (int i = 0; i < len; i++) {
        ret_text[used++] = digits[i];
        if ((len - i - 1) % 3 == 0 && i + 1 < len) {
            ret_text[used++] = ',';
        }
    }
    ret_text[used] = '\0';
}

/* "12 s left"; "" while it would be a guess. */
static void time_left(uint64_t done, uint64_t total, uint64_t elapsed_ns, char ret_text[32])
{
    ret_text[0] = '\0';
    if (done == 0 || total <= done || elapsed_ns < MIN_FOR_RATE_MS * UINT64_C(1000000)) {
        return;
    }
    double left_s = (double)elapsed_ns / 1e9 * (double)(total - done) / (double)done;
    if (left_s >= 120) {
        snprintf(ret_text, 32, "  %.0f min left", left_s / 60);
    } else {
        snprintf(ret_text, 32, "  %.0f s left", left_s + 0.5);
    }
}

void progress_line(const char *name, uint64_t done, uint64_t total, uint64_t n_rows,
    uint64_t elapsed_ns, char ret_line[PROGRESS_LINE_MAX])
{
    char rate[32];
    char left[32];
    bool has_rate = elapsed_ns >= MIN_FOR_RATE_MS * UINT64_C(1000000);
    group_digits(has_rate ? n_rows * 1000 / (elapsed_ns / UINT64_C(1000000)) : n_rows, rate);
    time_left(done, total, elapsed_ns, left);
    if (total == 0) {
        char bytes[32];
        group_digits(done >> 20, bytes);
        snprintf(ret_line, PROGRESS_LINE_MAX, "%s  %s MiB  %s %s", name, bytes, rate,
            has_rate ? "rows/s" : "rows");
        return;
    }
    done = done > total ? total : done;
    char bar[BAR_LEN + 1];
    int filled = (int)((double)done / (double)total * BAR_LEN);
    for (int i = 0; i < BAR_LEN; i++) {
        bar[i] = (char)(i < filled ? '=' : (i == filled ? '>' : ' '));
    }
    bar[BAR_LEN] = '\0';
    snprintf(ret_line, PROGRESS_LINE_MAX, "%s  [%s]  %3.0f %%  %s %s%s", name, bar,
        (double)done / (double)total * 100.0, rate, has_rate ? "rows/s" : "rows", left);
}

void progress_at(struct progress *progress, uint64_t done, uint64_t n_rows)
{
    if (progress == NULL) {
        return;
    }
    uint64_t now_ns = clock_now_ns();
    if (now_ns - progress->shown_at_ns < NS_PER_S / PROGRESS_PER_SECOND_MAX) {
        return;
    }
    char line[PROGRESS_LINE_MAX];
    progress_line(
        progress->name, done, progress->total, n_rows, now_ns - progress->began_at_ns, line);
    progress->shown_at_ns = now_ns;
    progress->is_shown = true;
    fprintf(
        progress->output, progress->has_colour ? "\r\033[K\033[36m%s\033[0m" : "\r\033[K%s", line);
    fflush(progress->output);
}

void progress_wipe(struct progress *progress)
{
    if (progress != NULL && progress->is_shown) {
        fputs("\r\033[K", progress->output);
        fflush(progress->output);
        progress->is_shown = false;
    }
}

void progress_free(struct progress *progress)
{
    progress_wipe(progress);
    free(progress);
}
