/* Range checks and mandatory items as expressions of the check language (crf/language/README.md).
 */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "crf/language/check_write.h"
#include "import/odm_internal.h"

enum {
    CODE_MAX = ODM_OID_LEN_MAX + 16,
    GROUP_ITEMS_MAX = 48,           /* that tell whether a group is filled in */
    EXPRESSION_LEN_MAX = 1 << 20,   /* bytes; what compiles is shorter */
    ODM_SCHEMA_LEN_MAX = 256 << 20, /* bytes of what the study defines, while checks are tried */
    ODM_PROGRAM_LEN_MAX = 16 << 20, /* bytes of one program */
    ODM_REFUSED_CHECKS_MAX = 20,    /* that are named */
};

/* A row of edit_check, and one that does not compile. */
struct odm_written_check {
    struct odm_written_check *next;
    const char *code;
    size_t form; /* number in odm->forms */
    const char *expression;
};

struct odm_refused_check {
    struct odm_refused_check *next;
    const char *code;
    const char *form_oid;
    unsigned int column;
    const char *words;
};

/* NULL becomes the import's failure. */
static const char *kept(struct odm *odm, const char *text)
{
    if (text == NULL) {
        odm_fail_memory(odm);
    }
    return text == NULL ? "" : text;
}

static const char *literal(
    struct odm *odm, const struct odm_item_def *item, const struct odm_check_value *value)
{
    return kept(odm, check_write_literal(check_kind_of(item->data_type), value->text, odm->arena));
}

/* `X in (1, 2)`, or `X >= 80 and X >= 90`: `begin` before the first value, `between` before others.
 */
static const char *join_values(struct odm *odm, const struct odm_item_def *item,
    const struct odm_range_check *check, const char *begin, const char *between, const char *end)
{
    struct buffer text = BUFFER_EMPTY(EXPRESSION_LEN_MAX);
    enum status status = STATUS_OK;
    for (const struct odm_check_value *value = check->values; status == STATUS_OK && value != NULL;
         value = value->next) {
        status = buffer_printf(&text, "%s%s%s", value == check->values ? begin : between,
            literal(odm, item, value), value->next == NULL ? end : "");
    }
    const char *copy = "";
    if (status != STATUS_OK) {
        odm_fail(odm, STATUS_RESOURCE_EXHAUSTED,
            "the values of a range check of %.60s are too long", item->base.oid);
    } else {
        copy = kept(odm, arena_printf(odm->arena, "%.*s", (int)text.len, (const char *)text.data));
    }
    buffer_finish(&text);
    return copy;
}

static const char *expression_of(
    struct odm *odm, const struct odm_item_def *item, const struct odm_range_check *check)
{
    static const struct {
        const char *comparator;
        const char *sign;
        const char *word; /* for several values */
    } COMPARATORS[] = {{"LT", "<", NULL}, {"LE", "<=", NULL}, {"GT", ">", NULL}, {"GE", ">=", NULL},
        {"EQ", "=", "in"}, {"NE", "!=", "not in"}, {"IN", NULL, "in"}, {"NOTIN", NULL, "not in"}};
    if (check->values == NULL || check->comparator == NULL) {
        return check->expression == NULL ? "" : check->expression;
    }
    const char *name = kept(odm, check_write_name(item->base.oid, odm->arena));
    for (size_t i = 0; i < LENGTH_OF(COMPARATORS); i++) {
        if (strcmp(check->comparator, COMPARATORS[i].comparator) != 0) {
            continue;
        }
        bool is_list = COMPARATORS[i].sign == NULL ||
                       (COMPARATORS[i].word != NULL && check->values->next != NULL);
        const char *begin = kept(odm, arena_printf(odm->arena, is_list ? "%s %s (" : "%s %s ", name,
                                          is_list ? COMPARATORS[i].word : COMPARATORS[i].sign));
        const char *between =
            is_list ? ", " : kept(odm, arena_printf(odm->arena, " and %s", begin));
        return join_values(odm, item, check, begin, between, is_list ? ")" : "");
    }
    return ""; /* an unknown comparator was reported when it was read */
}

