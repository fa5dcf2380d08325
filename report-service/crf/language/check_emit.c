#include "crf/language/check_emitter.h"

#include <string.h>

struct check_step *emit_step(
    struct emitter *emitter, enum check_op op, unsigned int choice, size_t argument, int16_t blame)
{
    struct check_step *step = &emitter->steps[emitter->n_steps++];
    *step = (struct check_step){.op = (uint8_t)op,
        .choice = (uint8_t)choice,
        .argument = (uint32_t)argument,
        .blame = blame};
    return step;
}

bool emit_push(struct emitter *emitter, const struct check_node *node)
{
    return ++emitter->stack <= CHECK_STACK_MAX || check_fail(emitter->compiler, STATUS_OUT_OF_RANGE,
                                                      node->offset, "too much within each other");
}

static bool same_reference(const struct check_reference *one, const struct check_reference *other)
{
    return one->property == other->property && one->visit == other->visit &&
           one->event == other->event && one->form == other->form && one->item == other->item &&
           one->is_own == other->is_own && one->is_many == other->is_many;
}

int16_t emit_reference_number(struct emitter *emitter, const struct check_node *node)
{
    size_t i = 0;
    while (
        i < emitter->n_references && !same_reference(&emitter->references[i], &node->reference)) {
        i++;
    }
    if (i == CHECK_REFERENCES_MAX) {
        check_fail(emitter->compiler, STATUS_OUT_OF_RANGE, node->offset,
            "more than %d different references", CHECK_REFERENCES_MAX);
        return -1;
    }
    if (i == emitter->n_references) {
        emitter->references[i] = node->reference;
        emitter->references[i].column = check_column(emitter->compiler->text, node->offset);
        emitter->n_references++;
    }
    return (int16_t)i;
}

/* The form's own item is what a query is written on, so it goes before others. */
static int16_t better_blame(const struct emitter *emitter, int16_t first, int16_t second)
{
    if (first < 0 || second < 0) {
        return first < 0 ? second : first;
    }
    return !emitter->references[first].is_own && emitter->references[second].is_own ? second
                                                                                    : first;
}

static bool put_constant(
    struct emitter *emitter, const struct check_node *node, struct check_value value)
{
    emitter->constants[emitter->n_constants] = value;
    emit_step(emitter, OP_CONSTANT, node->type, emitter->n_constants++, -1);
    return emit_push(emitter, node);
}

struct check_value emit_value(const struct check_node *node)
{
    struct check_value value = {.state = CHECK_GIVEN};
    if (node->kind == NODE_NUMBER) {
        value.number = node->number;
    } else if (node->kind == NODE_DAYS) {
        value.date.first = node->days[0];
        value.date.last = node->days[1];
    } else if (node->kind == NODE_TEXT) {
        value.text.data = (const char *)node->literal.data;
        value.text.len = node->literal.len;
    } else {
        value.truth = node->truth;
    }
    return value;
}

static bool emit_reference(
    struct emitter *emitter, const struct check_node *node, int16_t *ret_blame)
{
    int16_t number = emit_reference_number(emitter, node);
    if (number < 0) {
        return false;
    }
    emit_step(emitter, node->reference.is_many ? OP_LOAD_ROW : OP_LOAD, node->type, (size_t)number,
        number);
    *ret_blame = number;
    return emit_push(emitter, node);
}

/* "and" and "or": what the first one decides alone, the second is not looked at for. */
static bool emit_chain(struct emitter *emitter, const struct check_node *node, int16_t *ret_blame)
{
    bool is_and = node->kind == NODE_AND;
    if (!emit_node(emitter, node->first, ret_blame)) {
        return false;
    }
    for (const struct check_node *child = check_operand(node, 1); child != NULL;
         child = child->next) {
        int16_t blame = -1;
        size_t jump = emitter->n_steps;
        emit_step(emitter, is_and ? OP_JUMP_FALSE : OP_JUMP_TRUE, 0, 0, -1);
        if (!emit_node(emitter, child, &blame)) {
            return false;
        }
        *ret_blame = better_blame(emitter, *ret_blame, blame);
        emit_step(emitter, is_and ? OP_AND : OP_OR, 0, 0, *ret_blame);
        emitter->stack--;
        emitter->steps[jump].argument = (uint32_t)emitter->n_steps;
    }
    return true;
}

static bool emit_if(struct emitter *emitter, const struct check_node *node, int16_t *ret_blame)
{
    int16_t premise = -1;
    if (!emit_node(emitter, node->first, &premise)) {
        return false;
    }
    emit_step(emitter, OP_NOT, 0, 0, -1);
    size_t jump = emitter->n_steps;
    emit_step(emitter, OP_JUMP_TRUE, 0, 0, -1);
    if (!emit_node(emitter, check_operand(node, 1), ret_blame)) {
        return false;
    }
    emit_step(emitter, OP_IMPLY, 0, 0, -1);
    emitter->stack--;
    emitter->steps[jump].argument = (uint32_t)emitter->n_steps;
    *ret_blame = *ret_blame < 0 ? premise : *ret_blame;
    return true;
}

bool emit_operator(struct emitter *emitter, const struct check_node *node, enum check_op op,
    unsigned int choice, int16_t *ret_blame)
{
    size_t n_children = 0;
    for (const struct check_node *child = node->first; child != NULL; child = child->next) {
        int16_t blame = -1;
        if (!emit_node(emitter, child, &blame)) {
            return false;
        }
        *ret_blame = better_blame(emitter, *ret_blame, blame);
        n_children++;
    }
    emit_step(emitter, op, choice, 0, *ret_blame)->count = (uint32_t)check_operand(node, 0)->type;
    emitter->stack -= n_children - 1;
    return true;
}

