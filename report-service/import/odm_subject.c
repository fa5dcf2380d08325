#include "import/odm_subject.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

enum { RECORDS_PER_POLL = 1024 };

/* Items come in the same order again and again: the search goes on behind the last one found. */
static struct subject_item *find_item(
    struct subject_data *data, struct subject_group *group, int32_t field)
{
    struct subject_item *begin = group->found == NULL ? group->items : group->found->next;
    for (struct subject_item *one = begin; one != NULL; one = one->next) {
        if (one->field == field) {
            return group->found = one;
        }
    }
    for (struct subject_item *one = group->items; one != begin; one = one->next) {
        if (one->field == field) {
            return group->found = one;
        }
    }
    struct subject_item *item = arena_alloc(data->arena, sizeof(*item));
    if (item == NULL) {
        return NULL;
    }
    item->field = field;
    if (group->last_item == NULL) {
        group->items = item;
    } else {
        group->last_item->next = item;
    }
    group->last_item = item;
    return group->found = item;
}

static void note_time(struct subject_form *form, int64_t at, bool is_first_entry)
{
    if (at == 0) {
        return;
    }
    if (is_first_entry && (form->first_entry_at == 0 || at < form->first_entry_at)) {
        form->first_entry_at = at;
    }
    form->last_change_at = at > form->last_change_at ? at : form->last_change_at;
}

static void add_change(struct subject_data *data, struct subject_item *item,
    const struct odm_record *record, const char *action, const char *old_value, const char *reason)
{
    struct odm *odm = data->odm;
    if (record->at == 0) {
        odm->n_unstamped++;
        return;
    }
    odm->n_stamped++;
    struct subject_change *change = arena_alloc(data->arena, sizeof(*change));
    if (change == NULL) {
        return;
    }
    *change = (struct subject_change){NULL, record->at, record->user, action, old_value,
        item->value, reason[0] == '\0' ? NULL : arena_copy_text(data->arena, reason)};
    if (item->last_change == NULL) {
        item->changes = change;
    } else {
        item->last_change->next = change;
    }
    item->last_change = change;
}

static bool is_same(const char *one, const char *other)
{
    return one == NULL || other == NULL ? one == other : strcmp(one, other) == 0;
}

static void change_item(struct subject_data *data, struct subject_item *item,
    const struct odm_record *record, const char *reason, const char *value)
{
    const char *old_value = item->value;
    item->value = value;
    item->n_changes++;
    add_change(data, item, record, "update", old_value, reason);
}

/* A snapshot holds an item once. If its audit record gives a reason for a change, it is an update
 * of a value that the file does not tell; first entries have none. */
static void insert_item(struct subject_data *data, struct subject_form *form,
    struct subject_item *item, const struct odm_record *record, const char *reason,
    const char *value)
{
    bool is_update = record->transaction == ODM_UPDATE || reason[0] != '\0';
    bool was_there_before = item->n_changes > 0; /* entered again after a removal */
    item->value = value;
    item->is_there = true;
    item->n_changes += was_there_before ? 1 : 0;
    data->odm->n_orphan_updates += record->transaction == ODM_UPDATE ? 1 : 0;
    add_change(data, item, record, is_update ? "update" : "insert", NULL, reason);
    note_time(form, record->at, !is_update);
}

static void remove_item(struct subject_data *data, struct subject_item *item,
    const struct odm_record *record, const char *reason)
{
    const char *old_value = item->value;
    if (!item->is_there) {
        return;
    }
    item->value = NULL;
    item->is_there = false;
    item->n_changes++;
    add_change(data, item, record, "delete", old_value, reason);
}

static void apply_item(struct subject_data *data, const struct odm_record *record,
    const char *reason, const char *text)
{
    struct subject_item *item = find_item(data, data->group, record->field);
    if (item == NULL) {
        return;
    }
    bool is_removal = record->transaction == ODM_REMOVE;
    const char *value = record->is_null || is_removal ? NULL : arena_copy_text(data->arena, text);
    if (is_removal) {
        remove_item(data, item, record, reason);
        note_time(data->form, record->at, false);
    } else if (!item->is_there) {
        insert_item(data, data->form, item, record, reason, value);
    } else if (record->transaction == ODM_INSERT) {
        odm_bad(data->odm, record->line,
            "item \"%.60s\" comes twice in one group of subject \"%.60s\"",
            data->odm->fields[record->field].item->base.oid, data->subject->key);
    } else if (record->transaction == ODM_UPDATE || !is_same(item->value, value)) {
        change_item(data, item, record, reason, value);
        note_time(data->form, record->at, false);
    }
}

/* Everything in a container that was removed goes, too. */
static void remove_group(struct subject_data *data, struct subject_group *group,
    const struct odm_record *record, const char *reason)
{
    for (struct subject_item *item = group->items; item != NULL; item = item->next) {
        remove_item(data, item, record, reason);
    }
}

static void remove_form(struct subject_data *data, struct subject_form *form,
    const struct odm_record *record, const char *reason)
{
    for (struct subject_group *group = form->groups; group != NULL; group = group->next) {
        remove_group(data, group, record, reason);
    }
}