static void add_check(struct odm *odm, size_t form, const char *code, const char *expression,
    const char *message, bool is_soft)
{
    struct odm_written_check *written = arena_alloc(odm->arena, sizeof(*written));
    if (written == NULL) {
        odm_fail_memory(odm);
        return;
    }
    *written = (struct odm_written_check){
        odm->written_checks, kept(odm, arena_copy_text(odm->arena, code)), form, expression};
    odm->written_checks = written;
    dataset_add(odm->dataset, TABLE_EDIT_CHECK,
        (struct db_value[]){db_integer(dataset_key(odm->dataset, TABLE_EDIT_CHECK)), db_integer(1),
            db_text(code), db_integer(odm->forms.items[form]->id), db_text(expression),
            db_text(message), db_text(is_soft ? "soft" : "hard"), db_integer(1)},
        8);
}

/* A repeat of a group is filled in when one of its other items is: "A is not missing or B is not
 * missing". NULL: there is no other. */
static const char *premise_of(
    struct odm *odm, const struct odm_group_def *group, const struct odm_reference *mandatory)
{
    const char *text = NULL;
    int n_items = 0;
    for (const struct odm_reference *one = group->items.first;
         one != NULL && n_items < GROUP_ITEMS_MAX; one = one->next) {
        if (strcmp(one->oid, mandatory->oid) == 0 || odm_index_find(&odm->items, one->oid) < 0) {
            continue;
        }
        n_items++;
        const char *name = kept(odm, check_write_name(one->oid, odm->arena));
        text = kept(odm, arena_printf(odm->arena, "%s%s%s is not missing", text == NULL ? "" : text,
                             text == NULL ? "" : " or ", name));
    }
    return text;
}

/* A mandatory item of a group that must be there, of one that may repeat, of one that need not be
 * there at all. NULL: it is nothing that could be missing. */
static const char *requirement_of(struct odm *odm, const struct odm_group_def *group,
    bool is_group_mandatory, const struct odm_reference *reference)
{
    const char *name = kept(odm, check_write_name(reference->oid, odm->arena));
    const char *premise =
        is_group_mandatory && !group->is_repeating ? NULL : premise_of(odm, group, reference);
    if (premise == NULL) {
        return is_group_mandatory ? kept(odm, arena_printf(odm->arena, "%s is required", name))
                                  : NULL;
    }
    if (!is_group_mandatory) {
        return kept(odm, arena_printf(odm->arena, "if %s then %s is required", premise, name));
    }
    return kept(
        odm, arena_printf(odm->arena, "any(%s is not missing) and (if %s then %s is required)",
                 name, premise, name));
}

static void write_required(struct odm *odm, size_t form, const struct odm_group_def *group,
    bool is_group_mandatory, const struct odm_reference *reference, const struct odm_item_def *item)
{
    char code[CODE_MAX];
    const char *label = item->question != NULL ? item->question : item->base.name;
    const char *text = requirement_of(odm, group, is_group_mandatory, reference);
    if (text == NULL) {
        return;
    }
    snprintf(code, sizeof(code), "%s.REQ", reference->oid);
    add_check(odm, form, code, text,
        kept(odm, arena_printf(odm->arena, "%s: a value is required",
                      label != NULL ? label : item->base.oid)),
        false);
}

