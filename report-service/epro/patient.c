/* Which patient a request means: of those of this number, the one that the caller may see. */
#include <stdio.h>
#include <string.h>

#include "epro/internal.h"

static const char PATIENTS_SQL[] =
    "SELECT s.subject_id, si.site_no, st.protocol_no FROM subject s"
    " JOIN site si ON si.site_id = s.site_id JOIN study st ON st.study_id = si.study_id"
    " WHERE s.subject_no = $1 ORDER BY st.study_id, si.site_id, s.subject_id";

struct candidates {
    size_t n_seen;    /* that fit study and site */
    size_t n_allowed; /* of them */
    int64_t subject_id;
    bool is_one_study; /* of those that are allowed */
    char study[EPRO_TEXT_MAX];
    char places[ERROR_TEXT_MAX / 2]; /* "WLK-301 site 101, WLK-302 site 7" */
    size_t n_listed;
};

static void free_rows(struct db_rows **rows)
{
    db_rows_free(*rows);
}

static bool is_wanted(const char *wanted, const char *text)
{
    return wanted == NULL || strcmp(wanted, text) == 0;
}

static void list_place(struct candidates *candidates, const char *study, const char *site_no)
{
    size_t len = strlen(candidates->places);
    if (candidates->n_listed < EPRO_CANDIDATES_MAX) {
        snprintf(candidates->places + len, sizeof(candidates->places) - len, "%s%.40s site %.40s",
            candidates->n_listed == 0 ? "" : ", ", study, site_no);
        candidates->n_listed++;
    }
}

static void consider(
    struct candidates *candidates, const struct epro_request *request, const struct db_rows *rows)
{
    const char *site_no = db_column_text(rows, 1);
    const char *study = db_column_text(rows, 2);
    if (!is_wanted(request->study, study) || !is_wanted(request->site_no, site_no)) {
        return;
    }
    candidates->n_seen++;
    if (request->may != NULL && !request->may(request->may_arg, study, site_no)) {
        return;
    }
    if (candidates->n_allowed++ == 0) {
        snprintf(candidates->study, sizeof(candidates->study), "%s", study);
        candidates->subject_id = db_column_integer(rows, 0);
        candidates->is_one_study = true;
    }
    candidates->is_one_study = candidates->is_one_study && strcmp(candidates->study, study) == 0;
    list_place(candidates, study, site_no);
}

static enum status judge(const struct candidates *candidates, const struct epro_request *request,
    struct error *ret_error)
{
    if (candidates->n_seen == 0) {
        return error_set(ret_error, STATUS_NOT_FOUND, "no patient \"%.80s\"%s%.80s%s%.80s",
            request->subject_no, request->site_no == NULL ? "" : " at site ",
            request->site_no == NULL ? "" : request->site_no,
            request->study == NULL ? " in any study" : " in study ",
            request->study == NULL ? "" : request->study);
    }
    if (candidates->n_allowed == 0) {
        return error_set(ret_error, STATUS_PERMISSION_DENIED,
            "this patient's site is not within the caller's scope");
    }
    if (candidates->n_allowed > 1) {
        return error_set(ret_error, STATUS_FAILED_PRECONDITION,
            "%zu patients are called \"%.80s\" (%s): say which with %s", candidates->n_allowed,
            request->subject_no, candidates->places, candidates->is_one_study ? "site=" : "study=");
    }
    return STATUS_OK;
}

enum status epro_patient_find(const struct ctx *ctx, struct db_session *session,
    const struct epro_request *request, int64_t *ret_subject_id, struct error *ret_error)
{
    struct candidates candidates = {.n_seen = 0};
    struct db_value subject_no = db_text(request->subject_no);
    CLEANUP(free_rows) struct db_rows *rows = NULL;
    bool has_row = true;
    enum status status = db_query(ctx, session, PATIENTS_SQL, &subject_no, 1, &rows, ret_error);
    while (status == STATUS_OK && has_row) {
        status = db_next(ctx, rows, &has_row, ret_error);
        if (status == STATUS_OK && has_row) {
            consider(&candidates, request, rows);
        }
    }
    if (status == STATUS_OK) {
        status = judge(&candidates, request, ret_error);
    }
    if (status == STATUS_OK) {
        *ret_subject_id = candidates.subject_id;
    }
    return status;
}
