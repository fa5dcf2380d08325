/* The clinical data: each value becomes a record with its place, its audit and its transaction, on
 * its way to the sorter. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "import/odm_internal.h"

enum { FIELD_KEY_MAX = 3 * ODM_OID_LEN_MAX + 8 };

/* Begin an element: it is good when what encloses it is, and its own checks have passed so far. */
static struct odm_place *enter(struct odm *odm, int level)
{
    static const struct {
        const char *word;
        enum odm_transaction transaction;
    } WORDS[] = {{"Insert", ODM_INSERT}, {"Update", ODM_UPDATE}, {"Remove", ODM_REMOVE},
        {"Upsert", ODM_UPSERT}, {"Context", ODM_CONTEXT}};
    struct odm_place *place = &odm->places[level];
    const char *word = odm_attribute(odm, "TransactionType");
    place->is_good = level == ODM_SUBJECT || odm->places[level - 1].is_good;
    place->transaction = ODM_UNSAID;
    place->repeat = 1;
    place->is_signature = false;
    place->audit.at = place->audit.user = place->audit.ref = 0;
    place->audit.reason[0] = '\0';
    odm->level = level;
    for (size_t i = 0; word != NULL && i < LENGTH_OF(WORDS); i++) {
        if (strcmp(WORDS[i].word, word) == 0) {
            place->transaction = WORDS[i].transaction;
        }
    }
    if (word != NULL && place->transaction == ODM_UNSAID) {
        odm_bad(odm, odm->element->line, "TransactionType=\"%.40s\" is none of ODM 1.3", word);
    }
    return place;
}

/* Its own transaction, else the one of the nearest element around it that changes something. */
static enum odm_transaction transaction_of(const struct odm *odm, int level)
{
    enum odm_transaction own = odm->places[level].transaction;
    for (int at = level - 1; own == ODM_UNSAID && at >= 0; at--) {
        enum odm_transaction around = odm->places[at].transaction;
        own = around == ODM_CONTEXT ? ODM_UNSAID : around;
    }
    return own == ODM_UNSAID ? (odm->is_transactional ? ODM_UPSERT : ODM_INSERT) : own;
}

/* The number of a definition, by an attribute that names its OID. */
static void find_definition(struct odm *odm, struct odm_place *place, const char *attribute,
    const struct odm_index *index, const char *what)
{
    const char *oid = odm_required(odm, attribute);
    place->number = odm_index_find(index, oid);
    if (place->number < 0 && oid[0] != '\0') {
        odm_bad(odm, odm->element->line, "%s \"%.60s\" is not defined", what, oid);
    }
    place->is_good = place->is_good && place->number >= 0;
}

/* A repeat key: a number as it is; any other text gets a number of its own above all of them. */
static void find_repeat(struct odm *odm, struct odm_place *place, const char *attribute)
{
    const char *key = odm_attribute(odm, attribute);
    if (key == NULL) {
        return;
    }
    size_t digits = strspn(key, "0123456789");
    if (key[0] != '\0' && key[0] != '0' && key[digits] == '\0' && digits <= 6) {
        place->repeat = strtol(key, NULL, 10);
        return;
    }
    int64_t number = (int64_t)keymap_count(odm->repeat_keys);
    if (!keymap_get(odm->repeat_keys, key, &number) && !keymap_put(odm->repeat_keys, key, number)) {
        odm_fail_memory(odm);
    }
    place->repeat = ODM_REPEAT_NUMBER_MAX + number;
}

static void emit(struct odm *odm, enum odm_record_kind kind, int level, uint64_t line)
{
    const struct odm_place *places = odm->places;
    const struct odm_audit *audit = odm_audit_of(odm, level);
    const struct odm_place *place = &places[level];
    bool is_item = kind == ODM_RECORD_ITEM;
    bool is_signature = kind == ODM_RECORD_SIGNATURE;
    struct odm_record record = {.at = is_signature ? place->signed_at : audit->at,
        .user = is_signature ? place->signed_by : audit->user,
        .ref = is_signature ? 0 : audit->ref,
        .line = line,
        .event = level >= ODM_EVENT ? (int32_t)places[ODM_EVENT].number : -1,
        .event_repeat = (int32_t)places[ODM_EVENT].repeat,
        .form = level >= ODM_FORM ? (int32_t)places[ODM_FORM].number : -1,
        .form_repeat = (int32_t)places[ODM_FORM].repeat,
        .group = level >= ODM_GROUP ? (int32_t)places[ODM_GROUP].number : -1,
        .group_repeat = (int32_t)places[ODM_GROUP].repeat,
        .field = level >= ODM_ITEM ? (int32_t)places[ODM_ITEM].number : -1,
        .kind = (uint8_t)kind,
        .level = (uint8_t)level,
        .transaction = (uint8_t)transaction_of(odm, level),
        .is_null = is_item && odm->is_item_null};
    record.reason_len = is_signature ? 0 : (uint32_t)strlen(audit->reason);
    record.value_len = is_item ? (uint32_t)strlen(odm->value) : 0;
    char data[sizeof(record) + ODM_REASON_MAX + XML_TEXT_LEN_MAX];
    memcpy(data, &record, sizeof(record));
    memcpy(data + sizeof(record), audit->reason, record.reason_len);
    memcpy(data + sizeof(record) + record.reason_len, odm->value, record.value_len);
    struct error error = ERROR_NONE;
    enum status status = sorter_add(odm->records, places[ODM_SUBJECT].number, data,
        sizeof(record) + record.reason_len + record.value_len, &error);
    if (status != STATUS_OK) {
        odm_fail(odm, status, "%s", error.text);
    }
}

