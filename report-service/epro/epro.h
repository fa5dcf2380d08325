/* What patients report: questionnaire responses of one patient are read, checked, scored, watched
 * for alarming answers, and stored, in five steps that a caller may pause between.
 *
 *     struct epro_job *job = epro_job_new(edc, &request);             NULL: out of memory
 *     status = epro_load(ctx, job, &error);                           then _validate, _score,
 * _alert status = epro_store(ctx, job, &error);                          the only one that writes
 *     const struct epro_report *report = epro_job_report(job);
 *     epro_job_free(job);
 *
 * The responses are those of a request (FHIR R4 QuestionnaireResponses as JSON) or those that the
 * database holds of the patient already. A response with a fault of its own is rejected by itself;
 * the others are stored, all in one transaction. A step that is stopped or fails leaves the
 * database as it was, whichever it is. No session is held between steps.
 *
 * Rules of the instruments, kinds of issues and what is stored: README.md beside this file.
 * Not here: HTTP, RPC, who may do it (the request's `may` is asked), waiting, logging. */
#ifndef WALKIE_EPRO_EPRO_H
#define WALKIE_EPRO_EPRO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "ctx/ctx.h"
#include "db/db.h"
#include "epro/issue.h"

enum {
    EPRO_JSON_LEN_MAX = 4 << 20,     /* bytes of a submission */
    EPRO_JSON_DEPTH_MAX = 64,        /* brackets within brackets */
    EPRO_JSON_VALUES_MAX = 400000,   /* values of a submission, all together */
    EPRO_RESPONSES_MAX = 2000,       /* responses of a submission */
    EPRO_PROCESSED_MAX = 10000,      /* responses of a patient, when processed */
    EPRO_ANSWERS_MAX = 256,          /* answers of one response */
    EPRO_TEXT_MAX = 256,             /* bytes of an identifier, a link id, a name, with the NUL */
    EPRO_CANDIDATES_MAX = 16,        /* patients of one number that are told apart in a message */
    EPRO_JOB_MEMORY_MAX = 256 << 20, /* bytes of one job */
    EPRO_POLL_RESPONSES = 16,        /* a checkpoint every so many responses */
};

/* --- the request ---------------------------------------------------------------------------- */

/* Whether the caller may see and change this site's patients; of several patients with the same
 * number only those count. */
typedef bool epro_may_fn(void *arg, const char *study, const char *site_no);

/* Called beside every checkpoint, with responses done and in all: for a deadline budget. Anything
 * but OK stops the step with that status; the words are then what `ret_error` holds. */
typedef enum status epro_poll_fn(
    const struct ctx *ctx, void *arg, uint64_t done, uint64_t total, struct error *ret_error);

/* All is borrowed until the job is freed, except the bytes: until epro_load returns. */
struct epro_request {
    const char *subject_no;
    const char *study;           /* protocol number; NULL: the only study that has the patient */
    const char *site_no;         /* NULL: the only site that has the patient */
    const char *principal;       /* who asks, for the audit trail; NULL: "anonymous" */
    struct bytes fhir;           /* len 0: process what the database holds */
    enum epro_language language; /* of the issues' and alerts' texts */
    int64_t now_ms;              /* epoch ms; 0: the wall clock, read by epro_load */
    epro_may_fn *may;            /* NULL: everybody may */
    void *may_arg;
    epro_poll_fn *poll; /* NULL: none */
    void *poll_arg;
};

/* --- the report ----------------------------------------------------------------------------- */

struct epro_patient {
    int64_t subject_id;
    int64_t study_id;
    const char *study; /* protocol number */
    const char *site_no;
    const char *subject_no;
};

enum epro_outcome {
    EPRO_STORED,    /* written by this job: new, amended, or scored for the first time */
    EPRO_UNCHANGED, /* the database holds exactly this already; nothing was written */
    EPRO_REJECTED,  /* see the issue that rejects it; nothing was written */
};

/* "stored", "unchanged", "rejected". Static storage. */
const char *epro_outcome_word(enum epro_outcome outcome);

struct epro_alert {
    struct epro_alert *next;
    const char *kind;    /* "suicidal_ideation", "severe_score" */
    const char *link_id; /* NULL: of the total */
    double value;        /* the answer or the score that raised it */
    const char *text;    /* in the request's language */
};

