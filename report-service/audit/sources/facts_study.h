/* What the indicators are made of: every site of a study, as of the report's day and of the ends of
 * the quarters before it, so that a trend has the values that reports of those days would have.
 *
 *     const struct site_counts *site = study_counts_of(study, STUDY_DAYS - 1, index);
 *     site->n_aes                                      of the report's day
 *
 * Made once, then immutable and counted: reports of all sites, at once and later, hold the same one
 * (study_cache.h). Not here: SQL (edc_study.c, ctms_study.c), arithmetic (kri/). */
#ifndef WALKIE_AUDIT_SOURCES_FACTS_STUDY_H
#define WALKIE_AUDIT_SOURCES_FACTS_STUDY_H

#include <stdint.h>

#include "base/arena.h"
#include "ctx/flight.h"

enum {
    STUDY_QUARTERS = 8,              /* ends of quarters before the report's day */
    STUDY_DAYS = STUDY_QUARTERS + 1, /* and the day itself, the last one */
};

/* The days of a report, ascending: they depend on its own alone, not on the data. */
void study_days(int64_t as_of_day, int64_t ret_days[STUDY_DAYS]);

/* What is shared: the head of both kinds below. */
struct study_facts {
    struct ctx_result result; /* freed with its last holder */
    struct arena *arena;
};

/* What one site has on one day. */
struct site_counts {
    int64_t n_screened;
    int64_t n_screen_failed;
    int64_t n_enrolled;
    int64_t n_discontinued;
    int64_t n_treated;
    int64_t n_treatment_discontinued;
    int64_t days_on_study;
    int64_t n_aes; /* of enrolled subjects */
    int64_t n_saes;
    int64_t n_labs;
    int64_t n_abnormal_labs;
    int64_t n_queries;
    int64_t n_outstanding_queries;
    int64_t n_dated_forms; /* entered, of a visit with a complete date */
    int64_t n_late_forms;
    int64_t n_items;
    int64_t n_changed_items;
};

struct study_site {
    int64_t id;
    const char *site_no;
};

/* The EDC's part. Sites ascend by id. */
struct study_counts {
    struct study_facts facts;
    size_t n_sites;
    struct study_site *sites;
    struct site_counts *counts; /* [day][site] */
    int64_t latest_stamp_at;    /* of the whole EDC, up to the report's day; 0: none */
};
struct site_counts *study_counts_of(const struct study_counts *study, size_t day, size_t site);

/* The index of a site; n_sites when there is none of this id. */
size_t study_counts_find(const struct study_counts *study, int64_t site_id);

/* The CTMS's part. Sites ascend by number, bytewise. */
struct site_deviations {
    const char *site_no;
    int64_t id;
    int64_t n_important[STUDY_DAYS];
    int64_t n_other[STUDY_DAYS];
};

struct study_deviations {
    struct study_facts facts;
    size_t n_sites;
    struct site_deviations *sites;
};

/* NULL when the CTMS does not have the site. */
const struct site_deviations *study_deviations_find(
    const struct study_deviations *study, const char *site_no);

/* An empty one with one reference; NULL when out of memory. `size` is the struct's around it. */
struct study_facts *study_facts_new(size_t size);

#endif