static bool emit_bare(struct emitter *emitter, const struct check_node *node, int16_t *ret_blame)
{
    switch (node->kind) {
    case NODE_NUMBER:
    case NODE_TEXT:
    case NODE_DAYS:
    case NODE_TRUTH:
        return put_constant(emitter, node, emit_value(node));
    case NODE_REFERENCE:
        return emit_reference(emitter, node, ret_blame);
    case NODE_IF:
        return emit_if(emitter, node, ret_blame);
    case NODE_OR:
    case NODE_AND:
        return emit_chain(emitter, node, ret_blame);
    case NODE_NOT:
        return emit_operator(emitter, node, OP_NOT, 0, ret_blame);
    case NODE_COMPARE:
        return emit_operator(emitter, node, OP_COMPARE, node->choice, ret_blame);
    case NODE_BETWEEN:
        return emit_operator(emitter, node, OP_BETWEEN, check_operand(node, 0)->type, ret_blame);
    case NODE_IN:
    case NODE_IN_CODELIST:
        return emit_in(emitter, node, ret_blame);
    case NODE_MATCHES:
        return emit_matches(emitter, node, ret_blame);
    case NODE_IS:
        return emit_is(emitter, node, ret_blame);
    case NODE_ADD:
        return emit_operator(emitter, node, OP_ADD, 0, ret_blame);
    case NODE_SUBTRACT:
        return emit_operator(emitter, node, OP_SUBTRACT, 0, ret_blame);
    case NODE_MULTIPLY:
        return emit_operator(emitter, node, OP_MULTIPLY, 0, ret_blame);
    case NODE_DIVIDE:
        return emit_operator(emitter, node, OP_DIVIDE, 0, ret_blame);
    case NODE_NEGATE:
        return emit_operator(emitter, node, OP_NEGATE, 0, ret_blame);
    case NODE_CALL:
        return emit_call(emitter, node, ret_blame);
    }
    return false;
}

bool emit_node(struct emitter *emitter, const struct check_node *node, int16_t *ret_blame)
{
    if (!emit_bare(emitter, node, ret_blame)) {
        return false;
    }
    if (node->is_negated) {
        emit_step(emitter, OP_NOT, 0, 0, *ret_blame);
    }
    return true;
}

/* How many codes there are in code lists, and how many any(), all() and count(). */
static void count_parts(const struct check_compiler *compiler, const struct check_node *node,
    size_t *n_codes, size_t *n_rows)
{
    for (const struct check_node *child = node->first; child != NULL; child = child->next) {
        count_parts(compiler, child, n_codes, n_rows);
    }
    *n_rows += node->kind == NODE_CALL ? 1 : 0;
    if (node->kind == NODE_IN_CODELIST) {
        for (const char *at = emit_codelist_of(compiler, node); at != NULL; at = strchr(at, ',')) {
            at += *at == ',' ? 1 : 0;
            ++*n_codes;
        }
    }
}

static bool prepare(struct emitter *emitter, const struct check_node *tree)
{
    struct check_compiler *compiler = emitter->compiler;
    size_t n_codes = compiler->n_nodes;
    size_t n_rows = 0;
    count_parts(compiler, tree, &n_codes, &n_rows);
    if (n_codes > CHECK_CONSTANTS_MAX) {
        return check_fail(compiler, STATUS_OUT_OF_RANGE, tree->offset,
            "the code lists have more than %d codes", CHECK_CONSTANTS_MAX);
    }
    emitter->steps = arena_alloc_array(
        compiler->arena, (size_t)4 * compiler->n_nodes + 1, sizeof(*emitter->steps));
    emitter->constants = arena_alloc_array(compiler->arena, n_codes, sizeof(*emitter->constants));
    emitter->rows = arena_alloc_array(compiler->arena, n_rows + 1, sizeof(*emitter->rows));
    if (emitter->steps == NULL || emitter->constants == NULL || emitter->rows == NULL) {
        check_fail_memory(compiler);
        return false;
    }
    return true;
}

bool check_emit(struct check_compiler *compiler, const struct check_node *tree,
    struct check_program *ret_program)
{
    struct emitter emitter = {.compiler = compiler};
    int16_t blame = -1;
    if (!prepare(&emitter, tree) || !emit_node(&emitter, tree, &blame)) {
        return false;
    }
    struct arena *arena = compiler->arena;
    struct check_code *code = arena_alloc(arena, sizeof(*code));
    struct check_reference *references =
        arena_alloc_array(arena, emitter.n_references + 1, sizeof(*references));
    void **patterns = arena_alloc_array(arena, emitter.n_patterns + 1, sizeof(*patterns));
    if (code == NULL || references == NULL || patterns == NULL) {
        return check_fail_memory(compiler);
    }
    memcpy(references, emitter.references, emitter.n_references * sizeof(*references));
    memcpy(patterns, emitter.patterns, emitter.n_patterns * sizeof(*patterns));
    *code = (struct check_code){.steps = emitter.steps,
        .n_steps = emitter.n_steps,
        .constants = emitter.constants,
        .rows = emitter.rows,
        .patterns = patterns};
    *ret_program = (struct check_program){references, emitter.n_references, code};
    return true;
}
