/* What a subject's items say about the subject: consent, enrolment, treatment, disposition. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "import/odm_subject.h"

void group_values(
    const struct odm *odm, const struct subject_group *group, const char *values[ODM_FIELD_COUNT])
{
    memset(values, 0, ODM_FIELD_COUNT * sizeof(*values));
    for (const struct subject_item *item = group->items; item != NULL; item = item->next) {
        enum odm_field_kind kind = odm->fields[item->field].item->kind;
        if (kind != ODM_FIELD_NONE && item->value != NULL && item->value[0] != '\0' &&
            values[kind] == NULL) {
            values[kind] = item->value;
        }
    }
}

/* Keep the earlier or the later of two dates, as texts: that is the order of ISO dates. */
static void keep_first(char date[16], const char *other)
{
    char parsed[16];
    if (other != NULL && odm_parse_date(other, parsed) &&
        (date[0] == '\0' || strcmp(parsed, date) < 0)) {
        memcpy(date, parsed, sizeof(parsed));
    }
}

static void keep_last(char date[16], const char *other)
{
    char parsed[16];
    if (other != NULL && odm_parse_date(other, parsed) &&
        (date[0] == '\0' || strcmp(parsed, date) > 0)) {
        memcpy(date, parsed, sizeof(parsed));
    }
}

static const char *word_of(struct odm *odm, enum odm_words words, const char *value)
{
    const char *word = odm_map_word(words, value);
    odm->n_unknown_words += value != NULL && word == NULL ? 1 : 0;
    return word;
}

/* The same signature may be told by several forms: once with a version, once without. */
static void add_consent(struct subject_facts *facts, const char *date, const char *version)
{
    char signed_on[16];
    if (date == NULL || !odm_parse_date(date, signed_on)) {
        return;
    }
    size_t at = 0;
    while (at < facts->n_consents && strcmp(facts->consents[at].signed_on, signed_on) < 0) {
        at++;
    }
    struct subject_consent *consent = &facts->consents[at];
    if (at < facts->n_consents && strcmp(consent->signed_on, signed_on) == 0) {
        consent->version = consent->version == NULL ? version : consent->version;
        return;
    }
    if (facts->n_consents == SUBJECT_CONSENTS_MAX) {
        return;
    }
    memmove(consent + 1, consent, (facts->n_consents - at) * sizeof(*consent));
    memcpy(consent->signed_on, signed_on, sizeof(signed_on));
    consent->version = version;
    facts->n_consents++;
}

static void take_person(
    struct odm *odm, struct subject_facts *facts, const char *const values[ODM_FIELD_COUNT])
{
    if (values[ODM_FIELD_SEX] != NULL) {
        facts->sex = word_of(odm, ODM_WORDS_SEX, values[ODM_FIELD_SEX]);
    }
    if (values[ODM_FIELD_BIRTH] != NULL) {
        char *end;
        long year = strtol(values[ODM_FIELD_BIRTH], &end, 10);
        facts->birth_year = year >= 1880 && year <= 2200 ? year : 0;
    }
    if (values[ODM_FIELD_RANDOM_NUMBER] != NULL) {
        facts->random_number = values[ODM_FIELD_RANDOM_NUMBER];
    }
    if (values[ODM_FIELD_ARM] != NULL) {
        facts->arm = values[ODM_FIELD_ARM];
    }
    add_consent(facts, values[ODM_FIELD_CONSENT_DATE], values[ODM_FIELD_CONSENT_VERSION]);
    keep_first(facts->enrolled_on, values[ODM_FIELD_ENROLLED_DATE]);
    keep_first(facts->first_dose_on, values[ODM_FIELD_FIRST_DOSE]);
    keep_first(facts->first_dose_on, values[ODM_FIELD_DOSE_START]);
    keep_last(facts->last_dose_on, values[ODM_FIELD_LAST_DOSE]);
    keep_last(facts->last_dose_on, values[ODM_FIELD_DOSE_END]);
    keep_last(facts->last_dose_on, values[ODM_FIELD_DOSE_START]);
    keep_last(facts->last_seen_on, values[ODM_FIELD_LAST_SEEN]);
}

