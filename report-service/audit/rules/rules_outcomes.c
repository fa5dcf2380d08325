#include "audit/rules/rules.h"

static const double COMPLIANCE_MINOR = 0.80;
static const double COMPLIANCE_MAJOR = 0.60;
enum { EPRO_DUE_MIN = 10 }; /* of fewer questionnaires a share says little */

void rule_epro_compliance(const struct rule_run *run, struct verdict *verdict)
{
    int64_t n_missed = 0;
    int64_t n_due = 0;
    LIST_EACH(struct epro_response, response, &run->facts->edc.epro_responses) {
        n_due += response->state != EPRO_PENDING;
        if (response->state == EPRO_MISSED) {
            response->marks |= run->mark;
            n_missed++;
        }
    }
    double compliance = n_due == 0 ? 1 : (double)(n_due - n_missed) / (double)n_due;
    if (n_due >= EPRO_DUE_MIN && compliance < COMPLIANCE_MINOR) {
        verdict_fire_as(verdict, compliance < COMPLIANCE_MAJOR, n_missed);
        verdict_argue(verdict, cell_integer(n_missed));
        verdict_argue(verdict, cell_integer(n_due));
        verdict_argue(verdict, cell_percent(compliance, 1));
        verdict_argue(verdict, cell_percent(COMPLIANCE_MINOR, 0));
    }
}

void rule_epro_shared_device(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    LIST_EACH(struct epro_response, response, &run->facts->edc.epro_responses) {
        if (response->is_shared_device) {
            response->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(EPRO_SHARED_SUBJECTS));
        verdict_argue(verdict, cell_integer(EPRO_TOGETHER_MINUTES));
    }
}

void rule_epro_filled_in_later(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    LIST_EACH(struct epro_response, response, &run->facts->edc.epro_responses) {
        if (response->is_filled_in_later) {
            response->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(EPRO_TOGETHER_MINUTES));
    }
}

void rule_image_failed(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    LIST_EACH(struct image_series, series, &run->facts->edc.image_series) {
        if (series->state == IMAGE_FAILED && !series->is_repeated) {
            series->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer((int64_t)run->facts->edc.image_series.count));
    }
}

void rule_image_pending(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    LIST_EACH(struct image_series, series, &run->facts->edc.image_series) {
        if (series->state == IMAGE_PENDING && series->age_days > IMAGE_PENDING_DAYS) {
            series->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(IMAGE_PENDING_DAYS));
    }
}
