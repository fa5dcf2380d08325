/* Lists, regular expressions, questions about a value, and functions. */
#include <string.h>

#include "crf/language/check_emitter.h"

/* The codes of an item's list, in the item's kind. */
static bool put_codes(struct emitter *emitter, const struct check_node *node, const char *list)
{
    char *codes = arena_copy_text(emitter->compiler->arena, list);
    char *rest = codes;
    if (codes == NULL) {
        return check_fail_memory(emitter->compiler);
    }
    while (rest != NULL) {
        char *code = rest;
        rest = strchr(code, ',');
        if (rest != NULL) {
            *rest++ = '\0';
        }
        struct check_value value;
        check_value_parse(check_operand(node, 0)->type, code, &value);
        if (value.state == CHECK_MISSING) {
            continue;
        }
        if (value.state != CHECK_GIVEN) {
            return check_fail(emitter->compiler, STATUS_INVALID_ARGUMENT, node->offset,
                "the item is a %s, its codelist has \"%.40s\"",
                check_kind_name(check_operand(node, 0)->type), code);
        }
        emitter->constants[emitter->n_constants++] = value;
    }
    return true;
}

const char *emit_codelist_of(const struct check_compiler *compiler, const struct check_node *node)
{
    const struct check_reference *reference = &check_operand(node, 0)->reference;
    return compiler->schema->forms[reference->form].items[reference->item].codelist;
}

bool emit_in(struct emitter *emitter, const struct check_node *node, int16_t *ret_blame)
{
    size_t first = emitter->n_constants;
    if (node->kind == NODE_IN_CODELIST) {
        if (!put_codes(emitter, node, emit_codelist_of(emitter->compiler, node))) {
            return false;
        }
    } else {
        for (const struct check_node *child = check_operand(node, 1); child != NULL;
             child = child->next) {
            emitter->constants[emitter->n_constants++] = emit_value(child);
        }
    }
    size_t n_codes = emitter->n_constants - first;
    if (!emit_node(emitter, node->first, ret_blame)) {
        return false;
    }
    emit_step(emitter, OP_IN, check_operand(node, 0)->type, first, *ret_blame)->count =
        (uint32_t)n_codes;
    return true;
}

bool emit_matches(struct emitter *emitter, const struct check_node *node, int16_t *ret_blame)
{
    if (emitter->n_patterns == CHECK_PATTERNS_MAX) {
        return check_fail(emitter->compiler, STATUS_OUT_OF_RANGE, node->offset,
            "more than %d regular expressions", CHECK_PATTERNS_MAX);
    }
    if (!check_pattern(
            emitter->compiler, check_operand(node, 1), &emitter->patterns[emitter->n_patterns]) ||
        !emit_node(emitter, node->first, ret_blame)) {
        return false;
    }
    emit_step(emitter, OP_MATCH, 0, emitter->n_patterns++, *ret_blame);
    return true;
}

bool emit_is(struct emitter *emitter, const struct check_node *node, int16_t *ret_blame)
{
    int16_t number = emit_reference_number(emitter, node->first);
    if (number < 0) {
        return false;
    }
    emit_step(emitter, OP_IS, node->choice, (size_t)number, number)->count =
        check_operand(node, 0)->reference.is_many ? 1 : 0;
    *ret_blame = number;
    return emit_push(emitter, node);
}

/* --- any, all, count ------------------------------------------------------------------------ */

/* The references that are read row by row within a round. */
static bool put_rows(struct emitter *emitter, size_t body, struct check_rows *rows)
{
    uint16_t *references =
        arena_alloc_array(emitter->compiler->arena, emitter->n_references, sizeof(*references));
    if (references == NULL) {
        return check_fail_memory(emitter->compiler);
    }
    bool is_listed[CHECK_REFERENCES_MAX] = {false};
    for (size_t i = body; i < emitter->n_steps; i++) {
        const struct check_step *step = &emitter->steps[i];
        bool is_row = step->op == OP_LOAD_ROW || (step->op == OP_IS && step->count == 1);
        if (is_row && !is_listed[step->argument]) {
            is_listed[step->argument] = true;
            references[rows->n_references++] = (uint16_t)step->argument;
        }
        rows->cost += step->op == OP_IN ? 1 + step->count / 8 : 1;
    }
    rows->references = references;
    rows->body = body;
    rows->end = emitter->n_steps + 1;
    return true;
}

static bool emit_rows(struct emitter *emitter, const struct check_node *node, int16_t *ret_blame)
{
    size_t number = emitter->n_rows++;
    emit_step(emitter, OP_ROWS_BEGIN, node->choice, number, -1);
    size_t body = emitter->n_steps;
    if (!emit_push(emitter, node) || !emit_node(emitter, node->first, ret_blame) ||
        !put_rows(emitter, body, &emitter->rows[number])) {
        return false;
    }
    *ret_blame = (int16_t)emitter->rows[number].references[0];
    emitter->steps[body - 1].blame = *ret_blame;
    emit_step(emitter, OP_ROWS_NEXT, node->choice, number, *ret_blame);
    emitter->stack--;
    return true;
}

bool emit_call(struct emitter *emitter, const struct check_node *node, int16_t *ret_blame)
{
    if (node->choice == CALL_ANY || node->choice == CALL_ALL || node->choice == CALL_COUNT) {
        return emit_rows(emitter, node, ret_blame);
    }
    if (node->choice != CALL_ROUND) {
        return emit_operator(emitter, node, OP_CALL, node->choice, ret_blame);
    }
    if (!emit_node(emitter, node->first, ret_blame)) {
        return false;
    }
    const struct check_node *digits = check_operand(node, 0)->next;
    emit_step(emitter, OP_CALL, CALL_ROUND, digits == NULL ? 0 : (size_t)digits->number.digits,
        *ret_blame);
    return true;
}
