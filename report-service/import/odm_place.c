/* Where a record stands in its subject: found by key, so that a subject of any number of events,
 * forms and groups costs what its records cost. */
#include <inttypes.h>
#include <stdio.h>

#include "import/odm_subject.h"

enum { KEY_MAX = 64 };

/* The place of a key among its siblings: a number as it is, a text after those before it. */
static int64_t repeat_no_of(int32_t repeat, int64_t n_before)
{
    return repeat < ODM_REPEAT_NUMBER_MAX ? repeat : n_before + 1;
}

static bool is_at(
    const struct subject_place *place, int64_t parent, int32_t definition, int32_t repeat)
{
    return place != NULL && place->parent == parent && place->definition == definition &&
           place->repeat == repeat;
}

/* A new place of `size` bytes that is found again by its key. */
static struct subject_place *add_place(struct subject_data *data, const char *key, int64_t parent,
    int32_t definition, int32_t repeat, size_t size)
{
    char siblings[KEY_MAX];
    int64_t n_before = 0;
    struct subject_place *place = arena_alloc(data->arena, size);
    snprintf(siblings, sizeof(siblings), "%" PRId64 "|%" PRId32, parent, definition);
    (void)keymap_get(data->places, siblings, &n_before);
    if (place == NULL || !keymap_put(data->places, siblings, n_before + 1) ||
        !keymap_put(data->places, key, (int64_t)(intptr_t)place)) {
        data->has_failed = true;
        return NULL;
    }
    *place = (struct subject_place){.parent = parent,
        .number = ++data->n_places,
        .definition = definition,
        .repeat = repeat,
        .repeat_no = repeat_no_of(repeat, n_before)};
    return place;
}

/* The place of this key, made when it is new; NULL: out of memory. `recent` is looked at first:
 * most records stand where the one before stood. */
static struct subject_place *find_place(struct subject_data *data, struct subject_place *recent,
    int64_t parent, int32_t definition, int32_t repeat, size_t size)
{
    char key[KEY_MAX];
    int64_t found;
    if (is_at(recent, parent, definition, repeat)) {
        return recent;
    }
    snprintf(key, sizeof(key), "%" PRId64 "|%" PRId32 "|%" PRId32, parent, definition, repeat);
    return keymap_get(data->places, key, &found)
               ? (struct subject_place *)(intptr_t)found
               : add_place(data, key, parent, definition, repeat, size);
}

static struct subject_event *find_event(struct subject_data *data, const struct odm_record *record)
{
    int64_t n_before = data->n_places;
    struct subject_event *event =
        (struct subject_event *)find_place(data, data->event == NULL ? NULL : &data->event->place,
            0, record->event, record->event_repeat, sizeof(*event));
    if (data->n_places > n_before) {
        *(data->last_event == NULL ? &data->events : &data->last_event->next) = event;
        data->last_event = event;
    }
    return event;
}

static struct subject_form *find_form(
    struct subject_data *data, struct subject_event *event, const struct odm_record *record)
{
    int64_t n_before = data->n_places;
    struct subject_form *form =
        (struct subject_form *)find_place(data, data->form == NULL ? NULL : &data->form->place,
            event->place.number, record->form, record->form_repeat, sizeof(*form));
    if (data->n_places > n_before) {
        *(event->last_form == NULL ? &event->forms : &event->last_form->next) = form;
        event->last_form = form;
    }
    return form;
}

static struct subject_group *find_group(
    struct subject_data *data, struct subject_form *form, const struct odm_record *record)
{
    int64_t n_before = data->n_places;
    struct subject_group *group =
        (struct subject_group *)find_place(data, data->group == NULL ? NULL : &data->group->place,
            form->place.number, record->group, record->group_repeat, sizeof(*group));
    if (data->n_places > n_before) {
        *(form->last_group == NULL ? &form->groups : &form->last_group->next) = group;
        form->last_group = group;
    }
    return group;
}

void subject_find_places(struct subject_data *data, const struct odm_record *record)
{
    data->event = record->event < 0 ? NULL : find_event(data, record);
    data->form =
        record->form < 0 || data->event == NULL ? NULL : find_form(data, data->event, record);
    data->group =
        record->group < 0 || data->form == NULL ? NULL : find_group(data, data->form, record);
}
