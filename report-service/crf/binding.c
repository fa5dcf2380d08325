#include "crf/binding.h"

#include <string.h>

void binding_init(
    struct binding *binding, const struct crf_study *study, const struct crf_batch *batch)
{
    *binding =
        (struct binding){.study = study, .batch = batch, .rows = BUFFER_EMPTY(BINDING_ROWS_MAX)};
}

void binding_finish(struct binding *binding)
{
    buffer_finish(&binding->rows);
}

static uint32_t slot_of(const struct crf_study *study, const struct check_reference *reference)
{
    size_t item = study_forms(study)[reference->form].first_item + reference->item;
    return study_items(study)[item].slot;
}

static const struct crf_cell *cell_at(
    const struct binding *binding, const struct crf_form *form, uint32_t row, uint32_t slot)
{
    if (row >= form->n_rows) {
        return NULL;
    }
    uint32_t n_slots = study_forms(binding->study)[form->def].n_slots;
    uint32_t number = form->cell_of[(size_t)row * n_slots + slot];
    return number == 0 ? NULL : &batch_cells(binding->batch)[number - 1];
}

/* A form without values has one row, in which everything is missing. */
static uint32_t rows_of(const struct crf_form *form)
{
    return form->n_rows == 0 ? 1 : form->n_rows;
}

/* The event's forms of one definition: neighbours. */
struct form_list {
    const struct crf_form *first;
    uint32_t n;
};

