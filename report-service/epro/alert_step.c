/* Step 4: answers and totals that somebody must look at. An alarming answer is told even when its
 * response is rejected for something else: who sent it sees it at once. */
#include <stdio.h>

#include "epro/internal.h"

static const char *const ITEM_TEXTS[EPRO_LANGUAGES] = {
    [EPRO_EN] = "{0}: thoughts of death or self-harm answered with {1}: a clinician must see this",
    [EPRO_ZH_CN] = "{0}：关于轻生或自伤念头的条目答案为 {1}：须由医生立即查看",
};

static const char *const TOTAL_TEXTS[EPRO_LANGUAGES] = {
    [EPRO_EN] = "{0}: the total of {1} is severe",
    [EPRO_ZH_CN] = "{0}：总分 {1}，属重度",
};

/* Whether the answers may be taken for this patient's new ones. */
static bool is_believable(const struct epro_response *response)
{
    for (size_t i = 0; i < response->result->n_issues; i++) {
        switch ((int)response->issues[i].kind) {
        case EPRO_ISSUE_MALFORMED:
        case EPRO_ISSUE_UNKNOWN_INSTRUMENT:
        case EPRO_ISSUE_WRONG_PATIENT:
        case EPRO_ISSUE_ENTERED_IN_ERROR:
            return false;
        default:
            break;
        }
    }
    return response->instrument != NULL;
}

static void raise_alert(
    struct epro_job *job, struct epro_response *response, const char *kind, int item, double value)
{
    char number[32];
    char link_id[16];
    struct epro_result *result = response->result;
    enum epro_language language = job->request->language;
    struct epro_alert *alert = arena_alloc(job->arena, sizeof(*alert));
    if (alert == NULL) {
        return;
    }
    snprintf(number, sizeof(number), "%.6g", value);
    snprintf(link_id, sizeof(link_id), "q%d", item);
    alert->kind = kind;
    alert->link_id = item == 0 ? NULL : arena_copy_text(job->arena, link_id);
    alert->value = value;
    alert->text = epro_fill(job->arena, item == 0 ? TOTAL_TEXTS[language] : ITEM_TEXTS[language],
        response->instrument->word, number);
    alert->next = (struct epro_alert *)result->alerts;
    result->alerts = alert;
    job->report.n_alerts += !response->is_rejected;
}

static void watch_response(struct epro_job *job, struct epro_response *response)
{
    const struct epro_instrument *instrument = response->instrument;
    const struct epro_result *result = response->result;
    if (!is_believable(response)) {
        return;
    }
    if (instrument->alert_total_from > 0 && result->has_score &&
        result->score >= instrument->alert_total_from) {
        raise_alert(job, response, EPRO_ALERT_OF_TOTAL, 0, result->score);
    }
    int item = instrument->alert_item;
    if (item > 0 && response->has_value[item - 1] && response->values[item - 1] > 0) {
        raise_alert(job, response, instrument->alert_item_kind, item, response->values[item - 1]);
    }
}

enum status epro_alert(const struct ctx *ctx, struct epro_job *job, struct error *ret_error)
{
    job->step = 4;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < job->n_responses && status == STATUS_OK; i++) {
        status = epro_poll(ctx, job, i, ret_error);
        if (status == STATUS_OK) {
            watch_response(job, &job->responses[i]);
        }
    }
    return status == STATUS_OK ? epro_poll(ctx, job, 0, ret_error) : status;
}
