/* Progress on standard error: one line that is written over on a terminal, else lines.
 *
 *     struct progress progress = {.style = PROGRESS_LINES};
 *     progress_show(&progress, "render", 3, 12, remaining_ns);
 *     progress_clear(&progress);                    before anything else is printed
 */
#ifndef WALKIE_CALL_PROGRESS_H
#define WALKIE_CALL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

enum progress_style { PROGRESS_NONE, PROGRESS_LINES, PROGRESS_TERMINAL };

struct progress {
    enum progress_style style;
    bool is_shown; /* a line of the terminal is in use */
};

/* `total` 0: unknown; `remaining_ns` CLOCK_NEVER: the call has no deadline. */
void progress_show(struct progress *progress, const char *stage, uint64_t done, uint64_t total,
    uint64_t remaining_ns);
void progress_clear(struct progress *progress);

#endif
