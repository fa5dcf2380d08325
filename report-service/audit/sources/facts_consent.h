/* What the sources hold about informed consent and eligibility: signatures, approved versions,
 * visits, criteria; and what follows from them for each subject. Part of facts.h; the same rules
 * hold.
 *
 *     LIST_EACH(struct reconsent, reconsent, &facts->edc.reconsents) { … }
 *
 * Rows come from edc_consent.c and ctms_versions.c; courses, re-consents and checks are worked out
 * in consent_course.c. */
#ifndef WALKIE_AUDIT_SOURCES_FACTS_CONSENT_H
#define WALKIE_AUDIT_SOURCES_FACTS_CONSENT_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/sources/list.h"
#include "audit/sources/rule_mask.h"

struct subject;

/* A version of the protocol or of the consent form, in force from its approval by the ethics
 * committee until the next one's. */
struct document_version {
    struct list_node node;
    const char *version;
    const char *approved_on;
    int64_t approved_day;
};

/* One signature. */
struct consent {
    struct list_node node;
    const struct subject *subject;
    const char *version; /* NULL: not provided */
    const char *signed_on;
    int64_t signed_day; /* only when is_dated */
    bool is_dated;      /* a complete date */
    bool is_first;
    const struct document_version *in_force; /* that day; NULL: none, or not known */
    const struct document_version *approved; /* the version signed, whenever; NULL: never */
    rule_mask marks;
};

/* A day on which a subject was seen. */
struct subject_visit {
    struct list_node node;
    const struct subject *subject;
    const char *visit_on;
    int64_t day;
};

/* One a subject. */
struct consent_course {
    struct list_node node;
    const struct subject *subject;
    const struct consent *first;    /* NULL: none is recorded */
    const char *first_procedure_on; /* the first visit; NULL: none with a complete date */
    int64_t first_procedure_day;
    rule_mask marks;
};

enum reconsent_state { RECONSENT_DONE, RECONSENT_LATE, RECONSENT_MISSING };

/* A version approved after a subject had consented, and while it was still seen. */
struct reconsent {
    struct list_node node;
    const struct subject *subject;
    const struct document_version *version;
    const char *due_on; /* the first visit after the approval */
    const char *signed_on;
    int64_t days; /* from approval to signature */
    bool has_days;
    enum reconsent_state state;
    rule_mask marks;
};

enum criterion_answer { CRITERION_MET, CRITERION_NOT_MET, CRITERION_UNANSWERED };

struct criterion {
    struct list_node node;
    const struct subject *subject;
    bool is_exclusion;
    const char *code; /* NULL: not provided */
    const char *protocol_version;
    enum criterion_answer answer;
    rule_mask marks;
};

/* One a subject: the criteria as a whole. */
struct eligibility_check {
    struct list_node node;
    const struct subject *subject;
    const char *protocol_version;
    const struct document_version *in_force; /* of the protocol, at screening; NULL: not known */
    bool is_version_wrong;                   /* neither in force at screening nor at enrolment */
    int64_t n_criteria;
    int64_t n_not_met;
    int64_t n_unanswered;
    rule_mask marks;
};

#endif