void odm_write_checks(struct odm *odm, size_t form, const struct odm_group_def *group,
    bool is_group_mandatory, const struct odm_reference *reference)
{
    int number = 0;
    int64_t item_number = odm_index_find(&odm->items, reference->oid);
    if (item_number < 0) {
        return;
    }
    const struct odm_item_def *item = (const struct odm_item_def *)odm->items.items[item_number];
    for (const struct odm_range_check *check = item->checks; check != NULL; check = check->next) {
        char code[CODE_MAX];
        snprintf(code, sizeof(code), "%s.RC%d", item->base.oid, ++number);
        const char *expression = expression_of(odm, item, check);
        add_check(odm, form, code, expression, check->message, check->is_soft);
    }
    if (reference->is_mandatory) {
        write_required(odm, form, group, is_group_mandatory, reference, item);
    }
}

/* --- do they compile? ----------------------------------------------------------------------- */

/* What the study defines, as the language sees it. */
static bool make_schema(struct odm *odm, struct arena *arena, struct check_schema *ret_schema)
{
    struct check_item *items = arena_alloc_array(arena, odm->n_fields + 1, sizeof(*items));
    struct check_form *forms = arena_alloc_array(arena, odm->forms.n_items + 1, sizeof(*forms));
    struct check_event *events = arena_alloc_array(arena, odm->events.n_items + 1, sizeof(*events));
    if (items == NULL || forms == NULL || events == NULL) {
        return false;
    }
    for (size_t i = 0; i < odm->n_fields; i++) {
        const struct odm_item_def *item = odm->fields[i].item;
        items[i] = (struct check_item){
            item->base.oid, item->data_type, odm_codes_of(odm, item), odm->fields[i].id};
    }
    for (size_t i = 0; i < odm->forms.n_items; i++) {
        const struct odm_form_def *form = (const struct odm_form_def *)odm->forms.items[i];
        forms[i] = (struct check_form){
            form->base.oid, items + form->first_field, form->n_fields, form->base.id};
    }
    for (size_t i = 0; i < odm->events.n_items; i++) {
        events[i] = (struct check_event){odm->events.items[i]->oid, odm->events.items[i]->id};
    }
    *ret_schema = (struct check_schema){forms, odm->forms.n_items, events, odm->events.n_items};
    return true;
}

static void refuse(
    struct odm *odm, const struct odm_written_check *check, const struct check_error *error)
{
    struct odm_refused_check *refused = arena_alloc(odm->arena, sizeof(*refused));
    if (refused == NULL) {
        odm_fail_memory(odm);
        return;
    }
    *refused = (struct odm_refused_check){odm->refused_checks, check->code,
        odm->forms.items[check->form]->oid, error->column,
        kept(odm, arena_copy_text(odm->arena, error->text))};
    odm->refused_checks = refused;
    odm->n_refused_checks++;
}

void odm_try_checks(struct odm *odm)
{
    struct check_schema schema;
    struct arena *arena = arena_new(ODM_SCHEMA_LEN_MAX);
    if (arena == NULL || !make_schema(odm, arena, &schema)) {
        arena_free(arena);
        odm_fail_memory(odm);
        return;
    }
    for (const struct odm_written_check *one = odm->written_checks; one != NULL; one = one->next) {
        struct arena *scratch = arena_new(ODM_PROGRAM_LEN_MAX);
        struct check_program program;
        struct check_error error;
        if (scratch == NULL) {
            odm_fail_memory(odm);
        } else if (check_compile(one->expression, &schema, one->form, scratch, &program, &error) !=
                   STATUS_OK) {
            refuse(odm, one, &error);
        }
        arena_free(scratch);
    }
    arena_free(arena);
}

void odm_print_checks(const struct odm *odm, FILE *output)
{
    if (odm->n_refused_checks == 0) {
        return;
    }
    fprintf(
        output, "  %zu edit checks do not compile and will not be run:\n", odm->n_refused_checks);
    size_t n_printed = 0;
    for (const struct odm_refused_check *one = odm->refused_checks;
         one != NULL && n_printed < ODM_REFUSED_CHECKS_MAX; one = one->next, n_printed++) {
        fprintf(output, "    %s of %s, column %u: %s\n", one->code, one->form_oid, one->column,
            one->words);
    }
}