static bool is_of_treatment(const char *phase)
{
    return phase != NULL &&
           (strncasecmp(phase, "TREAT", 5) == 0 || strncasecmp(phase, "STUDY TREAT", 11) == 0);
}

/* One disposition event. Treatment has its own end; the study's end is the subject's status. */
static void take_disposition(
    struct odm *odm, struct subject_facts *facts, const char *const values[ODM_FIELD_COUNT])
{
    const char *term = values[ODM_FIELD_DS_TERM];
    const char *date = values[ODM_FIELD_DS_DATE];
    if (term == NULL) {
        return;
    }
    const char *word = word_of(odm, ODM_WORDS_DISPOSITION, term);
    word = word == NULL ? "other" : word;
    if (strcmp(word, "consented") == 0) {
        add_consent(facts, date, NULL);
    } else if (strcmp(word, "enrolled") == 0) {
        keep_first(facts->enrolled_on, date);
        facts->status = facts->status == NULL ? "enrolled" : facts->status;
    } else if (is_of_treatment(values[ODM_FIELD_DS_PHASE])) {
        bool is_completed = strcmp(word, "completed") == 0;
        facts->treatment_status = is_completed ? "completed" : "discontinued";
        facts->treatment_reason = is_completed ? NULL : word;
    } else if (strcmp(word, "completed") == 0) {
        facts->status = "completed";
        keep_last(facts->last_seen_on, date);
    } else {
        bool is_failure = strcmp(word, "screen_failed") == 0;
        facts->status = is_failure ? "screen_failed" : "discontinued";
        facts->discont_reason = is_failure ? "eligibility" : word;
        keep_last(facts->discont_on, date);
        keep_last(facts->last_seen_on, date);
    }
}

/* Whether the study has an item for the field at all. */
static bool has_field(const struct odm *odm, enum odm_field_kind kind)
{
    return odm->n_fields_seen[kind] > 0;
}

/* What follows from what was found. A study whose items say nothing about enrolment has its
 * subjects as enrolled: they have data, and nothing says that they are still screened. */
static void conclude(const struct odm *odm, struct subject_facts *facts)
{
    bool is_told = has_field(odm, ODM_FIELD_DS_TERM) || has_field(odm, ODM_FIELD_ENROLLED_DATE);
    if (facts->n_consents > 0) {
        keep_first(facts->screened_on, facts->consents[0].signed_on);
    }
    if (facts->status == NULL) {
        bool is_enrolled = facts->enrolled_on[0] != '\0' || facts->first_dose_on[0] != '\0';
        facts->status = is_enrolled || !is_told ? "enrolled" : "screening";
    }
    bool is_dosed = facts->first_dose_on[0] != '\0';
    if (facts->treatment_status == NULL && has_field(odm, ODM_FIELD_DOSE_START)) {
        facts->treatment_status = is_dosed ? "ongoing" : "not_started";
    }
}

void subject_find_facts(struct subject_data *data, struct subject_facts *ret_facts)
{
    *ret_facts = (struct subject_facts){0};
    for (struct subject_event *event = data->events; event != NULL; event = event->next) {
        for (const struct subject_form *form = event->forms; form != NULL; form = form->next) {
            for (const struct subject_group *group = form->groups; group != NULL;
                 group = group->next) {
                const char *values[ODM_FIELD_COUNT];
                group_values(data->odm, group, values);
                keep_last(event->visit_on, values[ODM_FIELD_VISIT_DATE]);
                take_person(data->odm, ret_facts, values);
                take_disposition(data->odm, ret_facts, values);
            }
        }
        keep_first(ret_facts->screened_on, event->visit_on);
        keep_last(ret_facts->last_seen_on, event->visit_on);
    }
    keep_last(ret_facts->last_seen_on, ret_facts->last_dose_on);
    conclude(data->odm, ret_facts);
}
