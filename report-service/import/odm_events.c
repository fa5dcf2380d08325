/* What one item group says about an adverse event, a laboratory result or a criterion. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "import/odm_subject.h"

/* A value of a mapped item, one group at a time. */
struct finding_of_group {
    struct subject_data *data;
    const struct subject_event *event;
    const struct subject_group *group;
    const char *values[ODM_FIELD_COUNT];
    char dates[2][16];
};

static struct db_value date_of(struct finding_of_group *found, int slot, enum odm_field_kind field)
{
    const char *value = found->values[field];
    return value != NULL && odm_parse_date(value, found->dates[slot]) ? db_text(found->dates[slot])
                                                                      : db_null();
}

static const char *word_of(
    struct finding_of_group *found, enum odm_words words, enum odm_field_kind field)
{
    const char *value = found->values[field];
    const char *word = odm_map_word(words, value);
    found->data->odm->n_unknown_words += value != NULL && word == NULL ? 1 : 0;
    return word;
}

/* A number, NAN when the text is none. */
static double number_of(const char *text)
{
    char *end;
    double number = text == NULL ? NAN : strtod(text, &end);
    return text == NULL || end == text || *end != '\0' || !isfinite(number) ? NAN : number;
}

static struct db_value real_or_null(double number)
{
    return isnan(number) ? db_null() : db_real(number);
}

/* "3" or "GRADE 3"; 0: none. */
static int64_t grade_of(const char *text)
{
    size_t len = text == NULL ? 0 : strlen(text);
    char last = len == 0 ? '\0' : text[len - 1];
    return last >= '0' && last <= '5' ? last - '0' : -1;
}

/* When the first item of the group came in; 0: unknown. */
static int64_t entered_at(const struct subject_group *group)
{
    int64_t first = 0;
    for (const struct subject_item *item = group->items; item != NULL; item = item->next) {
        const struct subject_change *change = item->changes;
        if (change != NULL && strcmp(change->action, "insert") == 0 &&
            (first == 0 || change->at < first)) {
            first = change->at;
        }
    }
    return first;
}

/* The sponsor's own number when it is one and free, else the next free one. */
static int64_t take_sequence(struct subject_data *data, const char *text)
{
    double wanted = number_of(text);
    int64_t number = wanted >= 1 && wanted < 1e9 ? (int64_t)wanted : 0;
    bool is_new = false;
    if (number > 0 && id_set_add(data->sequences, number, &is_new) && is_new) {
        return number;
    }
    do {
        number = ++data->last_sequence;
        if (!id_set_add(data->sequences, number, &is_new)) {
            odm_fail_memory(data->odm);
            return number;
        }
    } while (!is_new);
    return number;
}

static void write_adverse_event(struct finding_of_group *found)
{
    static const char *const SEVERITIES[] = {
        NULL, "mild", "moderate", "severe", "life_threatening", "fatal"};
    struct odm *odm = found->data->odm;
    const char *severity = word_of(found, ODM_WORDS_SEVERITY, ODM_FIELD_AE_SEVERITY);
    int64_t grade = grade_of(found->values[ODM_FIELD_AE_GRADE]);
    for (int64_t i = 1; grade <= 0 && severity != NULL && i < (int64_t)LENGTH_OF(SEVERITIES); i++) {
        grade = strcmp(severity, SEVERITIES[i]) == 0 ? i : grade;
    }
    severity = severity == NULL && grade > 0 ? SEVERITIES[grade] : severity;
    const char *serious = word_of(found, ODM_WORDS_YES, ODM_FIELD_AE_SERIOUS);
    dataset_add(odm->dataset, TABLE_ADVERSE_EVENT,
        (struct db_value[]){db_integer(dataset_key(odm->dataset, TABLE_ADVERSE_EVENT)),
            db_integer(found->data->id),
            db_integer(take_sequence(found->data, found->values[ODM_FIELD_AE_SEQUENCE])),
            db_text(found->values[ODM_FIELD_AE_TERM]),
            db_text(found->values[ODM_FIELD_AE_PREFERRED]),
            db_text(found->values[ODM_FIELD_AE_CLASS]), db_text(severity),
            grade > 0 ? db_integer(grade) : db_null(),
            db_integer(serious != NULL && serious[0] == '1'),
            db_text(word_of(found, ODM_WORDS_RELATED, ODM_FIELD_AE_RELATED)),
            db_text(word_of(found, ODM_WORDS_OUTCOME, ODM_FIELD_AE_OUTCOME)),
            date_of(found, 0, ODM_FIELD_AE_START), date_of(found, 1, ODM_FIELD_AE_END), db_null(),
            dataset_stamp(entered_at(found->group))},
        15);
}

