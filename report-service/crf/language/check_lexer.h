/* The words of an expression, one at a time.
 *
 *     struct lexer lexer = {.compiler = compiler};
 *     while (lexer_next(&lexer) && lexer.token.kind != TOKEN_END) { ... }
 *
 * A copy of the lexer is a place to come back to. False: compiler->error says why. */
#ifndef WALKIE_CRF_LANGUAGE_CHECK_LEXER_H
#define WALKIE_CRF_LANGUAGE_CHECK_LEXER_H

#include "crf/language/check_tree.h"

enum token_kind {
    TOKEN_END,
    TOKEN_NUMBER,
    TOKEN_TEXT,
    TOKEN_NAME, /* in brackets, or no word of the language */
    TOKEN_WORD,
    TOKEN_SIGN, /* "(", "<=", … */
};

struct token {
    enum token_kind kind;
    size_t offset;
    size_t end;
    bool is_bracketed;
    struct check_number number;
    struct bytes bytes; /* of a text, name or word; NUL-terminated, in the arena */
};

struct lexer {
    struct check_compiler *compiler;
    size_t at;
    struct token token;
};

MUST_USE bool lexer_next(struct lexer *lexer);

/* The current token is this word or this sign. */
bool lexer_is_word(const struct lexer *lexer, const char *word);
bool lexer_is_sign(const struct lexer *lexer, const char *sign);

/* Whether a name needs brackets: it is not letters, digits and "_", or is a word of the language.
 */
bool lexer_needs_brackets(const char *name);

#endif
