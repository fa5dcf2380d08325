#include "crf/language/check_code.h"

#include <string.h>

#include "crf/language/check_number.h"

struct emitter {
    struct check_compiler *compiler;
    struct check_step *steps;
    size_t n_steps;
    struct check_value *constants;
    size_t n_constants;
    struct check_reference references[CHECK_REFERENCES_MAX];
    size_t n_references;
    struct check_rows *rows;
    size_t n_rows;
    void *patterns[CHECK_PATTERNS_MAX];
    size_t n_patterns;
    size_t stack;
    bool is_in_rows;
};

static bool emit(struct emitter *emitter, const struct check_node *node, int16_t *ret_blame);

static struct check_step *put(
    struct emitter *emitter, enum check_op op, unsigned int choice, size_t argument, int16_t blame)
{
    struct check_step *step = &emitter->steps[emitter->n_steps++];
    *step = (struct check_step){.op = (uint8_t)op,
        .choice = (uint8_t)choice,
        .argument = (uint32_t)argument,
        .blame = blame};
    return step;
}

/* One slot more. */
static bool push(struct emitter *emitter, const struct check_node *node)
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

/* The number of the node's reference, -1: too many. */
static int16_t number_of_reference(struct emitter *emitter, const struct check_node *node)
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
    put(emitter, OP_CONSTANT, node->type, emitter->n_constants++, -1);
    return push(emitter, node);
}

static struct check_value value_of(const struct check_node *node)
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
    int16_t number = number_of_reference(emitter, node);
    if (number < 0) {
        return false;
    }
    put(emitter, node->reference.is_many ? OP_LOAD_ROW : OP_LOAD, node->type, (size_t)number,
        number);
    *ret_blame = number;
    return push(emitter, node);
}

/* "and" and "or": what the first one decides alone, the second is not looked at for. */
static bool emit_chain(struct emitter *emitter, const struct check_node *node, int16_t *ret_blame)
{
    bool is_and = node->kind == NODE_AND;
    if (!emit(emitter, node->first, ret_blame)) {
        return false;
    }
    for (const struct check_node *child = node->first->next; child != NULL; child = child->next) {
        int16_t blame = -1;
        size_t jump = emitter->n_steps;
        put(emitter, is_and ? OP_JUMP_FALSE : OP_JUMP_TRUE, 0, 0, -1);
        if (!emit(emitter, child, &blame)) {
            return false;
        }
        put(emitter, is_and ? OP_AND : OP_OR, 0, 0, -1);
        emitter->stack--;
        emitter->steps[jump].argument = (uint32_t)emitter->n_steps;
        *ret_blame = better_blame(emitter, *ret_blame, blame);
    }
    return true;
}

static bool emit_if(struct emitter *emitter, const struct check_node *node, int16_t *ret_blame)
{
    int16_t premise = -1;
    if (!emit(emitter, node->first, &premise)) {
        return false;
    }
    put(emitter, OP_NOT, 0, 0, -1);
    size_t jump = emitter->n_steps;
    put(emitter, OP_JUMP_TRUE, 0, 0, -1);
    if (!emit(emitter, node->first->next, ret_blame)) {
        return false;
    }
    put(emitter, OP_IMPLY, 0, 0, -1);
    emitter->stack--;
    emitter->steps[jump].argument = (uint32_t)emitter->n_steps;
    *ret_blame = *ret_blame < 0 ? premise : *ret_blame;
    return true;
}

/* All children, then one step that makes one slot of theirs. */
static bool emit_operator(struct emitter *emitter, const struct check_node *node, enum check_op op,
    unsigned int choice, int16_t *ret_blame)
{
    size_t n_children = 0;
    for (const struct check_node *child = node->first; child != NULL; child = child->next) {
        int16_t blame = -1;
        if (!emit(emitter, child, &blame)) {
            return false;
        }
        *ret_blame = better_blame(emitter, *ret_blame, blame);
        n_children++;
    }
    put(emitter, op, choice, 0, *ret_blame)->count = (uint32_t)node->first->type;
    emitter->stack -= n_children - 1;
    return true;
}

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
        check_value_parse(node->first->type, code, &value);
        if (value.state == CHECK_MISSING) {
            continue;
        }
        if (value.state != CHECK_GIVEN) {
            return check_fail(emitter->compiler, STATUS_INVALID_ARGUMENT, node->offset,
                "the item is a %s, its codelist has \"%.40s\"", check_kind_name(node->first->type),
                code);
        }
        emitter->constants[emitter->n_constants++] = value;
    }
    return true;
}

