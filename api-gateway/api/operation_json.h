/* An operation's record as clients see it.
 *
 *     status = operation_json(&record, remaining, &buffer);
 *     {"id":"…","state":"running","created":"2026-11-25T20:00:00.123Z","finished":null,…}
 */
#ifndef WALKIE_GATEWAY_OPERATION_JSON_H
#define WALKIE_GATEWAY_OPERATION_JSON_H

#include "base/bytes.h"
#include "operations/record.h"

enum {
    OPERATION_JSON_MAX = 16 << 10,                 /* bytes of one */
    OPERATION_LIST_MAX = 101 * OPERATION_JSON_MAX, /* of a page of them */
    OPERATION_URL_MAX = 64,
    OPERATION_TIME_MAX = 32,
};

/* "/v1/operations/ID", and "/v1/operations/ID/result". */
void operation_url(const char *id, const char *suffix, char ret_url[OPERATION_URL_MAX]);

/* "2026-11-25T20:00:00.123Z"; of ms since 1970. */
void operation_time(int64_t ms, char ret_text[OPERATION_TIME_MAX]);

/* One line. Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status operation_json(const struct operation_record *record, struct buffer *buffer);

/* {"operations":[…],"next":"ID"|null}: `next` is what to go on with, when the page is full. */
MUST_USE enum status operation_list_json(
    const struct operation_record *records, size_t n_records, bool is_full, struct buffer *buffer);

#endif
