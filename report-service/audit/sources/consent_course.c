#include "audit/sources/consent_course.h"

#include <string.h>

#include "audit/sources/dates.h"
#include "ctx/checkpoint.h"

const struct document_version *version_in_force(const struct list *versions, int64_t day)
{
    const struct document_version *in_force = NULL;
    LIST_EACH(const struct document_version, version, versions) {
        in_force = version->approved_day <= day ? version : in_force; /* they ascend */
    }
    return in_force;
}

static const struct document_version *version_named(const struct list *versions, const char *name)
{
    LIST_EACH(const struct document_version, version, versions) {
        if (name != NULL && strcmp(version->version, name) == 0) {
            return version;
        }
    }
    return NULL;
}

/* Subject by subject as they come, then by day; undated signatures last. */
static int by_subject_and_day(const struct list_node *a, const struct list_node *b)
{
    const struct consent *left = (const struct consent *)a;
    const struct consent *right = (const struct consent *)b;
    if (left->subject != right->subject) {
        return left->subject->id < right->subject->id ? -1 : 1;
    }
    if (left->is_dated != right->is_dated) {
        return left->is_dated ? -1 : 1;
    }
    return left->signed_day < right->signed_day ? -1 : left->signed_day > right->signed_day;
}

static void judge_consents(struct audit_facts *facts)
{
    const struct list *versions = &facts->ctms.consent_versions;
    const struct subject *before = NULL;
    list_sort(&facts->edc.consents, by_subject_and_day);
    LIST_EACH(struct consent, consent, &facts->edc.consents) {
        consent->is_first = consent->subject != before;
        before = consent->subject;
        consent->approved = version_named(versions, consent->version);
        if (consent->is_dated) {
            consent->in_force = version_in_force(versions, consent->signed_day);
        }
    }
}

/* The facts' own objects live in the EDC's arena. */
static void *new_object(struct audit_facts *facts, size_t size)
{
    return arena_alloc(facts->edc.base.arena, size);
}

/* Where a subject's rows begin in the lists: all come in the order of the subjects' keys. */
struct place {
    const struct consent *consent;
    const struct subject_visit *visit;
    const struct criterion *criterion;
};

static void move_to(struct place *place, const struct subject *subject)
{
    while (place->consent != NULL && place->consent->subject->id < subject->id) {
        place->consent = (const struct consent *)place->consent->node.next;
    }
    while (place->visit != NULL && place->visit->subject->id < subject->id) {
        place->visit = (const struct subject_visit *)place->visit->node.next;
    }
    while (place->criterion != NULL && place->criterion->subject->id < subject->id) {
        place->criterion = (const struct criterion *)place->criterion->node.next;
    }
}

/* The subject's first visit after `day`, not later than `last_day`; NULL when there is none. */
static const struct subject_visit *visit_after(
    const struct place *place, const struct subject *subject, int64_t day, int64_t last_day)
{
    const struct subject_visit *first = NULL;
    for (const struct subject_visit *visit = place->visit;
         visit != NULL && visit->subject == subject;
         visit = (const struct subject_visit *)visit->node.next) {
        if (visit->day > day && visit->day <= last_day &&
            (first == NULL || visit->day < first->day)) {
            first = visit;
        }
    }
    return first;
}

static bool add_course(
    struct audit_facts *facts, const struct place *place, const struct subject *subject)
{
    struct consent_course *course = new_object(facts, sizeof(*course));
    if (course == NULL) {
        return false;
    }
    const struct subject_visit *visit = visit_after(place, subject, INT64_MIN, INT64_MAX);
    bool has_consent = place->consent != NULL && place->consent->subject == subject;
    course->subject = subject;
    course->first = has_consent ? place->consent : NULL;
    course->first_procedure_on = visit == NULL ? NULL : visit->visit_on;
    course->first_procedure_day = visit == NULL ? 0 : visit->day;
    list_add(&facts->edc.consent_courses, &course->node);
    return true;
}

/* The signature that meets the version: of it or of a later one. */
static const struct consent *signature_of(const struct place *place, const struct subject *subject,
    const struct document_version *version)
{
    for (const struct consent *consent = place->consent;
         consent != NULL && consent->subject == subject;
         consent = (const struct consent *)consent->node.next) {
        if (consent->approved != NULL && consent->approved->approved_day >= version->approved_day) {
            return consent;
        }
    }
    return NULL;
}

