#include "crf/study.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char META_SQL[] =
    "SELECT key, value FROM meta WHERE key IN ('data_version', 'as_of', 'source') ORDER BY key";

static const char PROVIDED_SQL[] =
    "SELECT table_name FROM provided WHERE is_provided = 0 ORDER BY table_name";

static const char STUDY_SITES_SQL[] =
    "SELECT st.study_id, st.protocol_no, si.site_id, si.site_no, si.name FROM study st"
    " JOIN site si ON si.study_id = st.study_id WHERE st.protocol_no = $1"
    " ORDER BY st.study_id, si.site_id";

static const char ONE_SITE_SQL[] =
    "SELECT st.study_id, st.protocol_no, si.site_id, si.site_no, si.name FROM study st"
    " JOIN site si ON si.study_id = st.study_id WHERE si.site_no = $1"
    " ORDER BY st.study_id, si.site_id";

static const char VISITS_SQL[] =
    "SELECT event_def_id, oid, ordinal, target_day FROM event_def WHERE study_id = $1"
    " ORDER BY event_def_id";

static const char FORMS_SQL[] =
    "SELECT form_def_id, oid FROM form_def WHERE study_id = $1 ORDER BY form_def_id";

static const char ITEMS_SQL[] =
    "SELECT i.item_def_id, i.form_def_id, i.oid, i.data_type, i.codelist FROM item_def i"
    " JOIN form_def f ON f.form_def_id = i.form_def_id WHERE f.study_id = $1"
    " ORDER BY i.form_def_id, i.item_def_id";

static enum status on_meta(void *arg, const struct db_rows *rows)
{
    struct crf_study *study = arg;
    const char *key = db_column_text(rows, 0);
    const char *value = db_column_text(rows, 1);
    if (strcmp(key, "as_of") == 0) {
        return reader_text(study->arena, rows, 1, &study->as_of);
    }
    if (strcmp(key, "source") == 0) {
        return reader_text(study->arena, rows, 1, &study->source);
    }
    study->data_version = value == NULL ? 0 : strtoll(value, NULL, 10);
    return STATUS_OK;
}

static const char *const PROPERTY_COLUMN[CHECK_PROPERTY_COUNT] = {
    [CHECK_SUBJECT_SEX] = "subject.sex",
    [CHECK_SUBJECT_BIRTH_YEAR] = "subject.birth_year",
    [CHECK_SUBJECT_SCREENED_ON] = "subject.screened_on",
    [CHECK_SUBJECT_CONSENT_ON] = "subject.consent_on",
    [CHECK_SUBJECT_CONSENT_VERSION] = "subject.consent_version",
    [CHECK_SUBJECT_ENROLLED_ON] = "subject.enrolled_on",
    [CHECK_SUBJECT_FIRST_DOSE_ON] = "subject.first_dose_on",
    [CHECK_SUBJECT_LAST_DOSE_ON] = "subject.last_dose_on",
    [CHECK_SUBJECT_DISCONT_ON] = "subject.discont_on",
    [CHECK_SUBJECT_LAST_SEEN_ON] = "subject.last_seen_on",
    [CHECK_VISIT_DATE] = "subject_event.visit_on",
    [CHECK_VISIT_STATUS] = "subject_event.status",
    [CHECK_VISIT_TARGET_DAY] = "event_def.target_day",
    [CHECK_FORM_ENTERED_ON] = "form.first_entry_at",
};

static enum status on_provided(void *arg, const struct db_rows *rows)
{
    struct crf_study *study = arg;
    const char *name = db_column_text(rows, 0);
    if (strcmp(name, "item_data") == 0 || strcmp(name, "item_data.value") == 0) {
        study->has_values = false;
    } else if (strcmp(name, "edit_check") == 0) {
        study->has_checks = false;
    }
    for (size_t i = 0; i < LENGTH_OF(PROPERTY_COLUMN); i++) {
        if (PROPERTY_COLUMN[i] != NULL && strcmp(name, PROPERTY_COLUMN[i]) == 0) {
            study->lacks[i] = true;
        }
    }
    return STATUS_OK;
}

struct search {
    struct crf_study *study;
    const struct crf_scope *scope;
};