static void remove_container(
    struct subject_data *data, const struct odm_record *record, const char *reason)
{
    switch ((enum odm_level)record->level) {
    case ODM_SUBJECT:
        data->is_removed = true;
        return;
    case ODM_EVENT:
        assert(data->event != NULL);
        for (struct subject_form *form = data->event->forms; form != NULL; form = form->next) {
            remove_form(data, form, record, reason);
        }
        return;
    case ODM_FORM:
        assert(data->form != NULL);
        remove_form(data, data->form, record, reason);
        return;
    case ODM_GROUP:
        assert(data->group != NULL);
        remove_group(data, data->group, record, reason);
        return;
    case ODM_ITEM:
    case ODM_LEVELS:
        return;
    }
}

static void sign_form(struct subject_form *form, const struct odm_record *record)
{
    if (record->at > form->signed_at) {
        form->signed_at = record->at;
        form->signed_by = record->user;
    }
}

/* A signature of a visit or of the subject signs every page in it that is there so far. */
static void sign(struct subject_data *data, const struct odm_record *record)
{
    data->odm->n_signatures++;
    if (data->form != NULL) {
        sign_form(data->form, record);
        return;
    }
    for (struct subject_event *event = data->events; event != NULL; event = event->next) {
        for (struct subject_form *form = event->forms; form != NULL; form = form->next) {
            if (data->event == NULL || event == data->event) {
                sign_form(form, record);
            }
        }
    }
}

void subject_apply(struct subject_data *data, const struct odm_record *record, const char *reason,
    const char *value)
{
    subject_find_places(data, record);
    if (data->has_failed || arena_has_failed(data->arena)) {
        odm_fail(data->odm, STATUS_RESOURCE_EXHAUSTED, "%s: subject \"%.60s\" has more than %d MiB",
            data->odm->file_name, data->subject->key, ODM_SUBJECT_MEMORY_MAX >> 20);
        return;
    }
    if (record->kind == ODM_RECORD_ITEM) {
        assert(data->group != NULL); /* an item's record names its group */
        apply_item(data, record, reason, value);
    } else if (record->kind == ODM_RECORD_SIGNATURE) {
        sign(data, record);
    } else if (record->transaction == ODM_REMOVE) {
        remove_container(data, record, reason);
    } else if (record->level == ODM_SUBJECT) {
        data->is_removed = false; /* put in again */
    }
}

/* Take a record apart; what refers to a stored audit record gets its contents. */
static void apply(struct subject_data *data, const struct sorter_record *sorted)
{
    struct odm *odm = data->odm;
    struct odm_record record;
    static const char NOTHING[] = "";
    memcpy(&record, sorted->data, sizeof(record));
    const char *bytes = (const char *)sorted->data + sizeof(record);
    char reason[ODM_REASON_MAX];
    memcpy(reason, bytes, record.reason_len);
    reason[record.reason_len] = '\0';
    memcpy(odm->value, bytes + record.reason_len, record.value_len);
    odm->value[record.value_len] = '\0';
    const char *why = reason;
    if (record.ref > 0) {
        const struct odm_stored_audit *stored = &odm->audits[record.ref - 1];
        record.at = stored->at;
        record.user = stored->user;
        why = stored->reason == NULL ? NOTHING : stored->reason;
    }
    subject_apply(data, &record, why, odm->value);
}

static void finish(struct subject_data *data)
{
    keymap_free(data->places);
    id_set_free(data->sequences);
    arena_free(data->arena);
}

/* One subject: its records, the next of which is in `sorted`, then its rows. */
static void write_one(
    struct odm *odm, int64_t number, struct sorter_record *sorted, bool *has_record)
{
    CLEANUP(finish)
    struct subject_data data = {.odm = odm,
        .subject = &odm->subjects[number],
        .arena = arena_new(ODM_SUBJECT_MEMORY_MAX),
        .places = keymap_new(),
        .sequences = id_set_new()};
    if (data.arena == NULL || data.places == NULL || data.sequences == NULL) {
        odm_fail_memory(odm);
    }
    while (odm->status == STATUS_OK && *has_record && sorted->key == number) {
        apply(&data, sorted);
        if (++odm->n_values % RECORDS_PER_POLL == 0 && dataset_status(odm->dataset) != STATUS_OK) {
            odm_fail(odm, dataset_status(odm->dataset), "%s", dataset_error_text(odm->dataset));
        }
        enum status status = sorter_next(odm->records, sorted, has_record, &odm->error);
        odm->status = odm->status == STATUS_OK ? status : odm->status;
    }
    progress_at(odm->progress, odm->n_values, odm->n_values);
    if (odm->status != STATUS_OK) {
        return;
    }
    if (data.is_removed) {
        odm->n_removed_subjects++;
    } else if (data.subject->location == NULL) {
        odm_bad(odm, data.subject->line,
            "subject \"%.60s\" has no SiteRef: a report is of one site", data.subject->key);
    } else {
        subject_write(&data);
    }
}

void odm_write_subjects(struct odm *odm)
{
    struct sorter_record sorted;
    bool has_record = false;
    progress_begin(odm->progress, "writing", sorter_count(odm->records));
    enum status status = sorter_next(odm->records, &sorted, &has_record, &odm->error);
    odm->status = odm->status == STATUS_OK ? status : odm->status;
    for (size_t i = 0; odm->status == STATUS_OK && i < odm->n_subjects; i++) {
        write_one(odm, (int64_t)i, &sorted, &has_record);
        if (dataset_status(odm->dataset) != STATUS_OK) {
            odm_fail(odm, dataset_status(odm->dataset), "%s", dataset_error_text(odm->dataset));
        }
    }
}
