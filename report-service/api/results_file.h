/* A kept report as a file: a few lines that say what it is, an empty line, the report.
 *
 *     walkie-result 1
 *     lines 8e33…             the SHA-256 of the lines below, with the empty one
 *     len 223082
 *     sha256 4f2c…            of the report
 *     content_hash c097…
 *     as_of 2025-06-30
 *     findings 0 1 5 0        critical, major, minor, recommendation
 *     versions 3 4            of EDC and CTMS, in its snapshots
 *     filename audit-report-….pdf
 *
 * Read back it is somebody else's bytes: every line is checked, their SHA-256, then the report's
 * SHA-256. Not here: where such files lie (results.h). */
#ifndef WALKIE_SERVICE_RESULTS_FILE_H
#define WALKIE_SERVICE_RESULTS_FILE_H

#include "api/render.h"
#include "base/bytes.h"

enum {
    RESULT_HEAD_MAX = 1024, /* bytes of the lines, with the empty one */
    RESULT_HEX_MAX = 65,
    RESULT_DATE_MAX = 11,
};

/* What is known of a finished report without looking into it. */
struct result {
    uint64_t len;
    char sha256[RESULT_HEX_MAX];
    char content_hash[RESULT_HEX_MAX];
    char as_of[RESULT_DATE_MAX];
    int64_t findings[GRADE_COUNT];
    int64_t edc_version;
    int64_t ctms_version;
    char filename[RENDER_FILENAME_MAX]; /* ASCII letters, digits, dots and dashes */
};

/* Write the lines. Returns their length; 0: out of memory. Any result that result_parse_head takes
 * fits. */
size_t result_format_head(const struct result *result, char ret_head[RESULT_HEAD_MAX]);

/* The lines at the beginning of `bytes`, and how long they are. Errors: DATA_LOSS. */
MUST_USE enum status result_parse_head(
    struct bytes bytes, struct result *ret_result, size_t *ret_head_len);

#endif
