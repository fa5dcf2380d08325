/* Columns of a row. They come as text; a boolean is told as SQLite does, as 1 or 0. */
#include <stdlib.h>

#include "db/postgres.h"

static const char *value_of(const struct db_cursor *cursor, int column)
{
    if (column < 0 || column >= PQnfields(cursor->row) ||
        PQgetisnull(cursor->row, 0, column) != 0) {
        return NULL;
    }
    const char *value = PQgetvalue(cursor->row, 0, column);
    if (PQftype(cursor->row, column) == POSTGRES_BOOL) {
        return value[0] == 't' ? "1" : "0";
    }
    return value;
}

bool postgres_column_is_null(const struct db_cursor *cursor, int column)
{
    return value_of(cursor, column) == NULL;
}

int64_t postgres_column_integer(const struct db_cursor *cursor, int column)
{
    const char *value = value_of(cursor, column);
    return value == NULL ? 0 : strtoll(value, NULL, 10);
}

double postgres_column_real(const struct db_cursor *cursor, int column)
{
    const char *value = value_of(cursor, column);
    return value == NULL ? 0.0 : strtod(value, NULL);
}

const char *postgres_column_text(const struct db_cursor *cursor, int column)
{
    return value_of(cursor, column);
}
