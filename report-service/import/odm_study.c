/* The study, its versions and what they are made of down to the item group. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "import/odm_internal.h"
#include "schema/calendar.h"

void odm_start_root(struct odm *odm)
{
    const char *type = odm_required(odm, "FileType");
    const char *oid = odm_required(odm, "FileOID");
    const char *created = odm_required(odm, "CreationDateTime");
    const char *as_of = odm_attribute(odm, "AsOfDateTime");
    const char *version = odm_attribute(odm, "ODMVersion");
    int64_t stamp;
    char date[16];
    odm->has_root = true;
    odm->is_transactional = strcmp(type, "Transactional") == 0;
    if (type[0] != '\0' && !odm->is_transactional && strcmp(type, "Snapshot") != 0) {
        odm_bad(odm, odm->element->line,
            "FileType=\"%.40s\": \"Snapshot\" or \"Transactional\" is expected", type);
    }
    if (version != NULL && strcmp(version, "1.3") != 0 && strncmp(version, "1.3.", 4) != 0) {
        odm_bad(odm, odm->element->line, "ODMVersion=\"%.20s\": 1.3 to 1.3.2 are read", version);
    }
    if (created[0] != '\0' && !calendar_parse_instant(created, &stamp)) {
        odm_bad(odm, odm->element->line, "CreationDateTime=\"%.40s\" is no date and time", created);
    }
    const char *day = as_of != NULL ? as_of : created;
    if (day[0] != '\0' && !odm_parse_date(day, date)) {
        odm_bad(odm, odm->element->line, "\"%.40s\" is no date", day);
    } else if (day[0] != '\0') {
        odm->as_of = odm_keep(odm, date);
    }
    odm->file_oid = odm_keep(odm, oid);
}

void odm_start_study(struct odm *odm)
{
    const char *oid = odm_required(odm, "OID");
    if (odm->has_study) {
        odm_fail(odm, STATUS_DATA_LOSS,
            "%s:%" PRIu64 ": a second study, \"%.60s\" after \"%.60s\": import them one by one",
            odm->file_name, odm->element->line, oid, odm->study_oid);
        return;
    }
    odm->has_study = true;
    odm->study_oid = odm_keep(odm, oid);
}

void odm_end_study_name(struct odm *odm)
{
    odm->study_name = odm_keep(odm, odm->text);
}

void odm_end_study_description(struct odm *odm)
{
    odm->study_description = odm_keep(odm, odm->text);
}

void odm_end_protocol_name(struct odm *odm)
{
    odm->protocol_name = odm_keep(odm, odm->text);
}

void odm_start_unit(struct odm *odm)
{
    (void)odm_index_define(odm, &odm->units, sizeof(struct odm_definition), "unit");
}

void odm_start_version(struct odm *odm)
{
    const char *oid = odm_required(odm, "OID");
    int64_t number;
    odm->n_versions++;
    if (keymap_get(odm->version_oids, oid, &number)) {
        odm_bad(odm, odm->element->line, "MetaDataVersion \"%.60s\" is defined twice", oid);
    } else if (!keymap_put(odm->version_oids, oid, odm->n_versions)) {
        odm_fail_memory(odm);
    }
    odm->version_oid = odm_keep(odm, oid);
}

void odm_start_protocol_event(struct odm *odm)
{
    odm_reference_add(odm, &odm->protocol_events, odm_required(odm, "StudyEventOID"), false);
}

void odm_start_event(struct odm *odm)
{
    struct odm_event_def *event =
        odm_index_define(odm, &odm->events, sizeof(*event), "StudyEventDef");
    bool is_repeating = odm_is_yes(odm, "Repeating");
    if (event != NULL) {
        event->is_repeating = is_repeating;
        (void)odm_required(odm, "Repeating");
    }
}

void odm_start_form_ref(struct odm *odm)
{
    struct odm_event_def *event = (struct odm_event_def *)odm->current;
    if (event != NULL) {
        odm_reference_add(
            odm, &event->forms, odm_required(odm, "FormOID"), odm_is_yes(odm, "Mandatory"));
    }
}

void odm_start_form(struct odm *odm)
{
    (void)odm_index_define(odm, &odm->forms, sizeof(struct odm_form_def), "FormDef");
}

void odm_start_group_ref(struct odm *odm)
{
    struct odm_form_def *form = (struct odm_form_def *)odm->current;
    if (form != NULL) {
        odm_reference_add(
            odm, &form->groups, odm_required(odm, "ItemGroupOID"), odm_is_yes(odm, "Mandatory"));
    }
}

void odm_start_group(struct odm *odm)
{
    struct odm_group_def *group =
        odm_index_define(odm, &odm->groups, sizeof(*group), "ItemGroupDef");
    bool is_repeating = odm_is_yes(odm, "Repeating");
    if (group != NULL) {
        group->is_repeating = is_repeating;
    }
}

void odm_start_item_ref(struct odm *odm)
{
    struct odm_group_def *group = (struct odm_group_def *)odm->current;
    if (group != NULL) {
        odm_reference_add(
            odm, &group->items, odm_required(odm, "ItemOID"), odm_is_yes(odm, "Mandatory"));
    }
}

/* Every version is checked at its end, so that an error names the line of the reference. */
static void check_version(struct odm *odm)
{
    odm_check_references(odm, &odm->protocol_events, &odm->events, "StudyEventDef");
    for (size_t i = 0; i < odm->events.n_items; i++) {
        const struct odm_event_def *event = (const struct odm_event_def *)odm->events.items[i];
        odm_check_references(odm, &event->forms, &odm->forms, "FormDef");
    }
    for (size_t i = 0; i < odm->forms.n_items; i++) {
        const struct odm_form_def *form = (const struct odm_form_def *)odm->forms.items[i];
        odm_check_references(odm, &form->groups, &odm->groups, "ItemGroupDef");
    }
    for (size_t i = 0; i < odm->groups.n_items; i++) {
        const struct odm_group_def *group = (const struct odm_group_def *)odm->groups.items[i];
        odm_check_references(odm, &group->items, &odm->items, "ItemDef");
    }
    for (size_t i = 0; i < odm->items.n_items; i++) {
        const struct odm_item_def *item = (const struct odm_item_def *)odm->items.items[i];
        if (item->unit_oid != NULL && odm_index_find(&odm->units, item->unit_oid) < 0) {
            odm_bad(
                odm, item->base.line, "MeasurementUnit \"%.60s\" is not defined", item->unit_oid);
        }
        if (item->code_list_oid != NULL &&
            odm_index_find(&odm->code_lists, item->code_list_oid) < 0) {
            odm_bad(odm, item->base.line, "CodeList \"%.60s\" is not defined", item->code_list_oid);
        }
    }
}

void odm_end_version(struct odm *odm)
{
    if (odm->complaints.n == 0) {
        check_version(odm); /* after an error, what does not fit may only follow from it */
    }
}

void odm_end_study(struct odm *odm)
{
    if (odm->study_name == NULL || odm->protocol_name == NULL) {
        odm_bad(odm, odm->line, "<Study> has no GlobalVariables with StudyName and ProtocolName");
    }
}
