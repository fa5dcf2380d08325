/* Reading the EDC: rows of a statement, each handed to a function. Private to crf/.
 *
 *     status = reader_rows(reader, SQL, &study_id, 1, on_site, study);
 *
 * A reader is one session's and one thread's. */
#ifndef WALKIE_CRF_READER_H
#define WALKIE_CRF_READER_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"
#include "db/db.h"

struct reader {
    const struct ctx *ctx;
    struct db_session *session;
    struct error *error; /* may be NULL */
};

/* Takes the current row. Not called again after anything but OK. */
typedef enum status reader_row_fn(void *arg, const struct db_rows *rows);

/* Errors: the context's, the database's; RESOURCE_EXHAUSTED and whatever else `on_row` returns. */
MUST_USE enum status reader_rows(const struct reader *reader, const char *sql,
    const struct db_value *values, size_t n_values, reader_row_fn *on_row, void *arg);

/* A column's text, copied. STATUS_RESOURCE_EXHAUSTED when the arena is used up. NULL stays NULL. */
MUST_USE enum status reader_text(
    struct arena *arena, const struct db_rows *rows, int column, const char **ret_text);

/* Append a zeroed element to an array in a buffer; NULL when that is full or memory is out. */
void *array_add(struct buffer *array, size_t size);

#endif
