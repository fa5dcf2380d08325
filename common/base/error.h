/* A failure in words: what, where and what to do. Optional last argument of functions that fail.
 *
 *     return error_set(ret_error, STATUS_UNAVAILABLE, "%s: cannot open: %s", path, reason);
 *
 * The text is for people: it names files and settings, never secrets. It is not a log: libraries
 * fill it in, the handler or main logs it once. */
#ifndef WALKIE_BASE_ERROR_H
#define WALKIE_BASE_ERROR_H

#include "base/attributes.h"
#include "base/status.h"

enum { ERROR_TEXT_MAX = 512 }; /* bytes, with the NUL; longer texts are cut at a UTF-8 boundary */

struct error {
    enum status status;
    char text[ERROR_TEXT_MAX];
};

#define ERROR_NONE                                                                                 \
    {                                                                                              \
        .status = STATUS_OK, .text = ""                                                            \
    }

/* Record status and text in `ret_error` (may be NULL) and return the status. A macro, so that
 * analyzers see which status comes back: `return error_set(...)` is then a failure to them, too.
 * Threads: any, one error object by one thread at a time. */
#define error_set(ret_error, error_status, ...)                                                    \
    __extension__({                                                                                \
        enum status error_status_ = (error_status);                                                \
        error_record((ret_error), error_status_, __VA_ARGS__);                                     \
        error_status_;                                                                             \
    })

/* What error_set does, without a result. */
void error_record(struct error *ret_error, enum status status, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Put "what: " in front of the text that is there. `error` may be NULL. */
void error_prefix(struct error *error, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
