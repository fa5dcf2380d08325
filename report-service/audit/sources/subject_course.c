#include "audit/sources/subject_course.h"

#include <string.h>

#include "audit/sources/dates.h"

static int64_t day_of(const struct db_rows *rows, int column)
{
    int64_t day;
    return date_first_day(db_column_text(rows, column), &day) ? day : INT64_MIN;
}

static bool is_word(const char *text, const char *word)
{
    return text != NULL && strcmp(text, word) == 0;
}

struct subject_course subject_course_of(const struct db_rows *rows, int first_column)
{
    /* As SUBJECT_COURSE_COLUMNS has them. */
    enum { STATUS, SCREENED, ENROLLED, DOSED, LAST_DOSE, LEFT, TREATMENT, LAST_SEEN };
    const char *status = db_column_text(rows, first_column + STATUS);
    const char *treatment = db_column_text(rows, first_column + TREATMENT);
    return (struct subject_course){
        .is_screening = is_word(status, "screening"),
        .is_screen_failed = is_word(status, "screen_failed"),
        .has_left = is_word(status, "discontinued"),
        .has_completed = is_word(status, "completed"),
        .has_treatment = treatment != NULL && !is_word(treatment, "not_started"),
        .has_left_treatment = is_word(treatment, "discontinued"),
        .is_counted = date_is_complete(db_column_text(rows, first_column + SCREENED)) &&
                      date_is_complete(db_column_text(rows, first_column + LAST_SEEN)),
        .screened_day = day_of(rows, first_column + SCREENED),
        .enrolled_day = day_of(rows, first_column + ENROLLED),
        .dosed_day = day_of(rows, first_column + DOSED),
        .last_dose_day = day_of(rows, first_column + LAST_DOSE),
        .left_day = day_of(rows, first_column + LEFT),
        .last_seen_day = day_of(rows, first_column + LAST_SEEN),
    };
}

bool subject_has_come(const struct subject_course *course, int64_t day)
{
    return course->screened_day <= day;
}

static int64_t days_on_study(const struct subject_course *course, int64_t day)
{
    int64_t last = course->last_seen_day < day ? course->last_seen_day : day;
    return course->is_counted && last >= course->screened_day ? last - course->screened_day + 1 : 0;
}

struct subject_state subject_state_on(const struct subject_course *course, int64_t day)
{
    struct subject_state state = {
        .is_screen_failed = course->is_screen_failed && course->left_day <= day,
        .is_enrolled =
            !course->is_screening && !course->is_screen_failed && course->enrolled_day <= day,
    };
    if (state.is_enrolled) {
        state.is_discontinued = course->has_left && course->left_day <= day;
        state.is_completed = course->has_completed && course->last_seen_day <= day;
        state.is_treated = course->has_treatment && course->dosed_day <= day;
        state.is_treatment_discontinued =
            state.is_treated && course->has_left_treatment && course->last_dose_day <= day;
        state.days_on_study = days_on_study(course, day);
    }
    return state;
}
