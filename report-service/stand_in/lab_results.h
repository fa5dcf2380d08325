/* The results that the stand-in laboratory serves: a text file, one JSON object a line.
 *
 *     {"snapshot_at":"2025-06-30T06:00:00Z"}
 *     {"study":"WLK-301","site_no":"101","result":{"subject_no":"101-001","test":"ALT", …}}
 *
 * The first line says as of when they are. What is in `result` is served as it is, so that a file
 * can also hold what no laboratory should say. Not here: HTTP (lab_server.h). */
#ifndef WALKIE_STAND_IN_LAB_RESULTS_H
#define WALKIE_STAND_IN_LAB_RESULTS_H

#include "base/bytes.h"
#include "base/error.h"

enum {
    LAB_FILE_LEN_MAX = 64 << 20, /* bytes of the file */
    LAB_PAGE_DEFAULT = 500,      /* results of a page */
};

struct lab_results;

/* Read the file. Errors: UNAVAILABLE (it cannot be read), DATA_LOSS (names the line),
 * RESOURCE_EXHAUSTED. */
MUST_USE enum status lab_results_read(
    const char *path, struct lab_results **ret_results, struct error *ret_error);
void lab_results_free(struct lab_results *results); /* accepts NULL */

struct lab_page_request {
    const char *study;
    const char *site_no;
    const char *as_of;
    size_t first; /* results of the site that are passed over */
    size_t n_max;
};

/* Append a page as JSON. Errors: NOT_FOUND (no result of such a site), RESOURCE_EXHAUSTED. */
MUST_USE enum status lab_results_write_page(
    const struct lab_results *results, const struct lab_page_request *request, struct buffer *page);

#endif
