/* The rules from "sum" on. */
#include <string.h>
#include <strings.h>

#include "crf/language/check_parser.h"

static bool next(struct parser *parser)
{
    return lexer_next(&parser->lexer);
}

static bool at_word(const struct parser *parser, const char *word)
{
    return lexer_is_word(&parser->lexer, word);
}

static bool at_sign(const struct parser *parser, const char *sign)
{
    return lexer_is_sign(&parser->lexer, sign);
}

bool parse_fail_expected(struct parser *parser, const char *expected)
{
    static const char *const HINTS[] = {
        "and", "or", "not", "if", "then", "in", "is", "between", "matches"};
    const struct token *token = &parser->lexer.token;
    if (token->kind == TOKEN_END) {
        return check_fail(parser->compiler, STATUS_INVALID_ARGUMENT, token->offset,
            "%s is expected, but here it ends", expected);
    }
    size_t len = token->end - token->offset < 40 ? token->end - token->offset : 40;
    const char *name = token->kind == TOKEN_NAME ? (const char *)token->bytes.data : NULL;
    return check_fail(parser->compiler, STATUS_INVALID_ARGUMENT, token->offset,
        "%s is expected, but here is %.*s%s", expected, (int)len,
        parser->compiler->text + token->offset,
        name == NULL ? "" : check_suggest(parser->compiler, name, HINTS, LENGTH_OF(HINTS)));
}

bool parse_fail_capitals(struct parser *parser, const char *name, size_t offset)
{
    static const char *const WORDS[] = {"if", "not"};
    for (size_t i = 0; i < LENGTH_OF(WORDS); i++) {
        if (strcasecmp(name, WORDS[i]) == 0) {
            check_fail(parser->compiler, STATUS_INVALID_ARGUMENT, offset,
                "words of the language are lower case; did you mean %s?", WORDS[i]);
            return true;
        }
    }
    return false;
}

bool parse_sign(struct parser *parser, const char *sign, const char *expected)
{
    return at_sign(parser, sign) ? next(parser) : parse_fail_expected(parser, expected);
}

struct check_node *parse_node(
    struct parser *parser, enum check_node_kind kind, size_t offset, struct check_node *first)
{
    if (++parser->compiler->n_nodes > CHECK_NODES_MAX) {
        check_fail(parser->compiler, STATUS_OUT_OF_RANGE, offset,
            "the expression has more than %d parts", CHECK_NODES_MAX);
        return NULL;
    }
    struct check_node *node = arena_alloc(parser->compiler->arena, sizeof(*node));
    if (node == NULL) {
        check_fail_memory(parser->compiler);
        return NULL;
    }
    node->kind = kind;
    node->offset = offset;
    node->first = first;
    return node;
}

bool parse_enter(struct parser *parser)
{
    return ++parser->compiler->depth <= CHECK_DEPTH_MAX ||
           check_fail(parser->compiler, STATUS_OUT_OF_RANGE, parser->lexer.token.offset,
               "more than %d levels within each other", CHECK_DEPTH_MAX);
}

void parse_leave(struct parser *parser)
{
    parser->compiler->depth--;
}

struct check_node *parse_join(struct parser *parser, enum check_node_kind kind, size_t offset,
    struct check_node *first, struct check_node *second)
{
    if (first == NULL || second == NULL) {
        return NULL;
    }
    first->next = second;
    return parse_node(parser, kind, offset, first);
}

/* --- references ----------------------------------------------------------------------------- */

/* The name after a point. */
static bool take_name(struct parser *parser, const char **ret_name, size_t *ret_offset)
{
    if (parser->lexer.token.kind != TOKEN_NAME) {
        parse_fail_expected(parser, "a name");
        return false;
    }
    *ret_name = (const char *)parser->lexer.token.bytes.data;
    *ret_offset = parser->lexer.token.offset;
    return next(parser);
}

/* "VISIT/FORM." without blanks is a visit; what else comes before "/" is divided. Leaves the parser
 * where it was when it is none. */
