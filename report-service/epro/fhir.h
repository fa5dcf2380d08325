/* FHIR R4 QuestionnaireResponses from JSON: one, a Bundle of them, or an array.
 *
 *     status = epro_fhir_read(ctx, json, arena, &batch, &error);
 *     for (size_t i = 0; i < batch.n_responses; i++) { batch.responses[i].questionnaire … }
 *
 * What cannot be read of one response is its own fault (`fault`); only what spoils the whole is an
 * error. Nested items and groups come out flat. Not here: what the answers mean (coding.h). */
#ifndef WALKIE_EPRO_FHIR_H
#define WALKIE_EPRO_FHIR_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"
#include "ctx/ctx.h"
#include "epro/coding.h"
#include "epro/reason.h"

struct epro_fhir {
    enum epro_reason fault;    /* why it cannot be read; the rest is then what was read before */
    const char *fault_about;   /* {0} of it; NULL: it has none */
    const char *external_id;   /* "system|value" of its identifier, else its id; NULL: none */
    const char *questionnaire; /* as it stands; NULL: none */
    const char *status;        /* NULL: none */
    const char *subject;       /* reference or identifier, its last part; NULL: none */
    const char *authored;      /* NULL: none */
    size_t n_answers;
    struct epro_answer *answers;
};

struct epro_batch {
    size_t n_responses;
    struct epro_fhir *responses;
    size_t n_ignored; /* other resources in a bundle */
};

/* Texts come from `arena`. Limits: EPRO_JSON_…, EPRO_RESPONSES_MAX, EPRO_ANSWERS_MAX,
 * EPRO_TEXT_MAX (epro.h). The context is asked before and after parsing, which is not interrupted,
 * and every EPRO_POLL_RESPONSES responses. Threads: any. Errors: the context's, INVALID_ARGUMENT
 * (says what and, where there is one, above which limit), RESOURCE_EXHAUSTED. */
MUST_USE enum status epro_fhir_read(const struct ctx *ctx, struct bytes json, struct arena *arena,
    struct epro_batch *ret_batch, struct error *ret_error);

#endif
