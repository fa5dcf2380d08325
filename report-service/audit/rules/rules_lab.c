/* The site's laboratory results against those of the central laboratory, which measured them: the
 * rules of the pairs that sources/lab_reconcile.c has made. */
#include <string.h>

#include "audit/rules/rules.h"

/* Of the results, from which on a discrepancy is more than a slip. */
static const double LAB_SHARE_MAJOR = 0.05;
enum { LAB_MAJOR_MIN = 5 };

static bool is_many(int64_t count, int64_t n_all)
{
    return count >= LAB_MAJOR_MIN && (double)count > LAB_SHARE_MAJOR * (double)n_all;
}

static void fire(struct verdict *verdict, bool is_grave, int64_t count, int64_t n_all)
{
    if (count > 0) {
        verdict_fire_as(verdict, is_grave, count);
        verdict_argue(verdict, cell_integer(count));
        verdict_argue(verdict, cell_integer(n_all));
    }
}

/* Mark those without a counterpart; returns how many. */
static int64_t mark_alone(const struct list *values, rule_mask mark)
{
    int64_t count = 0;
    LIST_EACH(struct lab_value, value, values) {
        if (value->other == NULL) {
            value->marks |= mark;
            count++;
        }
    }
    return count;
}

/* Mark the pairs that differ so; returns how many, and how many pairs there are. The laboratory's
 * side carries the mark. */
static int64_t mark_different(
    const struct rule_run *run, unsigned int differences, int64_t *ret_n_pairs)
{
    int64_t count = 0;
    int64_t n_pairs = 0;
    LIST_EACH(struct lab_value, measured, &run->facts->lab.values) {
        n_pairs += measured->other != NULL;
        if ((measured->differs & differences) != 0) {
            measured->marks |= run->mark;
            count++;
        }
    }
    *ret_n_pairs = n_pairs;
    return count;
}

void rule_lab_not_in_edc(const struct rule_run *run, struct verdict *verdict)
{
    const struct list *values = &run->facts->lab.values;
    int64_t count = mark_alone(values, run->mark);
    fire(verdict, is_many(count, (int64_t)values->count), count, (int64_t)values->count);
}

/* Data without a source: whoever made them up or mistook them, that is never a slip. */
void rule_lab_not_at_lab(const struct rule_run *run, struct verdict *verdict)
{
    const struct list *values = &run->facts->edc.lab_values;
    int64_t count = mark_alone(values, run->mark);
    fire(verdict, false, count, (int64_t)values->count);
}

void rule_lab_value(const struct rule_run *run, struct verdict *verdict)
{
    int64_t n_pairs;
    int64_t count = mark_different(run, LAB_DIFFERS_IN_VALUE | LAB_DIFFERS_IN_UNIT, &n_pairs);
    fire(verdict, is_many(count, n_pairs), count, n_pairs);
}

void rule_lab_date(const struct rule_run *run, struct verdict *verdict)
{
    int64_t n_pairs;
    int64_t count = mark_different(run, LAB_DIFFERS_IN_DATE, &n_pairs);
    fire(verdict, false, count, n_pairs);
}

static bool is_normal(const char *flag)
{
    return strcmp(flag, "N") == 0;
}

/* What the laboratory calls abnormal and the site normal may have gone without follow-up. */
void rule_lab_flag(const struct rule_run *run, struct verdict *verdict)
{
    int64_t n_pairs;
    int64_t n_overlooked = 0;
    int64_t count = mark_different(run, LAB_DIFFERS_IN_FLAG, &n_pairs);
    LIST_EACH(const struct lab_value, measured, &run->facts->lab.values) {
        bool is_different = (measured->differs & LAB_DIFFERS_IN_FLAG) != 0;
        n_overlooked +=
            is_different && !is_normal(measured->flag) && is_normal(measured->other->flag);
    }
    fire(verdict, n_overlooked > 0, count, n_pairs);
    if (count > 0) {
        verdict_argue(verdict, cell_integer(n_overlooked));
    }
}
