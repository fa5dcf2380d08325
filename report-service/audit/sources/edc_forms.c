/* The site's forms and queries, and the definitions that name them. */
#include "audit/sources/dates.h"
#include "audit/sources/fetch.h"

static const char FORM_DEFINITIONS_SQL[] =
    "SELECT form_def_id, oid, name, critical FROM form_def WHERE study_id = $1"
    " ORDER BY form_def_id";

static const char EVENT_DEFINITIONS_SQL[] =
    "SELECT event_def_id, coalesce(name, oid) FROM event_def WHERE study_id = $1"
    " ORDER BY event_def_id";

/* Not in order: sorting thousands of wide rows costs PostgreSQL twice the reading of them. */
static const char FORMS_SQL[] =
    "SELECT e.subject_id, e.event_def_id, f.form_def_id, e.visit_on, f.status, f.first_entry_at,"
    " f.sdv_status, f.sdv_at, f.pi_signed_at, f.locked_at, e.status, e.event_id, f.form_id"
    " FROM subject s JOIN subject_event e ON e.subject_id = s.subject_id"
    " JOIN form f ON f.event_id = e.event_id"
    " WHERE s.site_id = $1 AND (f.first_entry_at IS NULL OR f.first_entry_at <= $2)";

static const char ITEMS_SQL[] =
    "SELECT f.form_def_id, count(*), sum(CASE WHEN d.n_changes > 0 THEN 1 ELSE 0 END)"
    " FROM subject s JOIN subject_event e ON e.subject_id = s.subject_id"
    " JOIN form f ON f.event_id = e.event_id JOIN item_data d ON d.form_id = f.form_id"
    " WHERE s.site_id = $1 AND f.first_entry_at <= $2"
    " GROUP BY f.form_def_id ORDER BY f.form_def_id";

/* The same, of the summary by day ($2 is the day) where that is of this very data. */
static const char ITEMS_SUMMARY_SQL[] =
    "SELECT form_def_id, sum(n_items), sum(n_changed_items) FROM site_item_total"
    " WHERE site_id = $1 AND day <= $2 GROUP BY form_def_id ORDER BY form_def_id";

static const char QUERIES_SQL[] =
    "SELECT e.subject_id, e.event_def_id, f.form_def_id, q.origin, q.text, q.opened_at,"
    " q.answered_at, q.closed_at, q.status"
    " FROM subject s JOIN subject_event e ON e.subject_id = s.subject_id"
    " JOIN form f ON f.event_id = e.event_id JOIN query q ON q.form_id = f.form_id"
    " WHERE s.site_id = $1 AND q.opened_at <= $2"
    " ORDER BY s.subject_id, q.opened_at, q.query_id";

static enum status on_form_definition(struct fetch *fetch, const struct db_rows *rows)
{
    struct form_definition *definition = fetch_new(fetch, sizeof(*definition));
    if (definition == NULL) {
        return fetch_out_of_memory(fetch);
    }
    definition->id = db_column_integer(rows, 0);
    definition->oid = fetch_text(fetch, rows, 1);
    definition->name = fetch_text(fetch, rows, db_column_is_null(rows, 2) ? 1 : 2);
    definition->is_critical = db_column_integer(rows, 3) != 0;
    list_add(&fetch->facts->edc.form_definitions, &definition->node);
    return STATUS_OK;
}

static enum status on_event_definition(struct fetch *fetch, const struct db_rows *rows)
{
    struct event_definition *definition = fetch_new(fetch, sizeof(*definition));
    if (definition == NULL) {
        return fetch_out_of_memory(fetch);
    }
    definition->id = db_column_integer(rows, 0);
    definition->name = fetch_text(fetch, rows, 1);
    list_add(&fetch->facts->edc.event_definitions, &definition->node);
    return STATUS_OK;
}

/* A study has some dozen definitions: walking the list is quicker than an index would be. */
struct form_definition *fetch_form_definition(const struct fetch *fetch, int64_t id)
{
    LIST_EACH(struct form_definition, definition, &fetch->facts->edc.form_definitions) {
        if (definition->id == id) {
            return definition;
        }
    }
    return NULL;
}

const struct event_definition *fetch_event_definition(const struct fetch *fetch, int64_t id)
{
    LIST_EACH(const struct event_definition, definition, &fetch->facts->edc.event_definitions) {
        if (definition->id == id) {
            return definition;
        }
    }
    return NULL;
}

/* A page that nobody has entered is missing once entering it would be late. */
static bool is_expected(const struct fetch *fetch, const struct db_rows *rows)
{
    int64_t visit_day;
    if (!fetch_is_word(rows, 4, "missing") || fetch_is_word(rows, 10, "planned") ||
        fetch_is_word(rows, 10, "missed")) {
        return false;
    }
    return !date_first_day(db_column_text(rows, 3), &visit_day) ||
           fetch->facts->as_of_day - visit_day > LATE_ENTRY_DAYS;
}

static void set_lag(struct form *form)
{
    int64_t visit_day;
    if (form->first_entry_at != 0 && date_is_complete(form->visit_on) &&
        date_first_day(form->visit_on, &visit_day)) {
        form->lag_days = date_day_of_ms(form->first_entry_at) - visit_day;
        form->has_lag = true;
    }
}

static void count_form(struct form *form)
{
    if (form->definition != NULL && form->first_entry_at != 0) {
        form->definition->n_forms++;
        form->definition->n_verified += form->verification == VERIFICATION_DONE;
        form->definition->n_partly_verified += form->verification == VERIFICATION_PARTLY;
    }
}

