/* A subject's way through the study, and where on it the subject was on a day: what came later has
 * not happened yet. One rule for the site's own subjects and for the counts of all sites.
 *
 *     struct subject_course course = subject_course_of(rows, 3);
 *     if (subject_has_come(&course, day)) { state = subject_state_on(&course, day); }
 *
 * Not here: SQL, events of the subject. */
#ifndef WALKIE_AUDIT_SOURCES_SUBJECT_COURSE_H
#define WALKIE_AUDIT_SOURCES_SUBJECT_COURSE_H

#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"

/* The columns that subject_course_of reads, in this order. */
#define SUBJECT_COURSE_COLUMNS                                                                     \
    "s.status, s.screened_on, s.enrolled_on, s.first_dose_on, s.last_dose_on, s.discont_on,"       \
    " s.treatment_status, s.last_seen_on"

/* Days since 1970-01-01. An unknown day has always come: the status says that it has. */
struct subject_course {
    bool is_screening;
    bool is_screen_failed;
    bool has_left;
    bool has_completed;
    bool has_treatment; /* started */
    bool has_left_treatment;
    bool is_counted; /* both ends of the time on study are complete dates */
    int64_t screened_day;
    int64_t enrolled_day;
    int64_t dosed_day;
    int64_t last_dose_day;
    int64_t left_day;
    int64_t last_seen_day;
};

struct subject_state {
    bool is_screen_failed;
    bool is_enrolled;
    bool is_completed;
    bool is_discontinued;
    bool is_treated;
    bool is_treatment_discontinued;
    int64_t days_on_study; /* 0: not enrolled or unknown */
};

struct subject_course subject_course_of(const struct db_rows *rows, int first_column);

/* Whether the subject was known to the site by the end of the day. */
bool subject_has_come(const struct subject_course *course, int64_t day);

/* At the end of the day. */
struct subject_state subject_state_on(const struct subject_course *course, int64_t day);

#endif
