/* What functions take and give. */
#include "crf/language/check_tree.h"

enum { ROUND_DIGITS_MAX = 12 };

static const struct {
    enum check_kind result;
    unsigned int n_min;
    unsigned int n_max;
    enum check_kind argument; /* of all of them */
    const char *usage;
} FUNCTIONS[CALL_FUNCTIONS] = {
    [CALL_DAYS] = {CHECK_NUMBER, 2, 2, CHECK_DATE, "days(from, to)"},
    [CALL_AGE] = {CHECK_NUMBER, 2, 2, CHECK_DATE, "age(birth, on)"},
    [CALL_YEAR] = {CHECK_NUMBER, 1, 1, CHECK_DATE, "year(date)"},
    [CALL_LEN] = {CHECK_NUMBER, 1, 1, CHECK_TEXT, "len(text)"},
    [CALL_ABS] = {CHECK_NUMBER, 1, 1, CHECK_NUMBER, "abs(number)"},
    [CALL_ROUND] = {CHECK_NUMBER, 1, 2, CHECK_NUMBER, "round(number) or round(number, digits)"},
    [CALL_NUMBER] = {CHECK_NUMBER, 1, 1, CHECK_TEXT, "number(text)"},
    [CALL_ANY] = {CHECK_BOOLEAN, 1, 1, CHECK_BOOLEAN, "any(condition)"},
    [CALL_ALL] = {CHECK_BOOLEAN, 1, 1, CHECK_BOOLEAN, "all(condition)"},
    [CALL_COUNT] = {CHECK_NUMBER, 1, 1, CHECK_BOOLEAN, "count(condition)"},
};

static bool is_of_rows(const struct check_node *node)
{
    return node->kind == NODE_CALL &&
           (node->choice == CALL_ANY || node->choice == CALL_ALL || node->choice == CALL_COUNT);
}

/* The first item that names its form; they must all be of one. `ret_own`: an item without one. */
static bool find_rows(struct check_compiler *compiler, struct check_node *node,
    const struct check_node **form, const struct check_node **own)
{
    if (is_of_rows(node)) {
        return check_fail(compiler, STATUS_INVALID_ARGUMENT, node->offset,
            "any, all and count cannot stand within each other");
    }
    for (struct check_node *child = node->first; child != NULL; child = child->next) {
        if (!find_rows(compiler, child, form, own)) {
            return false;
        }
    }
    if (node->kind != NODE_REFERENCE || node->reference.property != CHECK_ITEM) {
        return true;
    }
    if (node->reference.is_own) {
        *own = node;
        return true;
    }
    const struct check_reference *first = *form == NULL ? NULL : &(*form)->reference;
    if (first != NULL &&
        (first->visit != node->reference.visit || first->event != node->reference.event ||
            first->form != node->reference.form)) {
        return check_fail(compiler, STATUS_INVALID_ARGUMENT, node->offset,
            "any, all and count go through one form of one visit, and this is another one");
    }
    *form = first == NULL ? node : *form;
    return true;
}

static void mark_rows(struct check_node *node, bool is_own)
{
    for (struct check_node *child = node->first; child != NULL; child = child->next) {
        mark_rows(child, is_own);
    }
    if (node->kind == NODE_REFERENCE && node->reference.property == CHECK_ITEM) {
        node->reference.is_many = node->reference.is_own == is_own;
    }
}

/* Which references are read row by row: those that name their form, else the form's own. */
static bool type_rows(struct check_compiler *compiler, struct check_node *call)
{
    const struct check_node *form = NULL;
    const struct check_node *own = NULL;
    if (!find_rows(compiler, check_operand(call, 0), &form, &own)) {
        return false;
    }
    if (form == NULL && own == NULL) {
        return check_fail(compiler, STATUS_INVALID_ARGUMENT, call->offset,
            "%s goes through the repeats of an item, and names none",
            CHECK_FUNCTIONS[call->choice]);
    }
    mark_rows(check_operand(call, 0), form == NULL);
    return true;
}

static bool type_digits(struct check_compiler *compiler, const struct check_node *digits)
{
    if (digits->kind == NODE_NUMBER && digits->number.exponent == 0 && digits->number.digits >= 0 &&
        digits->number.digits <= ROUND_DIGITS_MAX) {
        return true;
    }
    return check_fail(compiler, STATUS_INVALID_ARGUMENT, digits->offset,
        "the digits after the point are a number from 0 to %d", ROUND_DIGITS_MAX);
}

bool check_call_types(struct check_compiler *compiler, struct check_node *call)
{
    unsigned int n_arguments = 0;
    for (struct check_node *argument = call->first; argument != NULL; argument = argument->next) {
        n_arguments++;
        if (call->choice == CALL_AGE && argument->type == CHECK_NUMBER) {
            return check_fail(compiler, STATUS_INVALID_ARGUMENT, argument->offset,
                "age needs dates; of a year of birth: year(…) - subject.birth_year");
        }
        if (n_arguments <= FUNCTIONS[call->choice].n_max &&
            !check_coerce(compiler, argument, FUNCTIONS[call->choice].argument)) {
            return false;
        }
    }
    if (n_arguments < FUNCTIONS[call->choice].n_min ||
        n_arguments > FUNCTIONS[call->choice].n_max) {
        return check_fail(compiler, STATUS_INVALID_ARGUMENT, call->offset,
            "%u arguments: %s is expected", n_arguments, FUNCTIONS[call->choice].usage);
    }
    call->type = FUNCTIONS[call->choice].result;
    if (is_of_rows(call)) {
        return type_rows(compiler, call);
    }
    return call->choice != CALL_ROUND || n_arguments == 1 ||
           type_digits(compiler, check_operand(call, 1));
}
