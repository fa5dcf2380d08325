/* Rows of what the study defines: made once, before the first row of its data. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/odm_internal.h"

enum { FIELD_KEY_MAX = 3 * ODM_OID_LEN_MAX + 8 };

static void write_study(struct odm *odm)
{
    const char *protocol_no = odm->protocol_name != NULL && odm->protocol_name[0] != '\0'
                                  ? odm->protocol_name
                                  : odm->study_oid;
    dataset_add(odm->dataset, TABLE_STUDY,
        (struct db_value[]){db_integer(dataset_key(odm->dataset, TABLE_STUDY)),
            db_text(odm->study_oid), db_text(protocol_no), db_text(odm->study_name), db_null(),
            db_text(odm->version_oid)},
        6);
    dataset_add(odm->dataset, TABLE_CTMS_STUDY,
        (struct db_value[]){db_integer(dataset_key(odm->dataset, TABLE_CTMS_STUDY)),
            db_text(protocol_no), db_text(odm->study_name), db_null(), db_null(), db_null(),
            db_null(), db_null(), db_null(), db_null()},
        10);
}

/* A user's login is unique in the EDC; ODM's LoginName need not be there, its OID is. */
static void write_users(struct odm *odm)
{
    struct keymap *logins = keymap_new();
    for (size_t i = 0; logins != NULL && i < odm->users.n_items; i++) {
        const struct odm_user *user = (const struct odm_user *)odm->users.items[i];
        const char *login =
            user->login != NULL && user->login[0] != '\0' ? user->login : user->base.oid;
        const char *name = user->full_name;
        int64_t number;
        if (name == NULL && (user->first_name != NULL || user->last_name != NULL)) {
            name =
                arena_printf(odm->arena, "%s%s%s", user->first_name == NULL ? "" : user->first_name,
                    user->first_name == NULL || user->last_name == NULL ? "" : " ",
                    user->last_name == NULL ? "" : user->last_name);
        }
        if (keymap_get(logins, login, &number)) {
            odm_bad(odm, user->base.line, "LoginName \"%.60s\" is another user's, too", login);
            continue;
        }
        if (!keymap_put(logins, login, 1)) {
            odm_fail_memory(odm);
        }
        dataset_add(odm->dataset, TABLE_APP_USER,
            (struct db_value[]){
                db_integer(user->base.id), db_text(login), db_text(name), db_text(user->role)},
            4);
    }
    if (logins == NULL) {
        odm_fail_memory(odm);
    }
    keymap_free(logins);
}

/* In the protocol's order, then what the protocol does not list. */
static void write_events(struct odm *odm)
{
    int64_t ordinal = 0;
    for (const struct odm_reference *one = odm->protocol_events.first; one != NULL;
         one = one->next) {
        int64_t number = odm_index_find(&odm->events, one->oid);
        if (number >= 0) {
            ((struct odm_event_def *)odm->events.items[number])->ordinal = ++ordinal;
        }
    }
    for (size_t i = 0; i < odm->events.n_items; i++) {
        struct odm_event_def *event = (struct odm_event_def *)odm->events.items[i];
        event->ordinal = event->ordinal == 0 ? ++ordinal : event->ordinal;
        event->base.id = dataset_key(odm->dataset, TABLE_EVENT_DEF);
        dataset_add(odm->dataset, TABLE_EVENT_DEF,
            (struct db_value[]){db_integer(event->base.id), db_integer(1), db_text(event->base.oid),
                db_text(event->base.name), db_integer(event->ordinal), db_null(), db_null(),
                db_null(), db_integer(event->is_repeating ? 1 : 0)},
            9);
    }
}

/* The tightest bounds that range checks of single numbers set, NULL where they set none. */
static void find_bounds(
    const struct odm_item_def *item, struct db_value *ret_low, struct db_value *ret_high)
{
    *ret_low = db_null();
    *ret_high = db_null();
    for (const struct odm_range_check *check = item->checks; check != NULL; check = check->next) {
        if (check->comparator == NULL || check->values == NULL) {
            continue;
        }
        char *end;
        double number = strtod(check->values->text, &end);
        if (check->values->next != NULL || end == check->values->text || *end != '\0' ||
            !isfinite(number)) {
            continue;
        }
        if (check->comparator[0] == 'G' && (ret_low->kind == DB_NULL || number > ret_low->real)) {
            *ret_low = db_real(number);
        }
        if (check->comparator[0] == 'L' && (ret_high->kind == DB_NULL || number < ret_high->real)) {
            *ret_high = db_real(number);
        }
    }
}