/* A study that has the site, once for each: rows come study by study. */
static void note_study(struct crf_study *study, int64_t id, const char *protocol_no)
{
    if (study->n_studies > 0 && study->id == id) {
        return;
    }
    size_t len = strlen(study->studies);
    snprintf(study->studies + len, sizeof(study->studies) - len, "%s%s", len == 0 ? "" : ", ",
        protocol_no);
    study->id = id;
    study->n_studies++;
}

static enum status on_site(void *arg, const struct db_rows *rows)
{
    const struct search *search = arg;
    struct crf_study *study = search->study;
    const char *protocol_no = db_column_text(rows, 1);
    const char *site_no = db_column_text(rows, 3);
    if ((search->scope->study != NULL && strcmp(search->scope->study, protocol_no) != 0) ||
        (search->scope->site_no != NULL && strcmp(search->scope->site_no, site_no) != 0)) {
        return STATUS_OK;
    }
    note_study(study, db_column_integer(rows, 0), protocol_no);
    struct crf_site *site = array_add(&study->sites, sizeof(*site));
    if (site == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    site->id = db_column_integer(rows, 2);
    study->site_id = search->scope->site_no == NULL ? 0 : site->id;
    enum status status = reader_text(study->arena, rows, 1, &study->protocol_no);
    if (status == STATUS_OK) {
        status = reader_text(study->arena, rows, 3, &site->site_no);
    }
    if (status == STATUS_OK) {
        status = reader_text(study->arena, rows, 4, &site->name);
    }
    uint32_t place = (uint32_t)(study_n_sites(study) - 1);
    return status == STATUS_OK ? id_index_add(&study->site_index, site->id, place) : status;
}

static enum status find_study(
    const struct reader *reader, const struct crf_scope *scope, struct crf_study *study)
{
    struct search search = {study, scope};
    bool is_site = scope->site_no != NULL;
    struct db_value value = db_text(is_site ? scope->site_no : scope->study);
    enum status status =
        reader_rows(reader, is_site ? ONE_SITE_SQL : STUDY_SITES_SQL, &value, 1, on_site, &search);
    if (status != STATUS_OK || study->n_studies == 1) {
        return status;
    }
    if (study->n_studies > 1) {
        return error_set(reader->error, STATUS_FAILED_PRECONDITION,
            "%s \"%.80s\" is in %u studies (%s): say which with study=", is_site ? "site" : "study",
            is_site ? scope->site_no : scope->study, study->n_studies, study->studies);
    }
    if (!is_site) {
        return error_set(
            reader->error, STATUS_NOT_FOUND, "no study \"%.80s\" with sites", scope->study);
    }
    return error_set(reader->error, STATUS_NOT_FOUND, "no site \"%.80s\" in %s%.80s%s",
        scope->site_no, scope->study == NULL ? "any study" : "study \"",
        scope->study == NULL ? "" : scope->study, scope->study == NULL ? "" : "\"");
}

static enum status on_visit(void *arg, const struct db_rows *rows)
{
    struct crf_study *study = arg;
    struct check_event *event = array_add(&study->events, sizeof(*event));
    struct crf_visit *visit = array_add(&study->visits, sizeof(*visit));
    if (event == NULL || visit == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    event->id = db_column_integer(rows, 0);
    visit->ordinal = db_column_is_null(rows, 2) ? INT64_MAX : db_column_integer(rows, 2);
    if (!db_column_is_null(rows, 3)) {
        visit->target_day = check_value_integer(db_column_integer(rows, 3));
    }
    uint32_t place = (uint32_t)(study->events.len / sizeof(*event) - 1);
    enum status status = id_index_add(&study->visit_index, event->id, place);
    return status == STATUS_OK ? reader_text(study->arena, rows, 1, &event->oid) : status;
}

static enum status on_form(void *arg, const struct db_rows *rows)
{
    struct crf_study *study = arg;
    struct check_form *form = array_add(&study->check_forms, sizeof(*form));
    if (form == NULL || array_add(&study->forms, sizeof(struct crf_form_def)) == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    form->id = db_column_integer(rows, 0);
    uint32_t place = (uint32_t)(study->check_forms.len / sizeof(*form) - 1);
    enum status status = id_index_add(&study->form_index, form->id, place);
    return status == STATUS_OK ? reader_text(study->arena, rows, 1, &form->oid) : status;
}

static enum status on_item(void *arg, const struct db_rows *rows)
{
    struct crf_study *study = arg;
    uint32_t form;
    struct check_item *item = array_add(&study->check_items, sizeof(*item));
    struct crf_item *beside = array_add(&study->items, sizeof(*beside));
    if (item == NULL || beside == NULL ||
        !id_index_find(&study->form_index, db_column_integer(rows, 1), &form)) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    uint32_t place = (uint32_t)(study->check_items.len / sizeof(*item) - 1);
    struct check_form *forms = (struct check_form *)study->check_forms.data;
    if (forms[form].n_items++ == 0) {
        study_forms(study)[form].first_item = place;
    }
    item->id = db_column_integer(rows, 0);
    *beside = (struct crf_item){form, STUDY_NO_SLOT, check_kind_of(db_column_text(rows, 3))};
    enum status status = id_index_add(&study->item_index, item->id, place);
    if (status == STATUS_OK) {
        status = reader_text(study->arena, rows, 2, &item->oid);
    }
    if (status == STATUS_OK) {
        status = reader_text(study->arena, rows, 3, &item->data_type);
    }
    return status == STATUS_OK ? reader_text(study->arena, rows, 4, &item->codelist) : status;
}

/* Items by form are known once all of them have their final place. */
static void make_schema(struct crf_study *study)
{
    struct check_form *forms = (struct check_form *)study->check_forms.data;
    size_t n_forms = study->check_forms.len / sizeof(*forms);
    const struct check_item *items = (const struct check_item *)study->check_items.data;
    for (size_t i = 0; i < n_forms; i++) {
        forms[i].items = forms[i].n_items == 0 ? NULL : &items[study_forms(study)[i].first_item];
    }
    study->schema = (struct check_schema){.forms = forms,
        .n_forms = n_forms,
        .events = (const struct check_event *)study->events.data,
        .n_events = study->events.len / sizeof(struct check_event)};
}

static void prepare(struct crf_study *study, const struct crf_scope *scope, struct arena *arena)
{
    struct buffer *const ARRAYS[] = {&study->sites, &study->visits, &study->forms, &study->items,
        &study->checks, &study->by_form, &study->events, &study->check_forms, &study->check_items};
    *study = (struct crf_study){
        .arena = arena, .subject_no = scope->subject_no, .has_values = true, .has_checks = true};
    for (size_t i = 0; i < LENGTH_OF(ARRAYS); i++) {
        ARRAYS[i]->len_max = STUDY_MEMORY_MAX;
    }
}

enum status study_load(const struct reader *reader, const struct crf_scope *scope,
    struct arena *arena, struct crf_study *study)
{
    prepare(study, scope, arena);
    enum status status = reader_rows(reader, META_SQL, NULL, 0, on_meta, study);
    if (status == STATUS_OK) {
        status = reader_rows(reader, PROVIDED_SQL, NULL, 0, on_provided, study);
    }
    if (status == STATUS_OK) {
        status = find_study(reader, scope, study);
    }
    const struct db_value id = db_integer(study->id);
    if (status == STATUS_OK) {
        status = reader_rows(reader, VISITS_SQL, &id, 1, on_visit, study);
    }
    if (status == STATUS_OK) {
        status = reader_rows(reader, FORMS_SQL, &id, 1, on_form, study);
    }
    if (status == STATUS_OK) {
        status = reader_rows(reader, ITEMS_SQL, &id, 1, on_item, study);
    }
    make_schema(study);
    if (status == STATUS_RESOURCE_EXHAUSTED && reader->error != NULL &&
        reader->error->status == STATUS_OK) {
        return error_set(reader->error, status,
            "the definitions of the study take more than %d MiB", STUDY_MEMORY_MAX >> 20);
    }
    return status;
}

void study_finish(struct crf_study *study)
{
    struct buffer *const ARRAYS[] = {&study->sites, &study->visits, &study->forms, &study->items,
        &study->checks, &study->by_form, &study->events, &study->check_forms, &study->check_items};
    for (size_t i = 0; i < LENGTH_OF(ARRAYS); i++) {
        buffer_finish(ARRAYS[i]);
    }
    id_index_finish(&study->site_index);
    id_index_finish(&study->visit_index);
    id_index_finish(&study->form_index);
    id_index_finish(&study->item_index);
}
