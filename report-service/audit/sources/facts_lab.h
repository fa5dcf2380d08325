/* Laboratory results: the site's (EDC) and the central laboratory's (lab), in the same shape so
 * that they can be laid side by side.
 *
 *     LIST_EACH(const struct lab_value, value, &facts->lab.values) {
 *         if (value->other == NULL) …                      the EDC does not have it
 *
 * Part of facts.h. Not here: how they are fetched (lab/) and paired (lab_reconcile.c). */
#ifndef WALKIE_AUDIT_SOURCES_FACTS_LAB_H
#define WALKIE_AUDIT_SOURCES_FACTS_LAB_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/sources/list.h"
#include "audit/sources/rule_mask.h"

enum {
    LAB_SECTION = 10,         /* the section that the laboratory is asked for */
    LAB_DATE_WINDOW_DAYS = 7, /* two results of a test are one when they are not further apart */
};

/* What a pair differs in. */
enum lab_difference {
    LAB_DIFFERS_IN_VALUE = 1 << 0,
    LAB_DIFFERS_IN_UNIT = 1 << 1,
    LAB_DIFFERS_IN_DATE = 1 << 2,
    LAB_DIFFERS_IN_FLAG = 1 << 3,
};

struct subject;
struct lab_value {
    struct list_node node;
    const struct subject *subject; /* EDC only */
    const char *subject_no;
    const char *test;
    const char *collected_on; /* NULL: unknown (EDC only) */
    const char *unit;
    const char *flag;      /* N, L, H, LL, HH, A; NULL: no range */
    const char *accession; /* the laboratory's number of the sample; NULL: none, or of the EDC */
    double value;
    bool has_value;
    struct lab_value *other; /* its counterpart in the other source; NULL: none */
    unsigned int differs;    /* enum lab_difference, of a pair: the same on both sides */
    rule_mask marks;
};

/* How asking the laboratory has gone. */
enum lab_outcome {
    LAB_NOT_CONFIGURED, /* there is no laboratory to ask */
    LAB_NOT_ASKED,      /* nothing that was wanted needs it */
    LAB_ANSWERED,       /* in full */
    LAB_LATE,           /* the time set aside was over */
    LAB_UNREACHABLE,    /* no connection, or it broke off */
    LAB_REFUSED,        /* an HTTP status that is no answer */
    LAB_UNKNOWN_SITE,   /* it does not know the site */
    LAB_NOT_UNDERSTOOD, /* the answer is not what was agreed on */
    LAB_CHANGED,        /* its data changed from one page to the next */
    LAB_TOO_MUCH,       /* more than LAB_RESULTS_MAX, or than fits in memory */
};
enum { LAB_OUTCOMES = LAB_TOO_MUCH + 1 };

#endif
