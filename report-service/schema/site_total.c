#include "schema/site_total.h"

#include <inttypes.h>
#include <stdio.h>

#include "schema/schema.h"

/* Days since 1970-01-01 of a date's digits: the Julian day formula in integers, since no function
 * for it is the same in all databases. `text` is complete, or its missing parts count as 1. */
#define DAY_PARTS(text)                                                                            \
    "CAST(substr(" text ", 1, 4) AS INTEGER) AS y,"                                                \
    " CASE WHEN length(" text ") >= 7 THEN CAST(substr(" text ", 6, 2) AS INTEGER) ELSE 1 END"     \
    " AS m,"                                                                                       \
    " CASE WHEN length(" text ") >= 10 THEN CAST(substr(" text ", 9, 2) AS INTEGER) ELSE 1 END"    \
    " AS d"
#define DAY_PARTS_OF_VISIT DAY_PARTS("visit_on")
#define DAY_NUMBER                                                                                 \
    "(d + (153 * (m + 12 * ((14 - m) / 12) - 3) + 2) / 5 + 365 * (y + 4800 - (14 - m) / 12)"       \
    " + (y + 4800 - (14 - m) / 12) / 4 - (y + 4800 - (14 - m) / 12) / 100"                         \
    " + (y + 4800 - (14 - m) / 12) / 400 - 2472633)"

static const char REFRESH_ITEMS_SQL[] =
    "INSERT INTO site_item_total (site_id, form_def_id, day, n_items, n_changed_items)"
    " SELECT s.site_id, f.form_def_id, f.first_entry_at / 86400000 AS day, count(*),"
    " sum(CASE WHEN d.n_changes > 0 THEN 1 ELSE 0 END)"
    " FROM item_data d JOIN form f ON f.form_id = d.form_id"
    " JOIN subject_event e ON e.event_id = f.event_id"
    " JOIN subject s ON s.subject_id = e.subject_id WHERE f.first_entry_at IS NOT NULL"
    " GROUP BY s.site_id, f.form_def_id, f.first_entry_at / 86400000"
    " ORDER BY 1, 2, 3"; /* a site's rows side by side: PostgreSQL's groups come in any order */

/* Forms by the day of their first entry. Late: entered on a day more than 10 after the visit's. */
#define FORM_DAYS                                                                                  \
    "SELECT s.site_id AS site_id, f.first_entry_at / 86400000 AS day,"                             \
    " CASE WHEN v.visit_day IS NULL THEN 0 ELSE 1 END AS dated,"                                   \
    " CASE WHEN f.first_entry_at / 86400000 - v.visit_day > 10 THEN 1 ELSE 0 END AS late,"         \
    " 0 AS items, 0 AS changed, 0 AS labs, 0 AS abnormal, 0 AS queries,"                           \
    " f.first_entry_at AS entered, 0 AS outstanding FROM form f JOIN subject_event e ON "          \
    "e.event_id = f.event_id"                                                                      \
    " JOIN subject s ON s.subject_id = e.subject_id"                                               \
    " LEFT JOIN (SELECT event_id, " DAY_NUMBER                                                     \
    " AS visit_day FROM (SELECT event_id, " DAY_PARTS_OF_VISIT                                     \
    " FROM subject_event WHERE length(visit_on) >= 10) AS parts) AS v"                             \
    " ON v.event_id = f.event_id WHERE f.first_entry_at IS NOT NULL"

#define ITEM_DAYS                                                                                  \
    "SELECT site_id, day, 0, 0, sum(n_items), sum(n_changed_items), 0, 0, 0, NULL, 0"              \
    " FROM site_item_total GROUP BY site_id, day"

#define LAB_DAYS                                                                                   \
    "SELECT site_id, " DAY_NUMBER ", 0, 0, 0, 0, n, n_abnormal, 0, NULL, 0 FROM"                   \
    " (SELECT site_id, n, n_abnormal, " DAY_PARTS(                                                 \
        "on_date") " FROM"                                                                         \
                   "  (SELECT s.site_id AS site_id, l.on_date AS on_date, count(*) AS n,"          \
                   "   sum(CASE WHEN l.tox_grade >= 3 THEN 1 ELSE 0 END) AS n_abnormal"            \
                   "   FROM lab_result l JOIN subject s ON s.subject_id = l.subject_id"            \
                   "   WHERE l.tox_grade IS NOT NULL AND l.on_date IS NOT NULL"                    \
                   "   GROUP BY s.site_id, l.on_date) AS dates) AS parts"                          \
                   " UNION ALL SELECT s.site_id, -1000000, 0, 0, 0, 0, count(*),"                  \
                   "  sum(CASE WHEN l.tox_grade >= 3 THEN 1 ELSE 0 END), 0, NULL, 0"               \
                   "  FROM lab_result l JOIN subject s ON s.subject_id = l.subject_id"             \
                   "  WHERE l.tox_grade IS NOT NULL AND l.on_date IS NULL GROUP BY s.site_id"

/* Queries with the days of their opening and closing; those that are open close at the end of time.
 */