/* One response, in the order of the submission (or of the database's keys). */
struct epro_result {
    size_t index;              /* from 0, in the submission */
    const char *external_id;   /* identifier, else id; NULL: it has none */
    const char *instrument;    /* "PHQ-9"; of an unknown one what it calls itself, NULL: nothing */
    enum epro_outcome outcome; /* valid after epro_store */
    int64_t response_id;       /* epro_response.resp_id; 0: not in the database */
    const char *due_on;        /* YYYY-MM-DD; NULL: nothing was due */
    int64_t submitted_at;      /* epoch ms */
    bool is_late;
    bool has_score;
    double score;
    const char *severity; /* the band's word, "moderately_severe"; NULL: no bands, or no score */
    const char *profile;  /* EQ-5D-5L's health state, "11213", a missing level is 9; else NULL */
    bool has_vas;
    double vas;       /* EQ-5D-5L, 0 to 100 */
    int n_missing;    /* items without an answer */
    bool is_prorated; /* the score was extrapolated over them */
    size_t n_issues;
    const struct epro_issue *issues; /* in the order of their finding */
    const struct epro_alert *alerts; /* of a rejected response: told here, not stored */
};

struct epro_report {
    const struct epro_patient *patient; /* NULL before epro_load */
    size_t n_results;
    const struct epro_result *results;
    size_t n_ignored;     /* entries of a bundle that are no questionnaire responses */
    size_t n_outstanding; /* in the database: due or missed, without a response */
    size_t n_stored, n_unchanged, n_rejected; /* after epro_store */
    size_t n_alerts;                          /* of responses that are not rejected */
    size_t n_alerts_new;                      /* written by this job */
    size_t n_alerts_closed;                   /* ended by this job: superseded, or cause gone */
    int64_t data_version; /* after epro_store: the database's; it grew only when n_stored > 0 */
};

/* --- the job -------------------------------------------------------------------------------- */

struct epro_job; /* one thread at a time */

/* `db` is the EDC, and `request`'s contents are borrowed until epro_job_free. */
MUST_USE struct epro_job *epro_job_new(struct db *db, const struct epro_request *request);
void epro_job_free(struct epro_job *job); /* accepts NULL; at any step */

/* The steps by number, 1 to 5, for messages: "load", "validate", "score", "alert", "store". */
enum { EPRO_STEPS = 5 };
const char *epro_step_name(int step); /* static storage; "" for another number */

/* The steps. Each returns the context's status within a checkpoint of its end; a step that failed
 * ends the job: only epro_job_free may follow. Call them in this order, each once. */

/* 1: find the patient, read the submission, and what is stored of the patient, in one snapshot.
 * Errors: NOT_FOUND (no such patient), PERMISSION_DENIED (`may` says no), FAILED_PRECONDITION
 * (several patients have this number: HTTP 409, says what to add), INVALID_ARGUMENT (the bytes are
 * no FHIR, or above a limit: says where), RESOURCE_EXHAUSTED, the database's. */
MUST_USE enum status epro_load(
    const struct ctx *ctx, struct epro_job *job, struct error *ret_error);

/* 2: completeness, ranges, duplicates, windows, and all that README.md lists. A fault is an issue
 * of its response, never a failure. Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status epro_validate(
    const struct ctx *ctx, struct epro_job *job, struct error *ret_error);

/* 3: totals by the instruments' published rules. Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status epro_score(
    const struct ctx *ctx, struct epro_job *job, struct error *ret_error);

/* 4: answers and totals that somebody must look at. Errors: RESOURCE_EXHAUSTED. */
MUST_USE enum status epro_alert(
    const struct ctx *ctx, struct epro_job *job, struct error *ret_error);

/* 5: look whether what was loaded is still so, then write everything in one transaction with its
 * audit trail. Nothing to write: no transaction. Errors: ABORTED (somebody changed the patient's
 * data meanwhile: nothing was written, try again), FAILED_PRECONDITION (the database cannot be
 * written, with what to do), RESOURCE_EXHAUSTED (also: the disk is full), the database's. */
MUST_USE enum status epro_store(
    const struct ctx *ctx, struct epro_job *job, struct error *ret_error);

/* What there is so far; valid until epro_job_free. */
const struct epro_report *epro_job_report(const struct epro_job *job);

#endif
