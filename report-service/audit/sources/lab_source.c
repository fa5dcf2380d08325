#include "audit/sources/lab_source.h"

#include "audit/lab/lab.h"
#include "obs/span.h"

enum status fetch_lab(const struct ctx *ctx, void *arg)
{
    const struct lab_source *source = arg;
    struct lab_facts *lab = &source->facts->lab;
    const struct lab_question question = {.study = source->facts->protocol_no,
        .site_no = source->facts->site_no,
        .as_of = source->facts->as_of};
    struct lab_answer answer;
    lab->timeout_ms = (int64_t)(lab_timeout_ns(source->lab) / CLOCK_MS(1));
    struct span span;
    span_begin(ctx, "fetch:lab", &span);
    enum status status = lab_fetch(span.ctx, source->lab, &question, lab->base.arena, &answer);
    uint64_t n_rows = status == STATUS_OK ? answer.results.count : 0;
    span_end(&span, status, &(struct span_facts){.numbers = {{SPAN_ROWS, n_rows}}});
    if (status != STATUS_OK) {
        return status;
    }
    lab->outcome = answer.outcome;
    lab->status_code = answer.status_code;
    lab->values = answer.results;
    lab->base.has_site = answer.outcome == LAB_ANSWERED;
    lab->base.latest_stamp_at = answer.snapshot_at;
    lab->base.n_rows = answer.results.count;
    return STATUS_OK;
}

static const char LABS_SQL[] =
    "SELECT l.subject_id, l.test, l.on_date, l.value, l.unit, l.flag FROM lab_result l"
    " JOIN subject s ON s.subject_id = l.subject_id WHERE s.site_id = $1"
    " ORDER BY l.subject_id, l.lab_id";

static enum status on_lab(struct fetch *fetch, const struct db_rows *rows)
{
    struct list *values = &fetch->facts->edc.lab_values;
    const struct lab_value *before = (const struct lab_value *)values->last;
    const struct subject *subject =
        fetch_subject(fetch, before == NULL ? NULL : before->subject, db_column_integer(rows, 0));
    if (subject == NULL || !fetch_has_come(fetch, db_column_text(rows, 2), true)) {
        return STATUS_OK;
    }
    struct lab_value *value = fetch_new(fetch, sizeof(*value));
    if (value == NULL) {
        return fetch_out_of_memory(fetch);
    }
    value->subject = subject;
    value->subject_no = subject->subject_no;
    value->test = fetch_text(fetch, rows, 1);
    value->collected_on = fetch_date(fetch, rows, 2);
    value->has_value = !db_column_is_null(rows, 3);
    value->value = value->has_value ? db_column_real(rows, 3) : 0;
    value->unit = fetch_text(fetch, rows, 4);
    value->flag = fetch_text(fetch, rows, 5);
    list_add(values, &value->node);
    return value->test == NULL ? fetch_out_of_memory(fetch) : STATUS_OK;
}

enum status fetch_edc_labs(const struct ctx *ctx, struct fetch *fetch)
{
    if (!fetch->facts->lab.is_asked) {
        return STATUS_OK;
    }
    struct db_value site_id = db_integer(fetch->base->site_id);
    return fetch_rows(ctx, fetch, LABS_SQL, &site_id, 1, on_lab);
}