/* At the end of a container: it exists, and a removal takes what is in it along. */
static void leave(struct odm *odm, int level)
{
    const struct odm_place *place = &odm->places[level];
    odm->level = level == ODM_SUBJECT ? ODM_LEVELS : level - 1;
    if (!place->is_good) {
        return;
    }
    emit(odm, ODM_RECORD_CONTAINER, level, odm->line);
    if (place->is_signature) {
        emit(odm, ODM_RECORD_SIGNATURE, level, odm->line);
    }
}

void odm_start_clinical(struct odm *odm)
{
    const char *study = odm_required(odm, "StudyOID");
    const char *version = odm_required(odm, "MetaDataVersionOID");
    int64_t number;
    odm->audit_id = NULL;
    odm_define(odm);
    if (odm->study_oid != NULL && study[0] != '\0' && strcmp(study, odm->study_oid) != 0) {
        odm_bad(odm, odm->element->line, "StudyOID \"%.60s\" is not the study of this file", study);
    }
    if (version[0] != '\0' && !keymap_get(odm->version_oids, version, &number)) {
        odm_bad(odm, odm->element->line, "MetaDataVersion \"%.60s\" is not defined", version);
    }
}

static int64_t new_subject(struct odm *odm, const char *key)
{
    if (odm->n_subjects == ODM_SUBJECTS_MAX) {
        odm_fail(odm, STATUS_RESOURCE_EXHAUSTED, "%s: more than %d subjects", odm->file_name,
            ODM_SUBJECTS_MAX);
        return -1;
    }
    if (odm->n_subjects == odm->n_subjects_max) {
        size_t n_max = odm->n_subjects_max == 0 ? 256 : odm->n_subjects_max * 2;
        struct odm_subject *subjects = realloc(odm->subjects, n_max * sizeof(*subjects));
        if (subjects == NULL) {
            odm_fail_memory(odm);
            return -1;
        }
        odm->subjects = subjects;
        odm->n_subjects_max = n_max;
    }
    odm->subjects[odm->n_subjects] =
        (struct odm_subject){.key = odm_keep(odm, key), .line = odm->element->line};
    if (!keymap_put(odm->subject_map, key, (int64_t)odm->n_subjects)) {
        odm_fail_memory(odm);
    }
    return (int64_t)odm->n_subjects++;
}

void odm_start_subject(struct odm *odm)
{
    const char *key = odm_required(odm, "SubjectKey");
    struct odm_place *place = enter(odm, ODM_SUBJECT);
    if (!keymap_get(odm->subject_map, key, &place->number)) {
        place->number = key[0] == '\0' ? -1 : new_subject(odm, key);
    } else if (!odm->is_transactional) {
        odm_bad(odm, odm->element->line, "subject \"%.60s\" comes twice, first on line %" PRIu64,
            key, odm->subjects[place->number].line);
    }
    place->is_good = place->number >= 0;
    progress_at(odm->progress, input_position(odm->input), sorter_count(odm->records));
}

void odm_end_subject(struct odm *odm)
{
    const struct odm_place *place = &odm->places[ODM_SUBJECT];
    if (place->is_good && odm->subjects[place->number].location == NULL && !odm->is_transactional) {
        odm_bad(odm, odm->line, "subject \"%.60s\" has no SiteRef: a report is of one site",
            odm->subjects[place->number].key);
    }
    leave(odm, ODM_SUBJECT);
}

void odm_start_site_ref(struct odm *odm)
{
    const char *oid = odm_required(odm, "LocationOID");
    int64_t number = odm_index_find(&odm->locations, oid);
    if (number < 0 && oid[0] != '\0') {
        odm_bad(odm, odm->element->line, "Location \"%.60s\" is not defined", oid);
    }
    if (number >= 0 && odm->places[ODM_SUBJECT].is_good) {
        struct odm_location *location = (struct odm_location *)odm->locations.items[number];
        location->is_site = true;
        odm->subjects[odm->places[ODM_SUBJECT].number].location = location;
    }
}

void odm_start_event_data(struct odm *odm)
{
    struct odm_place *place = enter(odm, ODM_EVENT);
    find_definition(odm, place, "StudyEventOID", &odm->events, "StudyEventDef");
    find_repeat(odm, place, "StudyEventRepeatKey");
}

