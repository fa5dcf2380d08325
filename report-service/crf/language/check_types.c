/* Which kind of value every part has. */
#include <string.h>

#include "crf/language/check_number.h"
#include "crf/language/check_tree.h"
#include "schema/calendar.h"

bool check_coerce(struct check_compiler *compiler, struct check_node *node, enum check_kind kind)
{
    struct check_number number;
    const char *text = (const char *)node->literal.data;
    if (node->kind == NODE_TEXT && kind == CHECK_DATE) {
        if (!calendar_parse_partial(text, node->literal.len, &node->days[0], &node->days[1])) {
            return check_fail(compiler, STATUS_INVALID_ARGUMENT, node->offset,
                "\"%.40s\" is no date: YYYY-MM-DD, YYYY-MM or YYYY is expected", text);
        }
        node->kind = NODE_DAYS;
        node->type = CHECK_DATE;
        return true;
    }
    if (node->type == kind) {
        return true;
    }
    const char *hint = "";
    if (node->kind == NODE_TEXT && kind == CHECK_NUMBER &&
        number_parse(text, node->literal.len, &number)) {
        hint = ": write it without quotes";
    } else if (node->kind == NODE_NUMBER && kind != CHECK_BOOLEAN) {
        hint = ": write it in quotes";
    } else if (node->type == CHECK_NUMBER && kind == CHECK_DATE) {
        hint = ": a date is written in quotes, \"2024-01-31\"";
    } else if (node->type == CHECK_TEXT && kind == CHECK_NUMBER) {
        hint = ": number(…) reads it";
    }
    return check_fail(compiler, STATUS_INVALID_ARGUMENT, node->offset,
        "a %s is expected, but this is a %s%s", check_kind_name(kind), check_kind_name(node->type),
        hint);
}

/* All children after the first become of its kind; a text may be a date for the others' sake. */
static bool agree(struct check_compiler *compiler, struct check_node *first)
{
    for (struct check_node *child = first->next; child != NULL; child = child->next) {
        if (child->type == CHECK_DATE && !check_coerce(compiler, first, CHECK_DATE)) {
            return false;
        }
    }
    for (struct check_node *child = first->next; child != NULL; child = child->next) {
        if (!check_coerce(compiler, child, first->type)) {
            return false;
        }
    }
    return true;
}

static bool all_are(struct check_compiler *compiler, struct check_node *node, enum check_kind kind)
{
    for (struct check_node *child = node->first; child != NULL; child = child->next) {
        if (child->type == CHECK_DATE && kind == CHECK_NUMBER) {
            return check_fail(compiler, STATUS_INVALID_ARGUMENT, child->offset,
                "dates cannot be reckoned with: days(from, to) counts the days between two");
        }
        if (!check_coerce(compiler, child, kind)) {
            return false;
        }
    }
    node->type = kind;
    return true;
}

/* -80 is the number 80, negated. */
static bool is_number(const struct check_node *node, struct check_number *ret_number)
{
    bool is_negated = node->kind == NODE_NEGATE;
    const struct check_node *number = is_negated ? node->first : node;
    *ret_number = is_negated ? number_negate(number->number) : number->number;
    return number->kind == NODE_NUMBER;
}

/* Whether both bounds are written down, and the lower one is above the upper one. */
static bool is_reversed(const struct check_node *low, const struct check_node *high)
{
    struct check_number least;
    struct check_number most;
    if (is_number(low, &least) && is_number(high, &most)) {
        return number_compare(least, most) > 0;
    }
    if (low->kind != high->kind) {
        return false;
    }
    return (low->kind == NODE_DAYS && low->days[0] > high->days[1]) ||
           (low->kind == NODE_TEXT &&
               strcmp((const char *)low->literal.data, (const char *)high->literal.data) > 0);
}

/* "between 200 and 80" is a slip: it would be false of every value. */
static bool check_bounds(struct check_compiler *compiler, const struct check_node *between)
{
    const struct check_node *low = check_operand(between, 1);
    const struct check_node *high = check_operand(between, 2);
    return !is_reversed(low, high) ||
           check_fail(compiler, STATUS_INVALID_ARGUMENT, low->offset,
               "no value is between these two: the lower one comes first");
}