static bool take_visit(struct parser *parser, struct check_path *path, bool *ret_is_form_bare)
{
    const struct lexer begin = parser->lexer;
    struct lexer lexer = parser->lexer;
    const struct token visit = lexer.token;
    if (!lexer_next(&lexer)) {
        return false;
    }
    bool is_visit = lexer_is_sign(&lexer, "/") && lexer.token.offset == visit.end;
    size_t slash_end = lexer.token.end;
    if (is_visit && !lexer_next(&lexer)) {
        return false;
    }
    const struct lexer form = lexer;
    is_visit = is_visit && lexer.token.kind == TOKEN_NAME && lexer.token.offset == slash_end;
    if (is_visit && !lexer_next(&lexer)) {
        return false;
    }
    if (is_visit && lexer_is_sign(&lexer, ".")) {
        bool is_previous =
            !visit.is_bracketed && strcmp((const char *)visit.bytes.data, "PREVIOUS") == 0;
        path->visit = is_previous ? CHECK_PREVIOUS_VISIT : CHECK_NAMED_VISIT;
        path->event = is_previous ? NULL : (const char *)visit.bytes.data;
        parser->lexer = form;
    } else {
        parser->lexer = begin;
    }
    *ret_is_form_bare = !parser->lexer.token.is_bracketed;
    return true;
}

static enum check_scope scope_of(const char *form)
{
    for (unsigned int i = SCOPE_SUBJECT; i < SCOPES; i++) {
        if (strcmp(form, CHECK_SCOPES[i]) == 0) {
            return (enum check_scope)i;
        }
    }
    return SCOPE_ITEM;
}

static struct check_node *parse_reference(struct parser *parser)
{
    struct check_path path = {.visit = CHECK_THIS_VISIT};
    const char *name = NULL;
    bool is_form_bare = false;
    size_t offset = parser->lexer.token.offset;
    if (!take_visit(parser, &path, &is_form_bare) || !take_name(parser, &name, &path.item_offset)) {
        return NULL;
    }
    path.item = name;
    if (at_sign(parser, ".")) {
        path.form = name;
        path.form_offset = path.item_offset;
        path.scope = is_form_bare ? scope_of(name) : SCOPE_ITEM;
        if (!next(parser) || !take_name(parser, &path.item, &path.item_offset)) {
            return NULL;
        }
    }
    struct check_node *node = parse_node(parser, NODE_REFERENCE, offset, NULL);
    if (node != NULL) {
        node->path = path;
    }
    return node;
}

/* --- values --------------------------------------------------------------------------------- */

static struct check_node *parse_call(struct parser *parser, unsigned int function)
{
    struct check_node *call = parse_node(parser, NODE_CALL, parser->lexer.token.offset, NULL);
    struct check_node *last = NULL;
    if (call == NULL || !next(parser)) {
        return NULL;
    }
    call->choice = function;
    do {
        struct check_node *argument = next(parser) ? parse_condition(parser) : NULL;
        if (argument == NULL) {
            return NULL;
        }
        if (last == NULL) {
            call->first = argument;
        } else {
            last->next = argument;
        }
        last = argument;
    } while (at_sign(parser, ","));
    return parse_sign(parser, ")", "\")\" after the arguments") ? call : NULL;
}

/* A name before "(" is a function. */
static struct check_node *parse_name(struct parser *parser)
{
    struct lexer ahead = parser->lexer;
    if (!lexer_next(&ahead)) {
        return NULL;
    }
    if (parser->lexer.token.is_bracketed || !lexer_is_sign(&ahead, "(")) {
        return parse_reference(parser);
    }
    const char *name = (const char *)parser->lexer.token.bytes.data;
    for (unsigned int i = 0; i < CALL_FUNCTIONS; i++) {
        if (strcmp(name, CHECK_FUNCTIONS[i]) == 0) {
            return parse_call(parser, i);
        }
    }
    if (parse_fail_capitals(parser, name, parser->lexer.token.offset)) {
        return NULL;
    }
    check_fail(parser->compiler, STATUS_INVALID_ARGUMENT, parser->lexer.token.offset,
        "there is no function %.40s%s", name,
        check_suggest(parser->compiler, name, CHECK_FUNCTIONS, CALL_FUNCTIONS));
    return NULL;
}

