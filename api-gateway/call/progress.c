#include "call/progress.h"

#include <stdio.h>

#include "base/clock.h"
#include "call/safe_text.h"

/* Back to the line's begin, and clear it: ECMA-48, which every terminal of today knows. */
#define TERMINAL_CLEAR "\r\033[K"

void progress_show(struct progress *progress, const char *stage, uint64_t done, uint64_t total,
    uint64_t remaining_ns)
{
    if (progress->style == PROGRESS_NONE) {
        return;
    }
    fputs(progress->style == PROGRESS_TERMINAL ? TERMINAL_CLEAR : "progress: ", stderr);
    safe_text_print(stage, stderr);
    if (total > 0) {
        fprintf(stderr, " %llu/%llu", (unsigned long long)done, (unsigned long long)total);
    } else if (done > 0) {
        fprintf(stderr, " %llu", (unsigned long long)done);
    }
    if (remaining_ns != CLOCK_NEVER) {
        fprintf(stderr, ", %.1f s left", (double)remaining_ns / 1e9);
    }
    progress->is_shown = progress->style == PROGRESS_TERMINAL;
    if (!progress->is_shown) {
        fputc('\n', stderr);
    }
    fflush(stderr);
}

void progress_clear(struct progress *progress)
{
    if (progress->is_shown) {
        fputs(TERMINAL_CLEAR, stderr);
        progress->is_shown = false;
    }
}