static int64_t add_field(struct odm *odm, const struct odm_item_def *item, bool is_mandatory)
{
    if (odm->n_fields == odm->n_fields_max) {
        size_t n_fields_max = odm->n_fields_max == 0 ? 256 : odm->n_fields_max * 2;
        struct odm_field *fields = realloc(odm->fields, n_fields_max * sizeof(*fields));
        if (fields == NULL) {
            odm_fail_memory(odm);
            return 0;
        }
        odm->fields = fields;
        odm->n_fields_max = n_fields_max;
    }
    int64_t id = dataset_key(odm->dataset, TABLE_ITEM_DEF);
    odm->fields[odm->n_fields++] = (struct odm_field){id, item, is_mandatory};
    return id;
}

const char *odm_codes_of(const struct odm *odm, const struct odm_item_def *item)
{
    int64_t list =
        item->code_list_oid == NULL ? -1 : odm_index_find(&odm->code_lists, item->code_list_oid);
    return list < 0 ? NULL : ((const struct odm_code_list *)odm->code_lists.items[list])->codes;
}

static void write_item(struct odm *odm, const struct odm_form_def *form,
    const struct odm_group_def *group, const struct odm_reference *reference)
{
    int64_t number = odm_index_find(&odm->items, reference->oid);
    if (number < 0) {
        return;
    }
    const struct odm_item_def *item = (const struct odm_item_def *)odm->items.items[number];
    char key[FIELD_KEY_MAX];
    snprintf(key, sizeof(key), "%s|%s|%s", form->base.oid, group->base.oid, item->base.oid);
    if (!keymap_put(odm->field_map, key, (int64_t)odm->n_fields)) {
        odm_fail_memory(odm);
    }
    int64_t id = add_field(odm, item, reference->is_mandatory);
    odm->n_fields_seen[item->kind]++;
    int64_t unit = item->unit_oid == NULL ? -1 : odm_index_find(&odm->units, item->unit_oid);
    struct db_value low;
    struct db_value high;
    find_bounds(item, &low, &high);
    dataset_add(odm->dataset, TABLE_ITEM_DEF,
        (struct db_value[]){db_integer(id), db_integer(form->base.id), db_text(item->base.oid),
            db_text(item->question != NULL ? item->question : item->base.name),
            db_text(item->data_type), db_text(unit < 0 ? NULL : odm->units.items[unit]->name),
            db_integer(reference->is_mandatory ? 1 : 0), low, high,
            db_text(odm_codes_of(odm, item))},
        10);
}

static void write_forms(struct odm *odm)
{
    for (size_t i = 0; i < odm->forms.n_items; i++) {
        struct odm_form_def *form = (struct odm_form_def *)odm->forms.items[i];
        form->first_field = odm->n_fields;
        form->base.id = dataset_key(odm->dataset, TABLE_FORM_DEF);
        dataset_add(odm->dataset, TABLE_FORM_DEF,
            (struct db_value[]){db_integer(form->base.id), db_integer(1), db_text(form->base.oid),
                db_text(form->base.name), db_null(), db_integer(0)},
            6);
        for (const struct odm_reference *one = form->groups.first; one != NULL; one = one->next) {
            int64_t number = odm_index_find(&odm->groups, one->oid);
            if (number < 0) {
                continue;
            }
            const struct odm_group_def *group =
                (const struct odm_group_def *)odm->groups.items[number];
            for (const struct odm_reference *item = group->items.first; item != NULL;
                 item = item->next) {
                write_item(odm, form, group, item);
                odm_write_checks(odm, i, group, one->is_mandatory, item);
            }
        }
        form->n_fields = odm->n_fields - form->first_field;
    }
}

void odm_define(struct odm *odm)
{
    if (odm->is_defined) {
        return;
    }
    odm->is_defined = true;
    if (!odm->has_study) {
        odm_bad(odm, 1, "no <Study> comes before the data");
        return;
    }
    write_study(odm);
    write_users(odm);
    write_events(odm);
    write_forms(odm);
    odm_try_checks(odm);
}
