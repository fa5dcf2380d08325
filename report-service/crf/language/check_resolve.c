/* What names mean. */
#include <string.h>

#include "crf/language/check_tree.h"

struct property {
    enum check_property property;
    const char *scope;
    const char *name;
    enum check_kind kind;
};

static const struct property PROPERTIES[] = {
#define PROPERTY_ROW(name, scope, property, kind) {CHECK_##name, scope, property, kind},
    CHECK_PROPERTIES(PROPERTY_ROW)
#undef PROPERTY_ROW
};

static bool resolve_property(struct check_compiler *compiler, struct check_node *node)
{
    const struct check_path *path = &node->path;
    const char *names[CHECK_PROPERTY_COUNT];
    size_t n_names = 0;
    if (path->visit != CHECK_THIS_VISIT && path->scope != SCOPE_VISIT) {
        return check_fail(compiler, STATUS_INVALID_ARGUMENT, node->offset,
            "another visit has no %s.%.40s; only its visit.… and its forms' items can be meant",
            path->form, path->item);
    }
    for (size_t i = 0; i < LENGTH_OF(PROPERTIES); i++) {
        if (strcmp(PROPERTIES[i].scope, path->form) != 0) {
            continue;
        }
        names[n_names++] = PROPERTIES[i].name;
        if (strcmp(PROPERTIES[i].name, path->item) == 0) {
            node->reference.property = PROPERTIES[i].property;
            node->reference.kind = PROPERTIES[i].kind;
            return true;
        }
    }
    return check_fail(compiler, STATUS_INVALID_ARGUMENT, path->item_offset, "%s has no %.60s%s",
        path->form, path->item, check_suggest(compiler, path->item, names, n_names));
}

/* The number of the item in the form, SIZE_MAX: none. */
static size_t find_item(const struct check_form *form, const char *oid)
{
    for (size_t i = 0; i < form->n_items; i++) {
        if (strcmp(form->items[i].oid, oid) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

static bool fail_item(
    struct check_compiler *compiler, const struct check_form *form, const struct check_path *path)
{
    const struct check_schema *schema = compiler->schema;
    compiler->error.is_foreign_item = path->form == NULL;
    for (size_t i = 0; path->form == NULL && i < schema->n_forms; i++) {
        if (find_item(&schema->forms[i], path->item) != SIZE_MAX) {
            return check_fail(compiler, STATUS_INVALID_ARGUMENT, path->item_offset,
                "form %.40s has no item %.40s; form %.40s has one: %.40s.%.40s", form->oid,
                path->item, schema->forms[i].oid, schema->forms[i].oid, path->item);
        }
    }
    const char **names = arena_alloc_array(compiler->arena, form->n_items + 1, sizeof(*names));
    if (names == NULL) {
        return check_fail_memory(compiler);
    }
    for (size_t i = 0; i < form->n_items; i++) {
        names[i] = form->items[i].oid;
    }
    return check_fail(compiler, STATUS_INVALID_ARGUMENT, path->item_offset,
        "form %.40s has no item %.60s%s", form->oid, path->item,
        check_suggest(compiler, path->item, names, form->n_items));
}

static bool find_form(struct check_compiler *compiler, struct check_node *node)
{
    const struct check_schema *schema = compiler->schema;
    const struct check_path *path = &node->path;
    const char **names =
        arena_alloc_array(compiler->arena, schema->n_forms + SCOPES, sizeof(*names));
    if (names == NULL) {
        return check_fail_memory(compiler);
    }
    for (size_t i = 0; i < schema->n_forms; i++) {
        names[i] = schema->forms[i].oid;
        if (strcmp(names[i], path->form) == 0) {
            node->reference.form = i;
            return true;
        }
    }
    for (size_t i = SCOPE_SUBJECT; i < SCOPES; i++) {
        names[schema->n_forms + i - SCOPE_SUBJECT] = CHECK_SCOPES[i];
    }
    return check_fail(compiler, STATUS_INVALID_ARGUMENT, path->form_offset,
        "there is no form %.60s%s", path->form,
        check_suggest(compiler, path->form, names, schema->n_forms + SCOPES - SCOPE_SUBJECT));
}

static bool find_event(struct check_compiler *compiler, struct check_node *node)
{
    const struct check_schema *schema = compiler->schema;
    const char **names = arena_alloc_array(compiler->arena, schema->n_events + 1, sizeof(*names));
    if (names == NULL) {
        return check_fail_memory(compiler);
    }
    for (size_t i = 0; i < schema->n_events; i++) {
        names[i] = schema->events[i].oid;
        if (strcmp(names[i], node->path.event) == 0) {
            node->reference.event = i;
            return true;
        }
    }
    names[schema->n_events] = "PREVIOUS";
    bool is_item = compiler->form != CHECK_NO_FORM &&
                   find_item(&schema->forms[compiler->form], node->path.event) != SIZE_MAX;
    return check_fail(compiler, STATUS_INVALID_ARGUMENT, node->offset, "there is no visit %.60s%s",
        node->path.event,
        is_item ? "; to divide, put blanks around /"
                : check_suggest(compiler, node->path.event, names, schema->n_events + 1));
}

bool check_resolve(struct check_compiler *compiler, struct check_node *node)
{
    const struct check_path *path = &node->path;
    struct check_reference *reference = &node->reference;
    reference->visit = path->visit;
    if (path->visit == CHECK_NAMED_VISIT && !find_event(compiler, node)) {
        return false;
    }
    if (path->scope != SCOPE_ITEM) {
        return resolve_property(compiler, node);
    }
    reference->property = CHECK_ITEM;
    reference->is_own = path->form == NULL;
    if (reference->is_own && compiler->form == CHECK_NO_FORM) {
        return check_fail(compiler, STATUS_INVALID_ARGUMENT, path->item_offset,
            "the check belongs to no form: write FORM.%.60s", path->item);
    }
    reference->form = compiler->form;
    if (!reference->is_own && !find_form(compiler, node)) {
        return false;
    }
    const struct check_form *form = &compiler->schema->forms[reference->form];
    reference->item = find_item(form, path->item);
    if (reference->item == SIZE_MAX) {
        return fail_item(compiler, form, path);
    }
    reference->kind = check_kind_of(form->items[reference->item].data_type);
    return true;
}