static bool add_reconsent(struct audit_facts *facts, const struct place *place,
    const struct subject *subject, const struct document_version *version)
{
    const struct document_version *next = (const struct document_version *)version->node.next;
    const struct consent *signature = signature_of(place, subject, version);
    int64_t last_day = next == NULL ? facts->as_of_day : next->approved_day;
    const struct subject_visit *due = visit_after(place, subject, version->approved_day, last_day);
    if (due == NULL || signature == place->consent) {
        return true; /* not seen again under this version; or it was the first one signed */
    }
    struct reconsent *reconsent = new_object(facts, sizeof(*reconsent));
    if (reconsent == NULL) {
        return false;
    }
    reconsent->subject = subject;
    reconsent->version = version;
    reconsent->due_on = due->visit_on;
    reconsent->state = signature == NULL ? RECONSENT_MISSING : RECONSENT_DONE;
    if (signature != NULL) {
        reconsent->signed_on = signature->signed_on;
        reconsent->has_days = signature->is_dated;
        reconsent->days = signature->signed_day - version->approved_day;
        reconsent->state = signature->is_dated && signature->signed_day > due->day ? RECONSENT_LATE
                                                                                   : RECONSENT_DONE;
    }
    list_add(&facts->edc.reconsents, &reconsent->node);
    return true;
}

/* Every version approved after the subject's first, dated signature. */
static bool add_reconsents(
    struct audit_facts *facts, const struct place *place, const struct subject *subject)
{
    const struct consent *first = place->consent;
    if (!subject->is_enrolled || first == NULL || first->subject != subject || !first->is_dated ||
        first->version == NULL) {
        return true;
    }
    LIST_EACH(const struct document_version, version, &facts->ctms.consent_versions) {
        if (version->approved_day > first->signed_day &&
            !add_reconsent(facts, place, subject, version)) {
            return false;
        }
    }
    return true;
}

static bool is_in_force_on(
    const struct list *versions, const char *date, const char *protocol_version)
{
    int64_t day;
    const struct document_version *in_force = date_is_complete(date) && date_first_day(date, &day)
                                                  ? version_in_force(versions, day)
                                                  : NULL;
    return in_force == NULL || strcmp(in_force->version, protocol_version) == 0;
}

static void check_version(const struct audit_facts *facts, struct eligibility_check *check)
{
    const struct list *versions = &facts->ctms.protocol_versions;
    const struct subject *subject = check->subject;
    int64_t day;
    if (date_is_complete(subject->screened_on) && date_first_day(subject->screened_on, &day)) {
        check->in_force = version_in_force(versions, day);
    }
    check->is_version_wrong =
        check->in_force != NULL && check->protocol_version != NULL &&
        !is_in_force_on(versions, subject->screened_on, check->protocol_version) &&
        (subject->enrolled_on == NULL ||
            !is_in_force_on(versions, subject->enrolled_on, check->protocol_version));
}

static bool add_check(
    struct audit_facts *facts, const struct place *place, const struct subject *subject)
{
    struct eligibility_check *check = new_object(facts, sizeof(*check));
    if (check == NULL) {
        return false;
    }
    check->subject = subject;
    for (const struct criterion *criterion = place->criterion;
         criterion != NULL && criterion->subject == subject;
         criterion = (const struct criterion *)criterion->node.next) {
        check->n_criteria++;
        check->n_not_met += criterion->answer == CRITERION_NOT_MET;
        check->n_unanswered += criterion->answer == CRITERION_UNANSWERED;
        if (check->protocol_version == NULL) {
            check->protocol_version = criterion->protocol_version;
        }
    }
    check_version(facts, check);
    list_add(&facts->edc.eligibility_checks, &check->node);
    return true;
}

enum status sources_follow_consent(const struct ctx *ctx, struct audit_facts *facts)
{
    judge_consents(facts);
    struct place place = {
        .consent = (const struct consent *)facts->edc.consents.first,
        .visit = (const struct subject_visit *)facts->edc.visits.first,
        .criterion = (const struct criterion *)facts->edc.criteria.first,
    };
    uint64_t n_done = 0;
    LIST_EACH(const struct subject, subject, &facts->edc.subjects) {
        enum status status = ctx_checkpoint(ctx, "consent", n_done++, facts->edc.subjects.count);
        if (status != STATUS_OK) {
            return status;
        }
        move_to(&place, subject);
        if (!add_course(facts, &place, subject) || !add_reconsents(facts, &place, subject) ||
            !add_check(facts, &place, subject)) {
            return STATUS_RESOURCE_EXHAUSTED;
        }
    }
    return STATUS_OK;
}