static enum status on_form(struct fetch *fetch, const struct db_rows *rows)
{
    struct edc_facts *edc = &fetch->facts->edc;
    const struct form *last = (const struct form *)edc->forms.last;
    const struct subject *subject =
        fetch_subject(fetch, last == NULL ? NULL : last->subject, db_column_integer(rows, 0));
    int64_t first_entry_at = db_column_integer(rows, 5);
    if (subject == NULL || (first_entry_at == 0 && !is_expected(fetch, rows))) {
        return STATUS_OK;
    }
    struct form *form = fetch_new(fetch, sizeof(*form));
    if (form == NULL) {
        return fetch_out_of_memory(fetch);
    }
    form->subject = subject;
    form->event = fetch_event_definition(fetch, db_column_integer(rows, 1));
    form->definition = fetch_form_definition(fetch, db_column_integer(rows, 2));
    form->visit_on = fetch_date(fetch, rows, 3);
    form->first_entry_at = first_entry_at;
    bool is_sdv_later = db_column_integer(rows, 7) > fetch->facts->as_of_end_ms;
    form->verification = is_sdv_later ? VERIFICATION_NONE : (int)db_column_integer(rows, 6);
    form->is_signed = fetch_stamp(fetch, rows, 8) != 0;
    form->is_locked = fetch_stamp(fetch, rows, 9) != 0;
    form->event_id = db_column_integer(rows, 11);
    form->id = db_column_integer(rows, 12);
    set_lag(form);
    count_form(form);
    list_add(&edc->forms, &form->node);
    return STATUS_OK;
}

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* Subject by subject, visit by visit, as they were made. */
static int order_forms(const struct list_node *a, const struct list_node *b)
{
    const struct form *left = (const struct form *)a;
    const struct form *right = (const struct form *)b;
    int by_subject = compare(left->subject->id, right->subject->id);
    int by_event = by_subject != 0 ? by_subject : compare(left->event_id, right->event_id);
    return by_event != 0 ? by_event : compare(left->id, right->id);
}

static enum status on_items(struct fetch *fetch, const struct db_rows *rows)
{
    struct form_definition *definition = fetch_form_definition(fetch, db_column_integer(rows, 0));
    if (definition != NULL) {
        definition->n_items = db_column_integer(rows, 1);
        definition->n_changed_items = db_column_integer(rows, 2);
    }
    return STATUS_OK;
}

static enum status on_query(struct fetch *fetch, const struct db_rows *rows)
{
    struct edc_facts *edc = &fetch->facts->edc;
    const struct query *last = (const struct query *)edc->queries.last;
    const struct subject *subject =
        fetch_subject(fetch, last == NULL ? NULL : last->subject, db_column_integer(rows, 0));
    if (subject == NULL) {
        return STATUS_OK;
    }
    struct query *query = fetch_new(fetch, sizeof(*query));
    if (query == NULL) {
        return fetch_out_of_memory(fetch);
    }
    query->subject = subject;
    query->event = fetch_event_definition(fetch, db_column_integer(rows, 1));
    query->definition = fetch_form_definition(fetch, db_column_integer(rows, 2));
    query->opened_at = db_column_integer(rows, 5);
    query->is_answered = fetch_stamp(fetch, rows, 6) != 0;
    query->is_closed = db_column_is_null(rows, 7) ? fetch_is_word(rows, 8, "closed")
                                                  : fetch_stamp(fetch, rows, 7) != 0;
    query->age_days = fetch->facts->as_of_day - date_day_of_ms(query->opened_at);
    if (!query->is_closed) {
        query->origin = fetch_text(fetch, rows, 3);
        query->text = fetch_text(fetch, rows, 4);
    }
    list_add(&edc->queries, &query->node);
    return STATUS_OK;
}

enum status fetch_edc_definitions(const struct ctx *ctx, struct fetch *fetch)
{
    struct db_value study_id = db_integer(fetch->base->study_id);
    enum status status =
        fetch_rows(ctx, fetch, FORM_DEFINITIONS_SQL, &study_id, 1, on_form_definition);
    return status == STATUS_OK
               ? fetch_rows(ctx, fetch, EVENT_DEFINITIONS_SQL, &study_id, 1, on_event_definition)
               : status;
}

enum status fetch_edc_forms(const struct ctx *ctx, struct fetch *fetch)
{
    struct db_value site[] = {
        db_integer(fetch->base->site_id), db_integer(fetch->facts->as_of_end_ms)};
    bool is_quality_wanted = facts_wants(fetch->facts, 10);
    enum status status = fetch_rows(ctx, fetch, FORMS_SQL, site, 2, on_form);
    list_sort(&fetch->facts->edc.forms, order_forms);
    if (status == STATUS_OK && is_quality_wanted) {
        struct db_value days[] = {site[0], db_integer(fetch->facts->as_of_day)};
        status = fetch_has_summary(fetch)
                     ? fetch_rows(ctx, fetch, ITEMS_SUMMARY_SQL, days, 2, on_items)
                     : fetch_rows(ctx, fetch, ITEMS_SQL, site, 2, on_items);
    }
    if (status == STATUS_OK && is_quality_wanted) {
        status = fetch_rows(ctx, fetch, QUERIES_SQL, site, 2, on_query);
    }
    return status;
}