/* The laboratory's own flag, else what its range says of the value. */
static const char *flag_of(struct finding_of_group *found, double value, double low, double high)
{
    const char *flag = word_of(found, ODM_WORDS_FLAG, ODM_FIELD_LAB_FLAG);
    if (flag != NULL || isnan(value) || (isnan(low) && isnan(high))) {
        return flag;
    }
    return !isnan(low) && value < low ? "L" : (!isnan(high) && value > high ? "H" : "N");
}

static void write_lab(struct finding_of_group *found, const char *test)
{
    struct odm *odm = found->data->odm;
    double value = number_of(found->values[ODM_FIELD_LAB_RESULT]);
    double low = number_of(found->values[ODM_FIELD_LAB_LOW]);
    double high = number_of(found->values[ODM_FIELD_LAB_HIGH]);
    int64_t grade = grade_of(found->values[ODM_FIELD_LAB_GRADE]);
    struct db_value date = date_of(found, 0, ODM_FIELD_LAB_DATE);
    if (date.kind == DB_NULL && found->event->visit_on[0] != '\0') {
        date = db_text(found->event->visit_on);
    }
    dataset_add(odm->dataset, TABLE_LAB_RESULT,
        (struct db_value[]){db_integer(dataset_key(odm->dataset, TABLE_LAB_RESULT)),
            db_integer(found->data->id), db_integer(found->event->id), db_text(test), date,
            real_or_null(value), db_text(found->values[ODM_FIELD_LAB_UNIT]), real_or_null(low),
            real_or_null(high), db_text(flag_of(found, value, low, high)),
            grade >= 0 && grade <= 4 ? db_integer(grade) : db_null()},
        11);
}

/* An exclusion criterion that applies is one that is not met. */
static void write_criterion(struct finding_of_group *found)
{
    struct odm *odm = found->data->odm;
    const char *code = found->values[ODM_FIELD_IE_CODE];
    const char *category = word_of(found, ODM_WORDS_CATEGORY, ODM_FIELD_IE_CATEGORY);
    const char *answer =
        word_of(found, ODM_WORDS_YES, code == NULL ? ODM_FIELD_IE_MET : ODM_FIELD_IE_RESULT);
    if (answer == NULL) {
        return;
    }
    bool is_exclusion = category != NULL && strcmp(category, "exclusion") == 0;
    bool is_met = (answer[0] == '1') != (code != NULL && is_exclusion);
    dataset_add(odm->dataset, TABLE_ELIGIBILITY,
        (struct db_value[]){db_integer(dataset_key(odm->dataset, TABLE_ELIGIBILITY)),
            db_integer(found->data->id), db_text(is_exclusion ? "exclusion" : "inclusion"),
            db_text(code), db_integer(is_met), db_null()},
        6);
}

void subject_write_group(
    struct subject_data *data, const struct subject_event *event, const struct subject_group *group)
{
    struct finding_of_group found = {.data = data, .event = event, .group = group};
    group_values(data->odm, group, found.values);
    const char *test = found.values[ODM_FIELD_LAB_TEST] != NULL
                           ? found.values[ODM_FIELD_LAB_TEST]
                           : found.values[ODM_FIELD_LAB_TEST_NAME];
    if (found.values[ODM_FIELD_AE_TERM] != NULL) {
        write_adverse_event(&found);
    }
    if (test != NULL && found.values[ODM_FIELD_LAB_RESULT] != NULL) {
        write_lab(&found, test);
    }
    if (found.values[ODM_FIELD_IE_CODE] != NULL || found.values[ODM_FIELD_IE_MET] != NULL) {
        write_criterion(&found);
    }
}
