/* Items, their range checks and code lists. */
#include <string.h>

#include "import/odm_internal.h"

/* The DataTypes of ODM 1.3.2. */
static const char *const DATA_TYPES[] = {"integer", "float", "date", "time", "datetime", "string",
    "boolean", "double", "hexBinary", "base64Binary", "hexFloat", "base64Float", "partialDate",
    "partialTime", "partialDatetime", "durationDatetime", "intervalDatetime", "incompleteDatetime",
    "incompleteDate", "incompleteTime", "URI", "text"};

static void check_data_type(struct odm *odm, const char *type)
{
    for (size_t i = 0; i < LENGTH_OF(DATA_TYPES); i++) {
        if (strcmp(type, DATA_TYPES[i]) == 0) {
            return;
        }
    }
    if (type[0] != '\0') {
        odm_bad(odm, odm->element->line, "DataType=\"%.40s\" is none of ODM 1.3", type);
    }
}

static struct odm_item_def *item_of(const struct odm *odm)
{
    return (struct odm_item_def *)odm->current;
}

void odm_start_item(struct odm *odm)
{
    struct odm_item_def *item = odm_index_define(odm, &odm->items, sizeof(*item), "ItemDef");
    const char *type = odm_required(odm, "DataType");
    const char *length = odm_attribute(odm, "Length");
    const char *variable = odm_attribute(odm, "SDSVarName");
    check_data_type(odm, type);
    if (length != NULL && (length[0] == '\0' || strspn(length, "0123456789") != strlen(length))) {
        odm_bad(odm, odm->element->line, "Length=\"%.40s\" is no number", length);
    }
    if (item == NULL) {
        return;
    }
    item->data_type = odm_keep(odm, type);
    item->checks = item->last_check = NULL; /* a later version replaces them */
    item->n_checks = 0;
    const char *const names[] = {variable, item->base.name, item->base.oid};
    item->kind = ODM_FIELD_NONE;
    for (size_t i = 0; item->kind == ODM_FIELD_NONE && i < LENGTH_OF(names); i++) {
        item->kind = names[i] == NULL ? ODM_FIELD_NONE : odm_map_name(names[i]);
    }
}

/* What the sponsor says outright goes before what names suggest. */
void odm_start_alias(struct odm *odm)
{
    const char *context = odm_required(odm, "Context");
    const char *name = odm_required(odm, "Name");
    if (item_of(odm) != NULL &&
        (strncmp(context, "CDASH", 5) == 0 || strncmp(context, "SDTM", 4) == 0)) {
        enum odm_field_kind kind = odm_map_name(name);
        item_of(odm)->kind = kind != ODM_FIELD_NONE ? kind : item_of(odm)->kind;
    }
}

void odm_end_question(struct odm *odm)
{
    if (item_of(odm) != NULL && item_of(odm)->question == NULL) {
        item_of(odm)->question = odm_keep(odm, odm->text);
    }
}

void odm_start_item_unit(struct odm *odm)
{
    if (item_of(odm) != NULL && item_of(odm)->unit_oid == NULL) {
        item_of(odm)->unit_oid = odm_keep(odm, odm_required(odm, "MeasurementUnitOID"));
    }
}

void odm_start_item_codes(struct odm *odm)
{
    if (item_of(odm) != NULL) {
        item_of(odm)->code_list_oid = odm_keep(odm, odm_required(odm, "CodeListOID"));
    }
}

void odm_start_range_check(struct odm *odm)
{
    static const char *const COMPARATORS[] = {"LT", "LE", "GT", "GE", "EQ", "NE", "IN", "NOTIN"};
    const char *comparator = odm_attribute(odm, "Comparator");
    const char *strength = odm_required(odm, "SoftHard");
    struct odm_item_def *item = item_of(odm);
    bool is_known = comparator == NULL;
    for (size_t i = 0; !is_known && i < LENGTH_OF(COMPARATORS); i++) {
        is_known = strcmp(comparator, COMPARATORS[i]) == 0;
    }
    if (!is_known) {
        odm_bad(odm, odm->element->line, "Comparator=\"%.40s\" is none of ODM 1.3", comparator);
    }
    if (strength[0] != '\0' && strcmp(strength, "Soft") != 0 && strcmp(strength, "Hard") != 0) {
        odm_bad(odm, odm->element->line, "SoftHard=\"%.40s\": \"Soft\" or \"Hard\" is expected",
            strength);
    }
    odm->check = NULL;
    if (item == NULL) {
        return;
    }
    if (item->n_checks == ODM_RANGE_CHECKS_MAX) {
        odm_bad(
            odm, odm->element->line, "more than %d range checks of one item", ODM_RANGE_CHECKS_MAX);
        return;
    }
    struct odm_range_check *check = arena_alloc(odm->arena, sizeof(*check));
    if (check == NULL) {
        odm_fail_memory(odm);
        return;
    }
    check->comparator = odm_keep(odm, comparator);
    check->is_soft = strcmp(strength, "Soft") == 0;
    if (item->last_check == NULL) {
        item->checks = check;
    } else {
        item->last_check->next = check;
    }
    item->last_check = check;
    item->n_checks++;
    odm->check = check;
}

/* "1,2" */
static const char *append_code(struct odm *odm, const char *list, const char *text)
{
    if (list == NULL) {
        return odm_keep(odm, text);
    }
    const char *longer = arena_printf(odm->arena, "%s,%s", list, text);
    if (longer == NULL) {
        odm_fail_memory(odm);
    }
    return longer;
}

void odm_end_check_value(struct odm *odm)
{
    struct odm_range_check *check = odm->check;
    if (check == NULL) {
        return;
    }
    struct odm_check_value *value = arena_alloc(odm->arena, sizeof(*value));
    if (value == NULL || (value->text = arena_copy_text(odm->arena, odm->text)) == NULL) {
        odm_fail_memory(odm);
        return;
    }
    if (check->last_value == NULL) {
        check->values = value;
    } else {
        check->last_value->next = value;
    }
    check->last_value = value;
}

void odm_end_expression(struct odm *odm)
{
    if (odm->check != NULL && odm->check->expression == NULL) {
        odm->check->expression = odm_keep(odm, odm->text);
    }
}

void odm_end_check_message(struct odm *odm)
{
    if (odm->check != NULL && odm->check->message == NULL) {
        odm->check->message = odm_keep(odm, odm->text);
    }
}

void odm_end_range_check(struct odm *odm)
{
    const struct odm_range_check *check = odm->check;
    if (check != NULL && check->values == NULL && check->expression == NULL) {
        odm_bad(odm, odm->line, "<RangeCheck> has neither CheckValue nor FormalExpression");
    } else if (check != NULL && check->values != NULL && check->comparator == NULL) {
        odm_bad(odm, odm->line, "<RangeCheck> has a CheckValue and no Comparator");
    }
    odm->check = NULL;
}

void odm_start_code_list(struct odm *odm)
{
    struct odm_code_list *list = odm_index_define(odm, &odm->code_lists, sizeof(*list), "CodeList");
    if (list != NULL) {
        list->codes = NULL;
    }
}

void odm_start_code(struct odm *odm)
{
    struct odm_code_list *list = (struct odm_code_list *)odm->current;
    const char *code = odm_required(odm, "CodedValue");
    if (list != NULL) {
        list->codes = append_code(odm, list->codes, code);
    }
}