static const char *codelist_of(const struct check_compiler *compiler, const struct check_node *node)
{
    const struct check_reference *reference = &node->first->reference;
    return compiler->schema->forms[reference->form].items[reference->item].codelist;
}

static bool emit_in(struct emitter *emitter, const struct check_node *node, int16_t *ret_blame)
{
    size_t first = emitter->n_constants;
    if (node->kind == NODE_IN_CODELIST) {
        if (!put_codes(emitter, node, codelist_of(emitter->compiler, node))) {
            return false;
        }
    } else {
        for (const struct check_node *child = node->first->next; child != NULL;
             child = child->next) {
            emitter->constants[emitter->n_constants++] = value_of(child);
        }
    }
    size_t n_codes = emitter->n_constants - first;
    if (!emit(emitter, node->first, ret_blame)) {
        return false;
    }
    put(emitter, OP_IN, node->first->type, first, *ret_blame)->count = (uint32_t)n_codes;
    return true;
}

static bool emit_matches(struct emitter *emitter, const struct check_node *node, int16_t *ret_blame)
{
    if (emitter->n_patterns == CHECK_PATTERNS_MAX) {
        return check_fail(emitter->compiler, STATUS_OUT_OF_RANGE, node->offset,
            "more than %d regular expressions", CHECK_PATTERNS_MAX);
    }
    if (!check_pattern(
            emitter->compiler, node->first->next, &emitter->patterns[emitter->n_patterns]) ||
        !emit(emitter, node->first, ret_blame)) {
        return false;
    }
    put(emitter, OP_MATCH, 0, emitter->n_patterns++, *ret_blame);
    return true;
}

static bool emit_is(struct emitter *emitter, const struct check_node *node, int16_t *ret_blame)
{
    int16_t number = number_of_reference(emitter, node->first);
    if (number < 0) {
        return false;
    }
    put(emitter, OP_IS, node->choice, (size_t)number, number)->count =
        node->first->reference.is_many ? 1 : 0;
    *ret_blame = number;
    return push(emitter, node);
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
    put(emitter, OP_ROWS_BEGIN, node->choice, number, -1);
    size_t body = emitter->n_steps;
    if (!push(emitter, node) || !emit(emitter, node->first, ret_blame) ||
        !put_rows(emitter, body, &emitter->rows[number])) {
        return false;
    }
    *ret_blame = (int16_t)emitter->rows[number].references[0];
    emitter->steps[body - 1].blame = *ret_blame;
    put(emitter, OP_ROWS_NEXT, node->choice, number, *ret_blame);
    emitter->stack--;
    return true;
}

static bool emit_call(struct emitter *emitter, const struct check_node *node, int16_t *ret_blame)
{
    if (node->choice == CALL_ANY || node->choice == CALL_ALL || node->choice == CALL_COUNT) {
        return emit_rows(emitter, node, ret_blame);
    }
    if (node->choice != CALL_ROUND) {
        return emit_operator(emitter, node, OP_CALL, node->choice, ret_blame);
    }
    if (!emit(emitter, node->first, ret_blame)) {
        return false;
    }
    const struct check_node *digits = node->first->next;
    put(emitter, OP_CALL, CALL_ROUND, digits == NULL ? 0 : (size_t)digits->number.digits,
        *ret_blame);
    return true;
}

static bool emit_bare(struct emitter *emitter, const struct check_node *node, int16_t *ret_blame)
{
    switch (node->kind) {
    case NODE_NUMBER:
    case NODE_TEXT:
    case NODE_DAYS:
    case NODE_TRUTH:
        return put_constant(emitter, node, value_of(node));
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
        return emit_operator(emitter, node, OP_BETWEEN, node->first->type, ret_blame);
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

static bool emit(struct emitter *emitter, const struct check_node *node, int16_t *ret_blame)
{
    if (!emit_bare(emitter, node, ret_blame)) {
        return false;
    }
    if (node->is_negated) {
        put(emitter, OP_NOT, 0, 0, *ret_blame);
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
        for (const char *at = codelist_of(compiler, node); at != NULL; at = strchr(at, ',')) {
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
    return (emitter->steps != NULL && emitter->constants != NULL && emitter->rows != NULL) ||
           check_fail_memory(compiler);
}

bool check_emit(struct check_compiler *compiler, const struct check_node *tree,
    struct check_program *ret_program)
{
    struct emitter emitter = {.compiler = compiler};
    int16_t blame = -1;
    if (!prepare(&emitter, tree) || !emit(&emitter, tree, &blame)) {
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
