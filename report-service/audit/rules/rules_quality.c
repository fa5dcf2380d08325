#include "audit/rules/rules.h"
#include "audit/sources/dates.h"

static const double LATE_SHARE_MINOR = 0.10;
static const double LATE_SHARE_MAJOR = 0.25;
static const double OUTSTANDING_SHARE_MAJOR = 0.20;
static const double CHANGE_SHARE_MINOR = 0.10;
static const double VERIFIED_SHARE_MAJOR = 0.50;
static const double MISSING_SHARE_MAJOR = 0.05; /* of the expected pages, when critical ones lack */
enum { OUTSTANDING_MAJOR_MIN = 10, CHANGE_ITEMS_MIN = 100 };

void rule_late_entry(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    int64_t n_dated = 0;
    LIST_EACH(struct form, form, &run->facts->edc.forms) {
        n_dated += form->has_lag;
        if (form->has_lag && form->lag_days > LATE_ENTRY_DAYS) {
            form->marks |= run->mark;
            count++;
        }
    }
    double share = n_dated == 0 ? 0 : (double)count / (double)n_dated;
    if (share > LATE_SHARE_MINOR) {
        verdict_fire_as(verdict, share > LATE_SHARE_MAJOR, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(n_dated));
        verdict_argue(verdict, cell_percent(share, 1));
        verdict_argue(verdict, cell_integer(LATE_ENTRY_DAYS));
    }
}

void rule_outstanding_queries(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    int64_t n_queries = (int64_t)run->facts->edc.queries.count;
    LIST_EACH(struct query, query, &run->facts->edc.queries) {
        if (!query->is_closed && query->age_days > OUTSTANDING_QUERY_DAYS) {
            query->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        bool is_major = count >= OUTSTANDING_MAJOR_MIN &&
                        (double)count > OUTSTANDING_SHARE_MAJOR * (double)n_queries;
        verdict_fire_as(verdict, is_major, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(n_queries));
        verdict_argue(verdict, cell_integer(OUTSTANDING_QUERY_DAYS));
    }
}

void rule_missing_pages(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    int64_t n_critical = 0;
    LIST_EACH(struct form, form, &run->facts->edc.forms) {
        if (form->first_entry_at == 0) {
            form->marks |= run->mark;
            count++;
            n_critical += form->definition != NULL && form->definition->is_critical;
        }
    }
    if (count > 0) {
        int64_t n_expected = (int64_t)run->facts->edc.forms.count;
        bool is_major = n_critical > 0 && (double)count > MISSING_SHARE_MAJOR * (double)n_expected;
        verdict_fire_as(verdict, is_major, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(n_expected));
        verdict_argue(verdict, cell_integer(n_critical));
    }
}

void rule_change_rate(const struct rule_run *run, struct verdict *verdict)
{
    int64_t n_items = 0;
    int64_t n_changed = 0;
    LIST_EACH(struct form_definition, definition, &run->facts->edc.form_definitions) {
        n_items += definition->n_items;
        n_changed += definition->n_changed_items;
        definition->marks |= definition->n_changed_items > 0 ? run->mark : 0;
    }
    double share = n_items == 0 ? 0 : (double)n_changed / (double)n_items;
    if (n_items >= CHANGE_ITEMS_MIN && share > CHANGE_SHARE_MINOR) {
        verdict_fire(verdict, n_changed);
        verdict_argue(verdict, cell_integer(n_changed));
        verdict_argue(verdict, cell_integer(n_items));
        verdict_argue(verdict, cell_percent(share, 1));
    }
}

void rule_locked_unsigned(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    int64_t n_locked = 0;
    LIST_EACH(struct form, form, &run->facts->edc.forms) {
        n_locked += form->is_locked;
        if (form->is_locked && !form->is_signed) {
            form->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        verdict_fire(verdict, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(n_locked));
    }
}

void rule_verification_critical(const struct rule_run *run, struct verdict *verdict)
{
    int64_t count = 0;
    int64_t n_critical = 0;
    LIST_EACH(struct form, form, &run->facts->edc.forms) {
        if (form->definition == NULL || !form->definition->is_critical ||
            form->first_entry_at == 0) {
            continue;
        }
        int64_t age_days = run->facts->as_of_day - date_day_of_ms(form->first_entry_at);
        bool is_done = form->verification == VERIFICATION_DONE;
        if (age_days <= VERIFICATION_DAYS && !is_done) {
            continue; /* there is time yet */
        }
        n_critical++;
        if (!is_done) {
            form->marks |= run->mark;
            count++;
        }
    }
    if (count > 0) {
        double verified = (double)(n_critical - count) / (double)n_critical;
        verdict_fire_as(verdict, verified < VERIFIED_SHARE_MAJOR, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(n_critical));
        verdict_argue(verdict, cell_percent(verified, 1));
        verdict_argue(verdict, cell_integer(VERIFICATION_DAYS));
    }
}
