/* The rules from "check" to "claim". */
#include <string.h>

#include "crf/language/check_parser.h"

static bool at_word(const struct parser *parser, const char *word)
{
    return lexer_is_word(&parser->lexer, word);
}

static bool next(struct parser *parser)
{
    return lexer_next(&parser->lexer);
}

/* The comparator at hand, -1: none. */
static int comparator(const struct parser *parser)
{
    static const enum check_comparator SAME[] = {
        COMPARE_EQ, COMPARE_NE, COMPARE_LT, COMPARE_LE, COMPARE_GT, COMPARE_GE};
    for (size_t i = 0; i < LENGTH_OF(SAME); i++) {
        if (lexer_is_sign(&parser->lexer, CHECK_COMPARATORS[i])) {
            return (int)SAME[i];
        }
    }
    return lexer_is_sign(&parser->lexer, "<>") ? (int)COMPARE_NE : -1;
}

static struct check_node *parse_comparison(struct parser *parser, struct check_node *left)
{
    size_t offset = parser->lexer.token.offset;
    unsigned int choice = (unsigned int)comparator(parser);
    struct check_node *right = next(parser) ? parse_sum(parser) : NULL;
    struct check_node *node = parse_join(parser, NODE_COMPARE, offset, left, right);
    if (node != NULL && comparator(parser) >= 0) {
        check_fail(parser->compiler, STATUS_INVALID_ARGUMENT, parser->lexer.token.offset,
            "one comparison at a time: write a < b and b < c, or b between a and c");
        return NULL;
    }
    if (node != NULL) {
        node->choice = choice;
    }
    return node;
}

/* "is [not] missing" */
static struct check_node *parse_is(struct parser *parser, struct check_node *left)
{
    struct check_node *node = parse_node(parser, NODE_IS, parser->lexer.token.offset, left);
    if (node == NULL || !next(parser)) {
        return NULL;
    }
    if (at_word(parser, "not")) {
        node->is_negated = true;
        if (!next(parser)) {
            return NULL;
        }
    }
    const struct token *token = &parser->lexer.token;
    for (unsigned int i = 0; token->kind == TOKEN_NAME && i < IS_COUNT; i++) {
        if (strcmp((const char *)token->bytes.data, CHECK_PREDICATES[i]) == 0) {
            node->choice = i;
            return next(parser) ? node : NULL;
        }
    }
    parse_fail_expected(parser, "missing, required, complete or valid");
    return NULL;
}

/* "(1, 2, 3)", the literals as siblings of the value. */
static struct check_node *parse_list(struct parser *parser, struct check_node *left, size_t offset)
{
    struct check_node *last = left;
    do {
        struct check_node *literal = next(parser) ? parse_literal(parser) : NULL;
        if (literal == NULL) {
            return NULL;
        }
        last->next = literal;
        last = literal;
    } while (lexer_is_sign(&parser->lexer, ","));
    return parse_sign(parser, ")", "\",\" or \")\"") ? parse_node(parser, NODE_IN, offset, left)
                                                     : NULL;
}

static struct check_node *parse_in(struct parser *parser, struct check_node *left)
{
    size_t offset = parser->lexer.token.offset;
    if (!next(parser)) {
        return NULL;
    }
    const struct token *token = &parser->lexer.token;
    if (token->kind == TOKEN_NAME && strcmp((const char *)token->bytes.data, "codelist") == 0) {
        return next(parser) ? parse_node(parser, NODE_IN_CODELIST, offset, left) : NULL;
    }
    if (lexer_is_sign(&parser->lexer, "(")) {
        return parse_list(parser, left, offset);
    }
    parse_fail_expected(parser, "a list in parentheses or codelist");
    return NULL;
}

static struct check_node *parse_between(struct parser *parser, struct check_node *left)
{
    size_t offset = parser->lexer.token.offset;
    struct check_node *low = next(parser) ? parse_sum(parser) : NULL;
    if (low == NULL) {
        return NULL;
    }
    if (!at_word(parser, "and")) {
        parse_fail_expected(parser, "\"and\" of \"between … and …\"");
        return NULL;
    }
    struct check_node *high = next(parser) ? parse_sum(parser) : NULL;
    if (high == NULL) {
        return NULL;
    }
    left->next = low;
    low->next = high;
    return parse_node(parser, NODE_BETWEEN, offset, left);
}

