/* Trying edit checks: which of a study's compile, what an expression means in the study, what it
 * comes to with given values; over its forms with crf_validate and `options.single`.
 *
 *     status = crf_trial_new(ctx, edc, &scope, &trial, &error);
 *     status = crf_trial_compile(trial, NULL, "SYSBP between 80 and 200", &check_error);
 *     given = crf_trial_given(trial);                    language/check_given.h
 *     crf_trial_free(trial);
 *
 * Not here: printing. One trial by one thread. */
#ifndef WALKIE_CRF_TRIAL_H
#define WALKIE_CRF_TRIAL_H

#include "crf/crf.h"
#include "crf/language/check_given.h"

struct crf_trial;

/* Read the study's definitions. Without a study and a site in the scope the database must have one
 * study only. Errors: NOT_FOUND, FAILED_PRECONDITION (several studies; names them; another schema),
 * RESOURCE_EXHAUSTED; the context's and the database's. */
MUST_USE enum status crf_trial_new(const struct ctx *ctx, struct db *edc,
    const struct crf_scope *scope, struct crf_trial **ret_trial, struct error *ret_error);
void crf_trial_free(struct crf_trial *trial); /* accepts NULL */

/* The study's protocol number. Borrowed. */
const char *crf_trial_study(const struct crf_trial *trial);

/* Compile as a check of the form. `form_oid` NULL: of the only form in which it compiles, or of no
 * form when all items name theirs.
 * Errors: NOT_FOUND (no such form: the words are in ret_error->text, column 0), INVALID_ARGUMENT
 * (does not compile; in several forms), those of check_compile. */
MUST_USE enum status crf_trial_compile(struct crf_trial *trial, const char *form_oid,
    const char *expression, struct check_error *ret_error);

/* Of what was compiled. The form's OID is NULL for a check of no form. */
const struct check_schema *crf_trial_schema(const struct crf_trial *trial);
const struct check_program *crf_trial_program(const struct crf_trial *trial);
const char *crf_trial_form(const struct crf_trial *trial);

/* No value given yet. NULL: out of memory. */
MUST_USE struct check_given *crf_trial_given(struct crf_trial *trial);

/* A check of the study. */
struct crf_trial_check {
    const char *code;
    const char *form_oid; /* NULL: of no form */
    const char *severity;
    const char *expression;
    const struct check_error *error; /* NULL: it compiles */
};
typedef void crf_trial_check_fn(void *arg, const struct crf_trial_check *check);

/* All active checks, by code. Errors: RESOURCE_EXHAUSTED, the context's and the database's. */
MUST_USE enum status crf_trial_each_check(const struct ctx *ctx, struct db *edc,
    struct crf_trial *trial, crf_trial_check_fn *on_check, void *arg, struct error *ret_error);

#endif