void odm_end_event_data(struct odm *odm)
{
    leave(odm, ODM_EVENT);
}

void odm_start_form_data(struct odm *odm)
{
    struct odm_place *place = enter(odm, ODM_FORM);
    find_definition(odm, place, "FormOID", &odm->forms, "FormDef");
    find_repeat(odm, place, "FormRepeatKey");
}

void odm_end_form_data(struct odm *odm)
{
    leave(odm, ODM_FORM);
}

void odm_start_group_data(struct odm *odm)
{
    struct odm_place *place = enter(odm, ODM_GROUP);
    find_definition(odm, place, "ItemGroupOID", &odm->groups, "ItemGroupDef");
    find_repeat(odm, place, "ItemGroupRepeatKey");
}

void odm_end_group_data(struct odm *odm)
{
    leave(odm, ODM_GROUP);
}

/* The item at its place in the form; what is wrong with it is told apart. */
static void find_field(struct odm *odm, struct odm_place *place)
{
    const char *oid = odm_required(odm, "ItemOID");
    if (!place->is_good || oid[0] == '\0') {
        place->is_good = false;
        return;
    }
    const char *form = odm->forms.items[odm->places[ODM_FORM].number]->oid;
    const char *group = odm->groups.items[odm->places[ODM_GROUP].number]->oid;
    char key[FIELD_KEY_MAX];
    snprintf(key, sizeof(key), "%s|%s|%s", form, group, oid);
    if (keymap_get(odm->field_map, key, &place->number)) {
        return;
    }
    place->is_good = false;
    if (odm_index_find(&odm->items, oid) < 0) {
        odm_bad(odm, odm->element->line, "ItemDef \"%.60s\" is not defined", oid);
    } else {
        odm_bad(odm, odm->element->line,
            "item \"%.60s\" does not belong to group \"%.60s\" of form "
            "\"%.60s\"",
            oid, group, form);
    }
}

static bool has_date_type(const char *type)
{
    static const char *const TYPES[] = {"date", "partialDate", "datetime", "partialDatetime"};
    for (size_t i = 0; i < LENGTH_OF(TYPES); i++) {
        if (strcmp(type, TYPES[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* A date is checked as it is read: it is what a report counts days from. */
static void check_value(struct odm *odm, const struct odm_place *place, uint64_t line)
{
    const struct odm_item_def *item = odm->fields[place->number].item;
    char date[16];
    bool is_partial_good = strncmp(item->data_type, "partial", 7) == 0;
    if (odm->value[0] != '\0' && has_date_type(item->data_type) &&
        (!odm_parse_date(odm->value, date) || (!is_partial_good && strlen(date) < 10))) {
        odm_bad(odm, line, "item \"%.60s\": \"%.40s\" is no %s", item->base.oid, odm->value,
            item->data_type);
    }
}

/* The item's value is whole: to the sorter with it. */
static void emit_item(struct odm *odm, uint64_t line)
{
    const struct odm_place *place = &odm->places[ODM_ITEM];
    if (!place->is_good || transaction_of(odm, ODM_ITEM) == ODM_CONTEXT) {
        return;
    }
    check_value(odm, place, line);
    emit(odm, ODM_RECORD_ITEM, ODM_ITEM, line);
}

void odm_start_item_data(struct odm *odm)
{
    struct odm_place *place = enter(odm, ODM_ITEM);
    const char *value = odm_attribute(odm, "Value");
    find_field(odm, place);
    odm->is_item_null = odm_is_yes(odm, "IsNull");
    snprintf(odm->value, sizeof(odm->value), "%s", value == NULL ? "" : value);
    if (odm->is_item_null && value != NULL && value[0] != '\0') {
        odm_bad(odm, odm->element->line, "an item has a Value and IsNull=\"Yes\"");
    }
    odm->is_item_null = odm->is_item_null || value == NULL;
}

void odm_end_item_data(struct odm *odm)
{
    emit_item(odm, odm->line);
    odm->level = ODM_GROUP;
}

/* ItemDataString, ItemDataDate …: the value is the text, the audit record stands elsewhere. */
void odm_start_typed_data(struct odm *odm)
{
    struct odm_place *place = enter(odm, ODM_ITEM);
    const char *audit_id = odm_attribute(odm, "AuditRecordID");
    find_field(odm, place);
    odm->is_item_null = odm_is_yes(odm, "IsNull");
    if (audit_id == NULL) {
        return;
    }
    place->audit.ref = odm_audit_number(odm, audit_id) + 1;
    if (place->audit.ref > 0 && odm->audits[place->audit.ref - 1].line == 0) {
        odm->audits[place->audit.ref - 1].line = odm->element->line;
    }
}

void odm_end_typed_data(struct odm *odm)
{
    memcpy(odm->value, odm->text, odm->text_len + 1);
    emit_item(odm, odm->line);
    odm->level = ODM_GROUP;
}