static struct check_node *parse_matches(struct parser *parser, struct check_node *left)
{
    size_t offset = parser->lexer.token.offset;
    if (!next(parser)) {
        return NULL;
    }
    if (parser->lexer.token.kind != TOKEN_TEXT) {
        parse_fail_expected(parser, "a regular expression in quotes");
        return NULL;
    }
    return parse_join(parser, NODE_MATCHES, offset, left, parse_literal(parser));
}

static struct check_node *parse_claim(struct parser *parser)
{
    struct check_node *left = parse_sum(parser);
    if (left == NULL || comparator(parser) >= 0) {
        return left == NULL ? NULL : parse_comparison(parser, left);
    }
    if (at_word(parser, "is")) {
        return parse_is(parser, left);
    }
    bool is_negated = at_word(parser, "not");
    if (is_negated && !next(parser)) {
        return NULL;
    }
    struct check_node *node = NULL;
    if (at_word(parser, "in")) {
        node = parse_in(parser, left);
    } else if (at_word(parser, "between")) {
        node = parse_between(parser, left);
    } else if (at_word(parser, "matches")) {
        node = parse_matches(parser, left);
    } else if (is_negated) {
        parse_fail_expected(parser, "in, between or matches");
    } else {
        return left;
    }
    if (node != NULL) {
        node->is_negated = is_negated;
    }
    return node;
}

static struct check_node *parse_negated(struct parser *parser)
{
    if (!at_word(parser, "not")) {
        return parse_claim(parser);
    }
    size_t offset = parser->lexer.token.offset;
    struct check_node *node = parse_enter(parser) && next(parser) ? parse_negated(parser) : NULL;
    parse_leave(parser);
    return node == NULL ? NULL : parse_node(parser, NODE_NOT, offset, node);
}

/* One operand, or a node with all that stand between the words. */
static struct check_node *parse_chain(struct parser *parser, const char *word,
    enum check_node_kind kind, struct check_node *(*parse)(struct parser *parser))
{
    struct check_node *first = parse(parser);
    struct check_node *last = first;
    size_t offset = parser->lexer.token.offset;
    while (last != NULL && at_word(parser, word)) {
        last->next = next(parser) ? parse(parser) : NULL;
        last = last->next;
    }
    if (last == NULL || last == first) {
        return last;
    }
    return parse_node(parser, kind, offset, first);
}

static struct check_node *parse_both(struct parser *parser)
{
    return parse_chain(parser, "and", NODE_AND, parse_negated);
}

static struct check_node *parse_if(struct parser *parser)
{
    size_t offset = parser->lexer.token.offset;
    struct check_node *premise = next(parser) ? parse_condition(parser) : NULL;
    if (premise == NULL) {
        return NULL;
    }
    if (!at_word(parser, "then")) {
        parse_fail_expected(parser, "\"then\"");
        return NULL;
    }
    return parse_join(
        parser, NODE_IF, offset, premise, next(parser) ? parse_condition(parser) : NULL);
}

struct check_node *parse_condition(struct parser *parser)
{
    struct check_node *node = NULL;
    if (parse_enter(parser)) {
        node = at_word(parser, "if") ? parse_if(parser)
                                     : parse_chain(parser, "or", NODE_OR, parse_both);
    }
    parse_leave(parser);
    return node;
}

struct check_node *check_parse(struct check_compiler *compiler)
{
    struct parser parser = {.compiler = compiler, .lexer = {.compiler = compiler}};
    struct check_node *tree = next(&parser) ? parse_condition(&parser) : NULL;
    if (tree != NULL && parser.lexer.token.kind != TOKEN_END) {
        bool is_bare = tree->kind == NODE_REFERENCE && tree->path.form == NULL;
        if (is_bare && parse_fail_capitals(&parser, tree->path.item, tree->offset)) {
            return NULL;
        }
        parse_fail_expected(&parser, "the end, \"and\", \"or\" or a comparison");
        return NULL;
    }
    return tree;
}
