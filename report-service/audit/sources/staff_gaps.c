/* What the two sources say together about the site's people: training that lacks or came late,
 * tasks done while they were nobody's, data entered by persons who were not to. */
#include "audit/sources/staff_gaps.h"

#include <string.h>

#include "audit/sources/dates.h"

/* The training that a task asks for. The certificate of GCP counts as training in it. */
static const struct {
    const char *topic;
    const char *task; /* NULL: any */
} REQUIREMENTS[] = {
    {"gcp", NULL},
    {"protocol", NULL},
    {"icf", "consent"},
    {"edc", "data_entry"},
    {"safety", "safety"},
};

static bool is_text(const char *text, const char *wanted)
{
    return text != NULL && strcmp(text, wanted) == 0;
}

/* The first day of the tasks of a person that need the topic. */
static const struct delegation *first_need(const struct ctms_facts *ctms,
    const struct staff_member *staff, const char *task, bool is_current_only, int64_t day)
{
    const struct delegation *first = NULL;
    LIST_EACH(const struct delegation, delegation, &ctms->delegations) {
        bool is_mine =
            delegation->staff == staff && (task == NULL || strcmp(delegation->task, task) == 0);
        bool is_then = delegation->from_day <= day && delegation->to_day >= day;
        if (is_mine && (!is_current_only || is_then) &&
            (first == NULL || delegation->from_day < first->from_day)) {
            first = delegation;
        }
    }
    return first;
}

/* The first time that the person was trained in the topic (and version); NULL: never. */
static const char *first_training(const struct ctms_facts *ctms, const struct staff_member *staff,
    const char *topic, const char *version)
{
    const char *first = is_text(topic, "gcp") ? staff->gcp_cert_on : NULL;
    LIST_EACH(const struct training, training, &ctms->trainings) {
        bool is_it = training->staff == staff && strcmp(training->topic, topic) == 0 &&
                     (version == NULL || is_text(training->version, version));
        if (is_it && training->done_on != NULL &&
            (first == NULL || strcmp(training->done_on, first) < 0)) {
            first = training->done_on;
        }
    }
    return first;
}

