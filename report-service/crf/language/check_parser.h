/* What check_parse.c (conditions) and check_parse_value.c (values) share: recursive descent over
 * the grammar in README.md, one function a rule. NULL and false: the compiler's error says why.
 *
 *     struct parser parser = {.compiler = compiler, .lexer = {.compiler = compiler}};
 *     node = lexer_next(&parser.lexer) ? parse_condition(&parser) : NULL;
 */
#ifndef WALKIE_CRF_LANGUAGE_CHECK_PARSER_H
#define WALKIE_CRF_LANGUAGE_CHECK_PARSER_H

#include "crf/language/check_lexer.h"

struct parser {
    struct check_compiler *compiler;
    struct lexer lexer; /* its token is the next one that is not taken */
};

struct check_node *parse_condition(struct parser *parser);
struct check_node *parse_sum(struct parser *parser);
struct check_node *parse_literal(struct parser *parser); /* "-80", "N", true */

/* "X is expected, but here is Y." */
bool parse_fail_expected(struct parser *parser, const char *expected);

/* "IF" and "NOT" are names, but for what comes after them. Whether this is one: then it fails. */
bool parse_fail_capitals(struct parser *parser, const char *name, size_t offset);

/* Take the sign, or fail for it. */
MUST_USE bool parse_sign(struct parser *parser, const char *sign, const char *expected);

/* NULL: too many, or memory. */
struct check_node *parse_node(
    struct parser *parser, enum check_node_kind kind, size_t offset, struct check_node *first);

/* A node of two children, NULL when one of them is. */
struct check_node *parse_join(struct parser *parser, enum check_node_kind kind, size_t offset,
    struct check_node *first, struct check_node *second);

/* One level deeper, false: too deep; parse_leave in either case. */
MUST_USE bool parse_enter(struct parser *parser);
void parse_leave(struct parser *parser);

#endif