#define NEVER "99999999"
#define ASKED                                                                                      \
    "WITH asked AS (SELECT s.site_id AS site_id, q.opened_at / 86400000 AS opened, CASE"           \
    " WHEN q.closed_at IS NULL AND q.status <> 'closed' THEN " NEVER                               \
    " ELSE q.closed_at / 86400000 END AS closed FROM query q JOIN form f ON f.form_id = q.form_id" \
    " JOIN subject_event e ON e.event_id = f.event_id"                                             \
    " JOIN subject s ON s.subject_id = e.subject_id)"

#define QUERY_DAYS                                                                                 \
    "SELECT site_id, opened, 0, 0, 0, 0, 0, 0, count(*), NULL, 0 FROM asked"                       \
    " GROUP BY site_id, opened"

/* A query is outstanding from the 31st day after its opening to the day before its closing. */
#define OUTSTANDING_DAYS                                                                           \
    "SELECT site_id, opened + 31, 0, 0, 0, 0, 0, 0, 0, NULL, count(*) FROM asked"                  \
    " WHERE closed > opened + 31 GROUP BY site_id, opened"                                         \
    " UNION ALL SELECT site_id, closed, 0, 0, 0, 0, 0, 0, 0, NULL, -count(*) FROM asked"           \
    " WHERE closed > opened + 31 AND closed < " NEVER " GROUP BY site_id, closed"

/* All of a site up to and with the day. */
#define UP_TO "OVER (PARTITION BY site_id ORDER BY day)"

static const char REFRESH_SQL[] =
    "INSERT INTO site_total (site_id, day, n_dated_forms, n_late_forms, n_items, n_changed_items,"
    " n_labs, n_abnormal_labs, n_queries, last_entry_at, n_outstanding_queries) " ASKED
    " SELECT site_id, day, sum(dated) " UP_TO ", sum(late) " UP_TO ", sum(items) " UP_TO
    ", sum(changed) " UP_TO ", sum(labs) " UP_TO ", sum(abnormal) " UP_TO ", sum(queries) " UP_TO
    ", max(entered) " UP_TO ", sum(outstanding) " UP_TO
    " FROM (SELECT site_id, day, sum(dated) AS dated, sum(late) AS late, sum(items) AS items,"
    "  sum(changed) AS changed, sum(labs) AS labs, sum(abnormal) AS abnormal,"
    "  sum(queries) AS queries, max(entered) AS entered, sum(outstanding) AS outstanding"
    "  FROM (" FORM_DAYS " UNION ALL " ITEM_DAYS " UNION ALL " LAB_DAYS " UNION ALL " QUERY_DAYS
    " UNION ALL " OUTSTANDING_DAYS ") AS counts"
    "  GROUP BY site_id, day) AS days";

enum { VERSION_TEXT_MAX = 24 };

/* PostgreSQL plans by statistics, which it takes by itself only some time after a bulk load: the
 * first reports, and what follows here, would be planned as if the tables were empty. */
static enum status take_statistics(
    const struct ctx *ctx, struct db_session *session, struct error *ret_error)
{
    switch (db_dialect(session)) {
    case DB_SQLITE:
        return STATUS_OK;
    case DB_POSTGRES:
        return db_script(ctx, session, "ANALYZE", ret_error);
    }
    return STATUS_INTERNAL;
}

enum status site_total_refresh(
    const struct ctx *ctx, struct db_session *session, struct error *ret_error)
{
    static const char *const STATEMENTS[] = {
        "DELETE FROM site_item_total", "DELETE FROM site_total", REFRESH_ITEMS_SQL, REFRESH_SQL};
    int64_t version = 0;
    enum status status = schema_data_version(ctx, session, &version, ret_error);
    if (status == STATUS_OK) {
        status = take_statistics(ctx, session, ret_error);
    }
    for (size_t i = 0; i < LENGTH_OF(STATEMENTS) && status == STATUS_OK; i++) {
        status = db_exec(ctx, session, STATEMENTS[i], NULL, 0, ret_error);
    }
    if (status == STATUS_OK) {
        status = take_statistics(ctx, session, ret_error); /* of the summaries themselves */
    }
    if (status != STATUS_OK) {
        return status;
    }
    char text[VERSION_TEXT_MAX];
    snprintf(text, sizeof(text), "%" PRId64, version);
    return schema_set_meta(ctx, session, "site_total_version", text, ret_error);
}

enum status site_total_keep(
    const struct ctx *ctx, struct db_session *session, struct error *ret_error)
{
    static const char KEEP_SQL[] =
        "UPDATE meta SET value = $1 WHERE key = 'site_total_version' AND value = $2";
    char texts[2][VERSION_TEXT_MAX];
    int64_t before = 0;
    int64_t after = 0;
    enum status status = schema_data_version(ctx, session, &before, ret_error);
    if (status == STATUS_OK) {
        status = schema_bump_data_version(ctx, session, ret_error);
    }
    if (status == STATUS_OK) {
        status = schema_data_version(ctx, session, &after, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    snprintf(texts[0], sizeof(texts[0]), "%" PRId64, after);
    snprintf(texts[1], sizeof(texts[1]), "%" PRId64, before);
    const struct db_value values[] = {db_text(texts[0]), db_text(texts[1])};
    return db_exec(ctx, session, KEEP_SQL, values, 2, ret_error);
}
