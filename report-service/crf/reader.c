#include "crf/reader.h"

#include <string.h>

#include "ctx/checkpoint.h"

enum { ROWS_PER_POLL = 256 };

static enum status read_all(
    const struct reader *reader, struct db_rows *rows, reader_row_fn *on_row, void *arg)
{
    for (uint64_t n_rows = 1;; n_rows++) {
        bool has_row = false;
        enum status status = n_rows % ROWS_PER_POLL == 0 ? ctx_err(reader->ctx) : STATUS_OK;
        if (status == STATUS_OK) {
            status = db_next(reader->ctx, rows, &has_row, reader->error);
        }
        if (status != STATUS_OK || !has_row) {
            return status;
        }
        status = on_row(arg, rows);
        if (status != STATUS_OK) {
            return status;
        }
    }
}

enum status reader_rows(const struct reader *reader, const char *sql, const struct db_value *values,
    size_t n_values, reader_row_fn *on_row, void *arg)
{
    struct db_rows *rows = NULL;
    enum status status =
        db_query(reader->ctx, reader->session, sql, values, n_values, &rows, reader->error);
    if (status == STATUS_OK) {
        status = read_all(reader, rows, on_row, arg);
    }
    db_rows_free(rows);
    return status;
}

enum status reader_text(
    struct arena *arena, const struct db_rows *rows, int column, const char **ret_text)
{
    const char *text = db_column_text(rows, column);
    const char *copy = arena_copy_text(arena, text);
    if (text != NULL && copy == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    *ret_text = copy;
    return STATUS_OK;
}

void *array_add(struct buffer *array, size_t size)
{
    if (buffer_reserve(array, size) != STATUS_OK) {
        return NULL;
    }
    void *element = array->data + array->len;
    memset(element, 0, size);
    array->len += size;
    return element;
}
