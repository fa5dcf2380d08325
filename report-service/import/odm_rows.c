/* A subject's rows: the subject, its events, their forms and items, and what the items mean. */
#include <string.h>

#include "import/odm_subject.h"

static struct db_value date_or_null(const char *date)
{
    return db_text(date[0] == '\0' ? NULL : date);
}

static void write_subject(struct subject_data *data, const struct subject_facts *facts)
{
    struct odm *odm = data->odm;
    data->id = dataset_key(odm->dataset, TABLE_SUBJECT);
    dataset_add(odm->dataset, TABLE_SUBJECT,
        (struct db_value[]){db_integer(data->id), db_integer(data->subject->location->base.id),
            db_text(data->subject->key), db_text(facts->status), db_text(facts->sex),
            dataset_stamp(facts->birth_year), date_or_null(facts->screened_on),
            date_or_null(facts->n_consents == 0 ? "" : facts->consents[0].signed_on),
            db_text(facts->n_consents == 0 ? NULL : facts->consents[0].version),
            date_or_null(facts->enrolled_on), db_text(facts->random_number), db_text(facts->arm),
            date_or_null(facts->first_dose_on), date_or_null(facts->last_dose_on),
            date_or_null(facts->discont_on), db_text(facts->discont_reason),
            db_text(facts->treatment_status), db_text(facts->treatment_reason),
            date_or_null(facts->last_seen_on)},
        19);
    for (size_t i = 0; i < facts->n_consents; i++) {
        dataset_add(odm->dataset, TABLE_CONSENT,
            (struct db_value[]){db_integer(dataset_key(odm->dataset, TABLE_CONSENT)),
                db_integer(data->id), db_text(facts->consents[i].version),
                db_text(facts->consents[i].signed_on)},
            4);
    }
}

static void write_item(struct odm *odm, int64_t form_id, const struct subject_group *group,
    const struct subject_item *item)
{
    int64_t id = dataset_key(odm->dataset, TABLE_ITEM_DATA);
    dataset_add(odm->dataset, TABLE_ITEM_DATA,
        (struct db_value[]){db_integer(id), db_integer(form_id),
            db_integer(odm->fields[item->field].id), db_integer(group->place.repeat_no),
            db_text(item->value), db_integer(item->n_changes)},
        6);
    for (const struct subject_change *change = item->changes; change != NULL;
         change = change->next) {
        const struct trail_line line = {change->at, change->user, form_id, id, change->action,
            change->old_value, change->new_value, change->reason};
        odm_trail_add(odm, &line);
    }
}

/* Complete when every item that the study wants is there. */
static bool is_complete(const struct odm *odm, const struct subject_form *form)
{
    bool has_value = false;
    for (const struct subject_group *group = form->groups; group != NULL; group = group->next) {
        for (const struct subject_item *item = group->items; item != NULL; item = item->next) {
            bool is_empty = item->value == NULL || item->value[0] == '\0';
            if (is_empty && odm->fields[item->field].is_mandatory) {
                return false;
            }
            has_value = has_value || !is_empty;
        }
    }
    return has_value;
}

static void write_form(
    struct subject_data *data, const struct subject_event *event, const struct subject_form *form)
{
    struct odm *odm = data->odm;
    int64_t id = dataset_key(odm->dataset, TABLE_FORM);
    dataset_add(odm->dataset, TABLE_FORM,
        (struct db_value[]){db_integer(id), db_integer(event->id),
            db_integer(odm->forms.items[form->place.definition]->id),
            db_integer(form->place.repeat_no),
            db_text(is_complete(odm, form) ? "complete" : "incomplete"),
            dataset_stamp(form->first_entry_at), dataset_stamp(form->last_change_at), db_integer(0),
            db_null(), db_null(), dataset_stamp(form->signed_at), db_null()},
        12);
    if (form->signed_at != 0) {
        const struct trail_line line = {
            form->signed_at, form->signed_by, id, 0, "sign", NULL, NULL, NULL};
        odm_trail_add(odm, &line);
    }
    for (const struct subject_group *group = form->groups; group != NULL; group = group->next) {
        for (const struct subject_item *item = group->items; item != NULL; item = item->next) {
            write_item(odm, id, group, item);
        }
        subject_write_group(data, event, group);
    }
}

void subject_write(struct subject_data *data)
{
    struct odm *odm = data->odm;
    struct subject_facts facts;
    subject_find_facts(data, &facts);
    write_subject(data, &facts);
    for (struct subject_event *event = data->events; event != NULL; event = event->next) {
        event->id = dataset_key(odm->dataset, TABLE_SUBJECT_EVENT);
        dataset_add(odm->dataset, TABLE_SUBJECT_EVENT,
            (struct db_value[]){db_integer(event->id), db_integer(data->id),
                db_integer(odm->events.items[event->place.definition]->id),
                db_integer(event->place.repeat_no), date_or_null(event->visit_on), db_text("done")},
            6);
        for (const struct subject_form *form = event->forms; form != NULL; form = form->next) {
            write_form(data, event, form);
        }
    }
}
