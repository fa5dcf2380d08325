/* Making the study-wide facts of one source: kept ones, another report's, or read from the rows.
 *
 *     status = study_read_edc(ctx, fetch);      facts->edc.study
 *     status = study_read_ctms(ctx, fetch);     facts->ctms.study
 *
 * Steps of fetch_edc and fetch_ctms. What they read is released with study_release. */
#ifndef WALKIE_AUDIT_SOURCES_STUDY_H
#define WALKIE_AUDIT_SOURCES_STUDY_H

#include "audit/sources/dates.h"
#include "audit/sources/fetch.h"

/* Of a row with a date or stamp `at`: the first day, of $2 … $10, by whose end it is there. A row
 * without one always was. */
#define STUDY_FIRST_DAY                                                                            \
    "CASE WHEN at IS NULL OR at <= $2 THEN 0 WHEN at <= $3 THEN 1 WHEN at <= $4 THEN 2"            \
    " WHEN at <= $5 THEN 3 WHEN at <= $6 THEN 4 WHEN at <= $7 THEN 5 WHEN at <= $8 THEN 6"         \
    " WHEN at <= $9 THEN 7 ELSE 8 END AS first_day"
_Static_assert(STUDY_DAYS == 9, "the statements have nine days");

/* While the study's rows are read: what they become, and what is needed on the way. */
struct study_run {
    struct study_facts *made;
    struct arena *scratch;
    struct list rows;
    const struct list_node *at;
    int64_t days[STUDY_DAYS];
    char dates[STUDY_DAYS][DATE_TEXT_MAX];
};

struct study_site_row {
    struct list_node node;
    struct study_site site;
};

struct study_deviations_row {
    struct list_node node;
    struct site_deviations site;
};

MUST_USE enum status study_read_edc(const struct ctx *ctx, struct fetch *fetch);
MUST_USE enum status study_read_ctms(const struct ctx *ctx, struct fetch *fetch);

/* Give back what a report holds of the study-wide facts. */
void study_release(struct audit_facts *facts);

/* The counting itself, into fetch->study. */
MUST_USE enum status fetch_edc_study(const struct ctx *ctx, struct fetch *fetch);
MUST_USE enum status fetch_ctms_study(const struct ctx *ctx, struct fetch *fetch);

#endif