/* "true" or "false", at which the parser is. */
static struct check_node *parse_truth(struct parser *parser)
{
    struct check_node *node = parse_node(parser, NODE_TRUTH, parser->lexer.token.offset, NULL);
    if (node != NULL) {
        node->truth = at_word(parser, "true");
    }
    return node != NULL && next(parser) ? node : NULL;
}

struct check_node *parse_literal(struct parser *parser)
{
    const struct token *token = &parser->lexer.token;
    size_t offset = token->offset;
    bool is_negative = at_sign(parser, "-");
    if (at_word(parser, "true") || at_word(parser, "false")) {
        return parse_truth(parser);
    }
    if (is_negative && !next(parser)) {
        return NULL;
    }
    if (token->kind != TOKEN_NUMBER && (token->kind != TOKEN_TEXT || is_negative)) {
        parse_fail_expected(parser, is_negative ? "a number" : "a number or a text in quotes");
        return NULL;
    }
    struct check_node *node =
        parse_node(parser, token->kind == TOKEN_NUMBER ? NODE_NUMBER : NODE_TEXT, offset, NULL);
    if (node == NULL) {
        return NULL;
    }
    node->number = token->number;
    node->number.digits = is_negative ? -token->number.digits : token->number.digits;
    node->literal = token->bytes;
    return next(parser) ? node : NULL;
}

static struct check_node *parse_value(struct parser *parser)
{
    const struct token *token = &parser->lexer.token;
    if (token->kind == TOKEN_NAME) {
        return parse_name(parser);
    }
    if (token->kind == TOKEN_NUMBER || token->kind == TOKEN_TEXT || at_word(parser, "true") ||
        at_word(parser, "false")) {
        return parse_literal(parser);
    }
    if (at_sign(parser, "(")) {
        struct check_node *node = next(parser) ? parse_condition(parser) : NULL;
        return node != NULL && parse_sign(parser, ")", "\")\"") ? node : NULL;
    }
    parse_fail_expected(parser, at_word(parser, "if")
                                    ? "a value (\"if\" within a condition stands in parentheses)"
                                    : "a value");
    return NULL;
}

static struct check_node *parse_signed(struct parser *parser)
{
    if (!at_sign(parser, "-")) {
        return parse_value(parser);
    }
    size_t offset = parser->lexer.token.offset;
    struct check_node *node = parse_enter(parser) && next(parser) ? parse_signed(parser) : NULL;
    parse_leave(parser);
    return node == NULL ? NULL : parse_node(parser, NODE_NEGATE, offset, node);
}

static struct check_node *parse_product(struct parser *parser)
{
    struct check_node *node = parse_signed(parser);
    while (node != NULL && (at_sign(parser, "*") || at_sign(parser, "/"))) {
        enum check_node_kind kind = at_sign(parser, "*") ? NODE_MULTIPLY : NODE_DIVIDE;
        size_t offset = parser->lexer.token.offset;
        node = parse_join(parser, kind, offset, node, next(parser) ? parse_signed(parser) : NULL);
    }
    return node;
}

struct check_node *parse_sum(struct parser *parser)
{
    struct check_node *node = parse_product(parser);
    while (node != NULL && (at_sign(parser, "+") || at_sign(parser, "-"))) {
        enum check_node_kind kind = at_sign(parser, "+") ? NODE_ADD : NODE_SUBTRACT;
        size_t offset = parser->lexer.token.offset;
        node = parse_join(parser, kind, offset, node, next(parser) ? parse_product(parser) : NULL);
    }
    return node;
}