/* How many of the event's forms come before those of a definition. */
static uint32_t forms_before(const struct crf_form *forms, uint32_t n_forms, size_t def)
{
    uint32_t low = 0;
    uint32_t high = n_forms;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (forms[middle].def < def) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct form_list forms_of(
    const struct binding *binding, const struct crf_event *event, size_t def)
{
    const struct crf_form *forms = batch_forms(binding->batch) + event->first_form;
    uint32_t first = forms_before(forms, event->n_forms, def);
    uint32_t end = forms_before(forms, event->n_forms, def + 1);
    return (struct form_list){forms + first, end - first};
}

static bool is_earlier(const struct crf_event *a, const struct crf_event *b)
{
    if (a->date.state == CHECK_GIVEN && b->date.state == CHECK_GIVEN) {
        if (a->date.date.last < b->date.date.first) {
            return true;
        }
        if (b->date.date.last < a->date.date.first) {
            return false;
        }
    }
    if (a->ordinal != b->ordinal) {
        return a->ordinal < b->ordinal;
    }
    return a->def == b->def && a->repeat < b->repeat;
}

/* The nearest earlier visit that has a form of the definition (SIZE_MAX: that took place). */
static const struct crf_event *previous_visit(
    const struct binding *binding, const struct crf_place *place, size_t def)
{
    const struct crf_event *nearest = NULL;
    const struct crf_event *events = batch_events(binding->batch) + place->patient->first_event;
    for (uint32_t i = 0; i < place->patient->n_events; i++) {
        const struct crf_event *event = &events[i];
        if (event == place->event || !is_earlier(event, place->event)) {
            continue;
        }
        bool fits = def == SIZE_MAX ? event->date.state == CHECK_GIVEN || event->n_forms > 0
                                    : forms_of(binding, event, def).n > 0;
        if (fits && (nearest == NULL || is_earlier(nearest, event))) {
            nearest = event;
        }
    }
    return nearest;
}

/* The visits that a reference means: those of the patient that follow each other from `first` on
 * and are of the definition. */
struct visit_list {
    const struct crf_event *first;
    uint32_t n;
};

static struct visit_list visits_of(const struct binding *binding, const struct crf_place *place,
    const struct check_reference *reference)
{
    struct visit_list list = {place->event, 1};
    switch (reference->visit) {
    case CHECK_THIS_VISIT:
        break;
    case CHECK_PREVIOUS_VISIT:
        list.first = previous_visit(
            binding, place, reference->property == CHECK_ITEM ? reference->form : SIZE_MAX);
        list.n = list.first != NULL;
        break;
    case CHECK_NAMED_VISIT: {
        const struct crf_event *events = batch_events(binding->batch) + place->patient->first_event;
        list = (struct visit_list){NULL, 0};
        for (uint32_t i = 0; i < place->patient->n_events; i++) {
            if (events[i].def == reference->event) {
                list.first = list.n == 0 ? &events[i] : list.first;
                list.n++;
            }
        }
        break;
    }
    }
    return list;
}

/* The only value that comes in question. */
static struct check_value one_item(const struct binding *binding, const struct crf_place *place,
    const struct check_reference *reference, uint32_t slot)
{
    struct visit_list visits = visits_of(binding, place, reference);
    const struct crf_cell *found = NULL;
    for (uint32_t v = 0; v < visits.n; v++) {
        struct form_list forms = forms_of(binding, &visits.first[v], reference->form);
        for (uint32_t f = 0; f < forms.n; f++) {
            for (uint32_t row = 0; row < forms.first[f].n_rows; row++) {
                const struct crf_cell *cell = cell_at(binding, &forms.first[f], row, slot);
                if (cell != NULL && found != NULL) {
                    return check_value_state(CHECK_SEVERAL);
                }
                found = cell != NULL ? cell : found;
            }
        }
    }
    return found == NULL ? check_value_state(CHECK_MISSING) : found->value;
}

static enum status add_rows(struct binding *binding, const struct crf_form *form, uint32_t slot)
{
    for (uint32_t row = 0; row < rows_of(form); row++) {
        const struct crf_cell *cell = cell_at(binding, form, row, slot);
        struct check_value *value = array_add(&binding->rows, sizeof(*value));
        if (value == NULL) {
            return STATUS_RESOURCE_EXHAUSTED;
        }
        *value = cell == NULL ? check_value_state(CHECK_MISSING) : cell->value;
    }
    return STATUS_OK;
}

/* All values; where they lie is told once all references have theirs. */
static enum status many_items(struct binding *binding, const struct crf_place *place,
    const struct check_reference *reference, uint32_t slot, struct check_value *ret_value)
{
    size_t first = binding->rows.len / sizeof(struct check_value);
    enum status status = STATUS_OK;
    if (reference->is_own) {
        status = add_rows(binding, place->form, slot);
    } else {
        struct visit_list visits = visits_of(binding, place, reference);
        for (uint32_t v = 0; v < visits.n && status == STATUS_OK; v++) {
            struct form_list forms = forms_of(binding, &visits.first[v], reference->form);
            for (uint32_t f = 0; f < forms.n && status == STATUS_OK; f++) {
                status = add_rows(binding, &forms.first[f], slot);
            }
        }
    }
    *ret_value = check_value_state(CHECK_GIVEN);
    ret_value->many.n_rows = binding->rows.len / sizeof(struct check_value) - first;
    return status;
}

static struct check_value visit_value(
    const struct binding *binding, const struct crf_event *event, enum check_property property)
{
    struct check_value value = check_value_state(CHECK_MISSING);
    if (property == CHECK_VISIT_NAME) {
        check_value_parse(CHECK_TEXT, binding->study->schema.events[event->def].oid, &value);
    } else if (property == CHECK_VISIT_DATE) {
        value = event->date;
    } else if (property == CHECK_VISIT_STATUS) {
        check_value_parse(CHECK_TEXT, event->status, &value);
    } else if (property == CHECK_VISIT_REPEAT) {
        value = check_value_integer(event->repeat);
    } else {
        value = study_visits(binding->study)[event->def].target_day;
    }
    return value;
}

static struct check_value property_value(const struct binding *binding,
    const struct crf_place *place, const struct check_reference *reference)
{
    enum check_property property = reference->property;
    if (binding->study->lacks[property]) {
        return check_value_state(CHECK_NOT_PROVIDED);
    }
    struct check_value value = check_value_state(CHECK_MISSING);
    if (property == CHECK_FORM_STATUS) {
        check_value_parse(CHECK_TEXT, place->form->status, &value);
    } else if (property == CHECK_FORM_REPEAT) {
        value = check_value_integer(place->form->repeat);
    } else if (property == CHECK_FORM_ENTERED_ON) {
        value = place->form->entered_on;
    } else if (property >= CHECK_VISIT_NAME && property <= CHECK_VISIT_TARGET_DAY) {
        struct visit_list visits = visits_of(binding, place, reference);
        if (visits.n > 1) {
            return check_value_state(CHECK_SEVERAL);
        }
        if (visits.n == 1) {
            value = visit_value(binding, visits.first, property);
        }
    } else {
        value = place->patient->properties[property];
    }
    return value;
}

enum status binding_fill(struct binding *binding, const struct crf_place *place,
    const struct check_program *program, struct check_value *ret_values)
{
    binding->rows.len = 0;
    for (size_t i = 0; i < program->n_references; i++) {
        const struct check_reference *reference = &program->references[i];
        if (reference->property != CHECK_ITEM) {
            ret_values[i] = property_value(binding, place, reference);
            continue;
        }
        if (!binding->study->has_values) {
            ret_values[i] = check_value_state(CHECK_NOT_PROVIDED);
            continue;
        }
        uint32_t slot = slot_of(binding->study, reference);
        if (reference->is_many) {
            binding->first_row[i] = binding->rows.len / sizeof(struct check_value);
            enum status status = many_items(binding, place, reference, slot, &ret_values[i]);
            if (status != STATUS_OK) {
                return status;
            }
        } else if (reference->is_own) {
            const struct crf_cell *cell = cell_at(binding, place->form, place->row, slot);
            ret_values[i] = cell == NULL ? check_value_state(CHECK_MISSING) : cell->value;
        } else {
            ret_values[i] = one_item(binding, place, reference, slot);
        }
    }
    for (size_t i = 0; i < program->n_references && binding->rows.len > 0; i++) {
        if (program->references[i].is_many) {
            ret_values[i].many.rows =
                (const struct check_value *)binding->rows.data + binding->first_row[i];
        }
    }
    return STATUS_OK;
}

bool binding_has_own(const struct binding *binding, const struct crf_form *form, uint32_t row,
    const struct check_program *program)
{
    for (size_t i = 0; i < program->n_references; i++) {
        const struct check_reference *reference = &program->references[i];
        if (reference->property == CHECK_ITEM && reference->is_own && !reference->is_many &&
            cell_at(binding, form, row, slot_of(binding->study, reference)) != NULL) {
            return true;
        }
    }
    return false;
}

static const struct crf_cell *first_cell(
    const struct binding *binding, const struct crf_form *form, uint32_t slot)
{
    for (uint32_t row = 0; row < form->n_rows; row++) {
        const struct crf_cell *cell = cell_at(binding, form, row, slot);
        if (cell != NULL) {
            return cell;
        }
    }
    return NULL;
}

const struct crf_cell *binding_own_cell(const struct binding *binding,
    const struct crf_place *place, const struct check_reference *reference, size_t row)
{
    if (reference->property != CHECK_ITEM || reference->form != place->form->def) {
        return NULL;
    }
    uint32_t slot = slot_of(binding->study, reference);
    if (reference->is_own) {
        return cell_at(binding, place->form, reference->is_many ? (uint32_t)row : place->row, slot);
    }
    if (reference->visit != CHECK_THIS_VISIT) {
        return NULL;
    }
    struct form_list forms = forms_of(binding, place->event, reference->form);
    for (uint32_t f = 0; f < forms.n; f++) {
        const struct crf_form *form = &forms.first[f];
        if (reference->is_many && row >= rows_of(form)) {
            row -= rows_of(form);
        } else if (reference->is_many) {
            return form == place->form ? cell_at(binding, form, (uint32_t)row, slot) : NULL;
        } else if (form == place->form) {
            return first_cell(binding, form, slot);
        }
    }
    return NULL;
}
