/* The validation of case report forms: every active edit check over every entered form of a site or
 * of a whole study, in one snapshot; on request the problems become queries in the EDC.
 *
 *     struct crf_options options = {.scope = {.site_no = "101"}, .folder = "/tmp"};
 *     status = crf_validate(ctx, edc, &options, &run, &error);
 *     status = crf_write_json(run, ctx, LANGUAGE_EN, write, arg, &error);
 *     status = crf_commit(run, ctx, &error);
 *     crf_run_free(run);                         what was not committed has not happened
 *
 * Memory does not grow with the number of forms: subjects are read in batches, problems wait in a
 * file without a name. A context that is done is heard within milliseconds everywhere; a deadline
 * that cannot be met ends the run early, with words (ctx/budget.h). Not here: the language of the
 * checks (language/), RPC. */
#ifndef WALKIE_CRF_CRF_H
#define WALKIE_CRF_CRF_H

#include "audit/words/words.h"
#include "base/bytes.h"
#include "base/error.h"
#include "crf/study.h"
#include "db/db.h"

#define CRF_SCHEMA "walkie.crf-validation/1"

enum crf_phase { CRF_LOAD, CRF_CHECK, CRF_MATCH, CRF_RENDER, CRF_WRITE, CRF_PHASES };
const char *crf_phase_name(enum crf_phase phase); /* "check" */

/* An expression to be tried, instead of the study's own checks. */
struct crf_single {
    const char *form_oid; /* NULL: it belongs to no form */
    const char *expression;
};

struct crf_options {
    struct crf_scope scope;
    const struct crf_single *single; /* NULL: the study's edit checks */
    bool is_written;                 /* problems become queries */
    const char *folder;              /* where the problems wait */
};

struct crf_counts {
    uint64_t n_subjects;
    uint64_t n_forms;   /* that are entered */
    uint64_t n_missing; /* expected and not entered: not checked */
    uint64_t n_items;
    uint64_t n_checks; /* active ones that compiled */
    uint64_t n_broken; /* active ones that did not */
    uint64_t n_evaluated;
    uint64_t n_not_applicable;
    uint64_t n_too_costly;
    uint64_t n_problems;
    uint64_t n_opened; /* queries */
    uint64_t n_known;  /* problems that an open or answered query tells already */
};

struct crf_run;

/* Check; and when the problems are to be written, take the EDC's write lock and find out which of
 * them an open or answered query of the same form, item and check tells already. When somebody has
 * written since the forms were read they are read again, with the lock held. Nothing is changed
 * before crf_commit: whatever fails until then (the result's file, the caller's patience) leaves
 * the EDC as it was.
 *
 * Threads: any, several at once; one run by one thread.
 * Errors:  NOT_FOUND, FAILED_PRECONDITION (the site number is in several studies; the EDC is open
 *          for reading only), RESOURCE_EXHAUSTED (a limit; the time left is not enough),
 * UNAVAILABLE (the folder, the disk); the context's and the database's. */
MUST_USE enum status crf_validate(const struct ctx *ctx, struct db *edc,
    const struct crf_options *options, struct crf_run **ret_run, struct error *ret_error);

/* Open the queries that the result tells of: all of them in one transaction, or none. Nothing to do
 * is OK. Errors: the context's, the database's, UNAVAILABLE. */
MUST_USE enum status crf_commit(
    struct crf_run *run, const struct ctx *ctx, struct error *ret_error);

void crf_run_free(struct crf_run *run); /* before the database is closed; accepts NULL */

struct crf_counts crf_run_counts(const struct crf_run *run);
const struct crf_study *crf_run_study(const struct crf_run *run);
int64_t crf_run_data_version(const struct crf_run *run); /* after what was written */
uint64_t crf_run_phase_ns(const struct crf_run *run, enum crf_phase phase);

/* A problem as people tell it. Texts are borrowed while the function runs. */
struct crf_example {
    const char *site_no;
    const char *subject_no;
    const char *visit;
    const char *visit_on; /* "": no date */
    const char *form;
    int64_t form_repeat;
    const char *item;  /* NULL: no value of the form is to blame */
    const char *value; /* NULL: nothing was entered */
};

/* The first problems by site and subject, `n_max` at most. Errors: as crf_write_json. */
typedef void crf_example_fn(void *arg, const struct crf_example *example);
MUST_USE enum status crf_each_example(struct crf_run *run, const struct ctx *ctx, uint64_t n_max,
    crf_example_fn *on_example, void *arg, struct error *ret_error);

typedef enum status crf_write_fn(void *arg, struct bytes piece);

/* The result, in the phase "render": a function of the data and the language, byte by byte. The
 * schema of the JSON is proto/walkie/crf/v1/crf-validation-1.schema.json.
 * Errors: the context's, what `write` returned, UNAVAILABLE, RESOURCE_EXHAUSTED. */
MUST_USE enum status crf_write_json(struct crf_run *run, const struct ctx *ctx,
    enum language language, crf_write_fn *write, void *arg, struct error *ret_error);
MUST_USE enum status crf_write_csv(struct crf_run *run, const struct ctx *ctx,
    enum language language, crf_write_fn *write, void *arg, struct error *ret_error);

#endif