static enum status add_gap(struct audit_facts *facts, const struct training_gap *gap)
{
    struct training_gap *copy = arena_alloc(facts->ctms.base.arena, sizeof(*copy));
    if (copy == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    *copy = *gap;
    list_add(&facts->ctms.training_gaps, &copy->node);
    return STATUS_OK;
}

static enum status check_topic(struct audit_facts *facts, const struct staff_member *staff,
    const char *topic, const char *task)
{
    const struct delegation *need = first_need(&facts->ctms, staff, task, false, 0);
    if (need == NULL) {
        return STATUS_OK;
    }
    struct training_gap gap = {.staff = staff,
        .topic = topic,
        .required_on = need->from_on,
        .done_on = first_training(&facts->ctms, staff, topic, NULL)};
    int64_t done_day;
    gap.kind = gap.done_on == NULL ? TRAINING_GAP_NONE_DONE : TRAINING_GAP_LATE;
    if (date_first_day(gap.done_on, &done_day) && done_day <= need->from_day) {
        return STATUS_OK;
    }
    return add_gap(facts, &gap);
}

/* A version that was approved while the person had tasks that need it: trained in it in time? The
 * one that was in force when the tasks began is part of the first training. */
static enum status check_version(struct audit_facts *facts, const struct staff_member *staff,
    const struct approved_version *version)
{
    int64_t approved;
    const char *task = is_text(version->topic, "icf") ? "consent" : NULL;
    if (!date_first_day(version->approved_on, &approved) ||
        facts->as_of_day <= approved + RETRAINING_DAYS) {
        return STATUS_OK;
    }
    int64_t due_day = approved + RETRAINING_DAYS;
    const struct delegation *need = first_need(&facts->ctms, staff, task, true, due_day);
    if (need == NULL || need->from_day >= approved) {
        return STATUS_OK;
    }
    int64_t done_day;
    struct training_gap gap = {.staff = staff,
        .kind = TRAINING_GAP_VERSION,
        .topic = version->topic,
        .version = version->version,
        .done_on = first_training(&facts->ctms, staff, version->topic, version->version)};
    if (date_first_day(gap.done_on, &done_day) && done_day <= due_day) {
        return STATUS_OK;
    }
    char required_on[DATE_TEXT_MAX];
    date_format(due_day, required_on);
    gap.required_on = arena_copy_text(facts->ctms.base.arena, required_on);
    return gap.required_on == NULL ? STATUS_RESOURCE_EXHAUSTED : add_gap(facts, &gap);
}

static enum status check_training(struct audit_facts *facts)
{
    LIST_EACH(const struct staff_member, staff, &facts->ctms.staff) {
        for (size_t i = 0; i < LENGTH_OF(REQUIREMENTS); i++) {
            enum status status =
                check_topic(facts, staff, REQUIREMENTS[i].topic, REQUIREMENTS[i].task);
            if (status != STATUS_OK) {
                return status;
            }
        }
        LIST_EACH(const struct approved_version, version, &facts->ctms.approved_versions) {
            enum status status = check_version(facts, staff, version);
            if (status != STATUS_OK) {
                return status;
            }
        }
    }
    return STATUS_OK;
}

static bool is_delegated(const struct ctms_facts *ctms, const char *task, int64_t day)
{
    LIST_EACH(const struct delegation, delegation, &ctms->delegations) {
        if (strcmp(delegation->task, task) == 0 && delegation->from_day <= day &&
            delegation->to_day >= day) {
            return true;
        }
    }
    return false;
}

static enum status check_task(
    struct audit_facts *facts, const struct subject *subject, const char *task, const char *done_on)
{
    int64_t day;
    if (!date_is_complete(done_on) || !date_first_day(done_on, &day) || day > facts->as_of_day ||
        is_delegated(&facts->ctms, task, day)) {
        return STATUS_OK;
    }
    struct undelegated_task *undelegated =
        arena_alloc(facts->ctms.base.arena, sizeof(*undelegated));
    if (undelegated == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    *undelegated = (struct undelegated_task){
        .subject_no = subject->subject_no, .task = task, .done_on = done_on};
    list_add(&facts->ctms.undelegated_tasks, &undelegated->node);
    return STATUS_OK;
}

/* Consent, the decision to enrol and the first dose leave a date behind. */
static enum status check_tasks(struct audit_facts *facts)
{
    LIST_EACH(const struct subject, subject, &facts->edc.subjects) {
        enum status status = check_task(facts, subject, "consent", subject->consent_on);
        if (status == STATUS_OK && subject->is_enrolled) {
            status = check_task(facts, subject, "eligibility", subject->enrolled_on);
        }
        if (status == STATUS_OK && subject->is_treated) {
            status = check_task(facts, subject, "dosing", subject->first_dose_on);
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

/* A person is known by the name: the two systems share no key. */
static void check_data_entry(struct audit_facts *facts)
{
    LIST_EACH(struct data_entry_person, person, &facts->edc.data_entry_people) {
        LIST_EACH(const struct delegation, delegation, &facts->ctms.delegations) {
            if (strcmp(delegation->staff->name, person->name) != 0) {
                continue;
            }
            person->is_on_log = true;
            person->is_delegated = person->is_delegated ||
                                   (strcmp(delegation->task, "data_entry") == 0 &&
                                       delegation->from_day <= date_day_of_ms(person->first_at) &&
                                       delegation->to_day >= date_day_of_ms(person->last_at));
        }
    }
}

enum status sources_check_staff(struct audit_facts *facts)
{
    if (!facts_has(&facts->ctms.base, "delegation", NULL)) {
        return STATUS_OK;
    }
    enum status status = STATUS_OK;
    if (facts_has(&facts->ctms.base, "training", NULL)) {
        status = check_training(facts);
    }
    if (status == STATUS_OK) {
        status = check_tasks(facts);
    }
    check_data_entry(facts);
    return status;
}