static bool type_compare(struct check_compiler *compiler, struct check_node *node)
{
    if (!agree(compiler, node->first)) {
        return false;
    }
    if (check_operand(node, 0)->type == CHECK_BOOLEAN &&
        (node->kind == NODE_BETWEEN || (node->kind == NODE_COMPARE && node->choice != COMPARE_EQ &&
                                           node->choice != COMPARE_NE))) {
        return check_fail(compiler, STATUS_INVALID_ARGUMENT, node->offset,
            "true and false have no order: only =, != and in compare them");
    }
    return node->kind != NODE_BETWEEN || check_bounds(compiler, node);
}

static bool type_codelist(struct check_compiler *compiler, struct check_node *node)
{
    const struct check_node *value = check_operand(node, 0);
    if (value->kind != NODE_REFERENCE || value->reference.property != CHECK_ITEM) {
        return check_fail(
            compiler, STATUS_INVALID_ARGUMENT, node->offset, "\"in codelist\" comes after an item");
    }
    const struct check_item *item =
        &compiler->schema->forms[value->reference.form].items[value->reference.item];
    if (item->codelist == NULL || item->codelist[0] == '\0') {
        return check_fail(compiler, STATUS_INVALID_ARGUMENT, value->offset,
            "item %.60s has no codelist", item->oid);
    }
    return true;
}

static bool type_is(struct check_compiler *compiler, struct check_node *node)
{
    const struct check_node *value = check_operand(node, 0);
    if (value->kind != NODE_REFERENCE) {
        return check_fail(compiler, STATUS_INVALID_ARGUMENT, value->offset,
            "\"is %s\" comes after an item or a property", CHECK_PREDICATES[node->choice]);
    }
    if (node->choice == IS_COMPLETE && value->type != CHECK_DATE) {
        return check_fail(compiler, STATUS_INVALID_ARGUMENT, value->offset,
            "only a date is complete or not, and this is a %s", check_kind_name(value->type));
    }
    return true;
}

static bool type_condition(struct check_compiler *compiler, struct check_node *node)
{
    switch (node->kind) {
    case NODE_IF:
    case NODE_OR:
    case NODE_AND:
    case NODE_NOT:
        return all_are(compiler, node, CHECK_BOOLEAN);
    case NODE_COMPARE:
    case NODE_BETWEEN:
    case NODE_IN:
        return type_compare(compiler, node);
    case NODE_IN_CODELIST:
        return type_codelist(compiler, node);
    case NODE_MATCHES:
        return check_coerce(compiler, node->first, CHECK_TEXT);
    case NODE_IS:
        return type_is(compiler, node);
    case NODE_NUMBER:
    case NODE_TEXT:
    case NODE_DAYS:
    case NODE_TRUTH:
    case NODE_REFERENCE:
    case NODE_ADD:
    case NODE_SUBTRACT:
    case NODE_MULTIPLY:
    case NODE_DIVIDE:
    case NODE_NEGATE:
    case NODE_CALL:
        break;
    }
    return true;
}

bool check_types(struct check_compiler *compiler, struct check_node *node)
{
    for (struct check_node *child = node->first; child != NULL; child = child->next) {
        if (!check_types(compiler, child)) {
            return false;
        }
    }
    switch (node->kind) {
    case NODE_NUMBER:
        node->type = CHECK_NUMBER;
        return true;
    case NODE_TEXT:
    case NODE_DAYS:
        node->type = CHECK_TEXT;
        return true;
    case NODE_TRUTH:
        node->type = CHECK_BOOLEAN;
        return true;
    case NODE_REFERENCE:
        if (!check_resolve(compiler, node)) {
            return false;
        }
        node->type = node->reference.kind;
        return true;
    case NODE_ADD:
    case NODE_SUBTRACT:
    case NODE_MULTIPLY:
    case NODE_DIVIDE:
    case NODE_NEGATE:
        return all_are(compiler, node, CHECK_NUMBER);
    case NODE_CALL:
        return check_call_types(compiler, node);
    case NODE_IF:
    case NODE_OR:
    case NODE_AND:
    case NODE_NOT:
    case NODE_COMPARE:
    case NODE_BETWEEN:
    case NODE_IN:
    case NODE_IN_CODELIST:
    case NODE_MATCHES:
    case NODE_IS:
        node->type = CHECK_BOOLEAN;
        return type_condition(compiler, node);
    }
    return true;
}
