/* The raw rows, one struct a row, as kri_oracle_rows.c reads them and kri_oracle.c counts them. */
#ifndef WALKIE_TESTS_KRI_ORACLE_ROWS_H
#define WALKIE_TESTS_KRI_ORACLE_ROWS_H

#include "support/kri_oracle.h"

#define ORACLE_UNKNOWN_DAY INT64_MIN /* sorts before every day */

struct oracle_date {
    int64_t day; /* the first that it may be */
    bool is_whole;
};

struct oracle_subject {
    int64_t id, site_id;
    char status[16], treatment[16];
    struct oracle_date screened, enrolled, dosed, last_dose, left, last_seen;
};
struct oracle_form {
    int64_t id, subject_id, first_entry_at; /* 0: not entered */
    struct oracle_date visit;
};
struct oracle_item {
    int64_t form_id, n_changes;
};
struct oracle_query {
    int64_t form_id, opened_at, closed_at; /* 0: no stamp */
    bool is_closed;
};
struct oracle_event {
    int64_t subject_id, entered_at; /* 0: no stamp */
    bool is_serious;
};
struct oracle_lab {
    int64_t subject_id, grade;
    struct oracle_date on;
};
struct oracle_deviation {
    char site_no[40];
    bool is_important;
    struct oracle_date known;
};

/* An array that grows. */
struct oracle_array {
    void *data;
    size_t count;
    size_t capacity;
};

struct oracle_rows {
    struct oracle_array sites; /* struct oracle_site, without values */
    int64_t *site_ids;
    struct oracle_array ctms_sites; /* struct oracle_site */
    struct oracle_array subjects, forms, items, queries, events, labs, deviations;
    struct oracle_array absent; /* char[64]: "edc adverse_event.serious" */
};

struct oracle_date oracle_date_of(const char *text);

#endif
