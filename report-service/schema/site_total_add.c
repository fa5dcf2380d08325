/* Queries that were opened, in the running totals: a row of the day, and everything from it on. */
#include "schema/site_total.h"

enum { OUTSTANDING_DAYS = 31 }; /* from the opening to the first day on which it is outstanding */

#define COLUMNS                                                                                    \
    "n_dated_forms, n_late_forms, n_items, n_changed_items, n_labs, n_abnormal_labs, n_queries,"   \
    " last_entry_at, n_outstanding_queries"

/* As schema_data_version: a store that nobody has written to yet is of version 0. */
#define IS_VALID                                                                                   \
    " EXISTS (SELECT 1 FROM meta v WHERE v.key = 'site_total_version' AND v.value ="               \
    " coalesce((SELECT d.value FROM meta d WHERE d.key = 'data_version'), '0'))"

#define HAS_NO_ROW " NOT EXISTS (SELECT 1 FROM site_total WHERE site_id = $1 AND day = $2)"

/* The day's row begins as the one before it. */
static const char COPY_SQL[] =
    "INSERT INTO site_total (site_id, day, " COLUMNS ") SELECT site_id, $2, " COLUMNS
    " FROM site_total WHERE site_id = $1 AND day ="
    " (SELECT max(day) FROM site_total WHERE site_id = $1 AND day < $2) AND" HAS_NO_ROW
    " AND" IS_VALID;

static const char FIRST_SQL[] =
    "INSERT INTO site_total (site_id, day, " COLUMNS ") SELECT site_id, $2, 0, 0, 0, 0, 0, 0, 0,"
    " NULL, 0 FROM site WHERE site_id = $1 AND" HAS_NO_ROW " AND" IS_VALID;

static const char ADD_OPENED_SQL[] = "UPDATE site_total SET n_queries = n_queries + $3"
                                     " WHERE site_id = $1 AND day >= $2 AND" IS_VALID;

static const char ADD_OUTSTANDING_SQL[] =
    "UPDATE site_total SET n_outstanding_queries = n_outstanding_queries + $3"
    " WHERE site_id = $1 AND day >= $2 AND" IS_VALID;

static enum status add_from(const struct ctx *ctx, struct db_session *session, const char *add_sql,
    const struct db_value values[3], struct error *ret_error)
{
    enum status status = db_exec(ctx, session, COPY_SQL, values, 2, ret_error);
    if (status == STATUS_OK) {
        status = db_exec(ctx, session, FIRST_SQL, values, 2, ret_error);
    }
    return status == STATUS_OK ? db_exec(ctx, session, add_sql, values, 3, ret_error) : status;
}

enum status site_total_add_queries(const struct ctx *ctx, struct db_session *session,
    int64_t site_id, int64_t day, int64_t n_queries, struct error *ret_error)
{
    struct db_value values[] = {db_integer(site_id), db_integer(day), db_integer(n_queries)};
    enum status status = add_from(ctx, session, ADD_OPENED_SQL, values, ret_error);
    if (status == STATUS_OK) {
        values[1] = db_integer(day + OUTSTANDING_DAYS);
        status = add_from(ctx, session, ADD_OUTSTANDING_SQL, values, ret_error);
    }
    return status;
}
