/* Step 3: totals. */
#include <math.h>
#include <stdio.h>

#include "epro/internal.h"

static const double TOTALS_DIFFER_BY = 0.005; /* half of the last place that anybody writes */

static void compare_totals(struct epro_job *job, struct epro_response *response)
{
    const struct epro_result *result = response->result;
    char said[32];
    char computed[32];
    if (job->is_from_database) {
        response->has_said_total = response->slot.stored->has_score;
        response->said_total = response->slot.stored->score;
    }
    if (!response->has_said_total || !result->has_score ||
        fabs(response->said_total - result->score) < TOTALS_DIFFER_BY) {
        return;
    }
    snprintf(said, sizeof(said), "%.6g", response->said_total);
    snprintf(computed, sizeof(computed), "%.6g", result->score);
    epro_note(job, response, EPRO_ISSUE_TOTAL_DIFFERS, NULL, said, computed);
}

static void score_response(struct epro_job *job, struct epro_response *response)
{
    struct epro_result *result = response->result;
    struct epro_score score;
    epro_score_items(response->instrument, response->values, response->has_value, &score);
    result->has_score = score.has_score;
    result->score = score.total;
    result->severity = score.severity;
    result->is_prorated = score.is_prorated;
    if (response->instrument->has_profile) {
        char profile[EPRO_PROFILE_MAX];
        epro_score_profile(response->instrument, response->values, response->has_value, profile);
        result->profile = arena_copy_text(job->arena, profile);
    }
    compare_totals(job, response);
}

enum status epro_score(const struct ctx *ctx, struct epro_job *job, struct error *ret_error)
{
    job->step = 3;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < job->n_responses && status == STATUS_OK; i++) {
        status = epro_poll(ctx, job, i, ret_error);
        if (status == STATUS_OK && !job->responses[i].is_rejected) {
            score_response(job, &job->responses[i]);
        }
    }
    return status == STATUS_OK ? epro_poll(ctx, job, 0, ret_error) : status;
}
