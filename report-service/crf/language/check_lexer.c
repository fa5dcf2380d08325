#include "crf/language/check_lexer.h"

#include <string.h>

#include "base/utf8.h"
#include "crf/language/check_number.h"

static const char *const WORDS[] = {
    "and", "or", "not", "if", "then", "in", "is", "between", "matches", "true", "false"};

/* The longer ones first. */
static const char *const SIGNS[] = {
    "<=", ">=", "<>", "!=", "=", "<", ">", "+", "-", "*", "/", "(", ")", ",", "."};

static bool is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

/* Every character beyond ASCII may stand in a name. */
static bool begins_name(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || letter == '_' ||
           (unsigned char)letter >= 0x80;
}

static bool is_reserved(const char *name)
{
    for (size_t i = 0; i < LENGTH_OF(WORDS); i++) {
        if (strcmp(name, WORDS[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool lexer_needs_brackets(const char *name)
{
    if (!begins_name(name[0]) || is_reserved(name)) {
        return true;
    }
    for (const char *at = name; *at != '\0'; at++) {
        if (!begins_name(*at) && !is_digit(*at)) {
            return true;
        }
    }
    return false;
}

static bool keep(struct lexer *lexer, char *text, size_t len)
{
    if (text == NULL) {
        return check_fail_memory(lexer->compiler);
    }
    lexer->token.bytes = (struct bytes){(const uint8_t *)text, len};
    return true;
}

/* What stands between an opening and a closing character; the closing one twice is itself. */
static bool lex_quoted(struct lexer *lexer, char closing, const char *what)
{
    const char *text = lexer->compiler->text;
    size_t begin = lexer->token.offset + 1;
    size_t end = begin;
    for (; text[end] != closing || text[end + 1] == closing; end++) {
        if (text[end] == '\0') {
            return check_fail(lexer->compiler, STATUS_INVALID_ARGUMENT, lexer->token.offset,
                "%s is not closed: %c is missing", what, closing);
        }
        end += text[end] == closing ? 1 : 0;
    }
    size_t len = 0;
    char *copy = arena_alloc(lexer->compiler->arena, end - begin + 1);
    for (size_t at = begin; copy != NULL && at < end; at++) {
        copy[len++] = text[at];
        at += text[at] == closing ? 1 : 0;
    }
    lexer->token.end = end + 1;
    return keep(lexer, copy, len);
}

/* How long an exponent is that may begin here, 0: none does. */
static size_t exponent_len(const char *text)
{
    size_t len = 1;
    if (text[0] != 'e' && text[0] != 'E') {
        return 0;
    }
    len += text[len] == '-' || text[len] == '+' ? 1 : 0;
    if (!is_digit(text[len])) {
        return 0;
    }
    while (is_digit(text[len])) {
        len++;
    }
    return len;
}

static bool lex_number(struct lexer *lexer)
{
    const char *text = lexer->compiler->text;
    size_t at = lexer->token.offset;
    while (is_digit(text[at])) {
        at++;
    }
    if (text[at] == '.' && is_digit(text[at + 1])) {
        for (at++; is_digit(text[at]);) {
            at++;
        }
    }
    at += exponent_len(text + at);
    if (begins_name(text[at])) {
        return check_fail(lexer->compiler, STATUS_INVALID_ARGUMENT, lexer->token.offset,
            "a number ends in a letter; a name that begins with a digit is written [%.*s…]",
            (int)(at - lexer->token.offset < 20 ? at - lexer->token.offset : 20),
            text + lexer->token.offset);
    }
    lexer->token.end = at;
    if (!number_parse(text + lexer->token.offset, at - lexer->token.offset, &lexer->token.number)) {
        return check_fail(lexer->compiler, STATUS_INVALID_ARGUMENT, lexer->token.offset,
            "the number is too long or too large");
    }
    return true;
}

static bool lex_name(struct lexer *lexer)
{
    const char *text = lexer->compiler->text;
    size_t at = lexer->token.offset;
    while (begins_name(text[at]) || is_digit(text[at])) {
        at++;
    }
    size_t len = at - lexer->token.offset;
    char *copy = arena_alloc(lexer->compiler->arena, len + 1);
    if (copy != NULL) {
        memcpy(copy, text + lexer->token.offset, len);
        lexer->token.kind = is_reserved(copy) ? TOKEN_WORD : TOKEN_NAME;
    }
    lexer->token.end = at;
    return keep(lexer, copy, len);
}

static bool lex_sign(struct lexer *lexer)
{
    const char *text = lexer->compiler->text + lexer->token.offset;
    for (size_t i = 0; i < LENGTH_OF(SIGNS); i++) {
        size_t len = strlen(SIGNS[i]);
        if (strncmp(text, SIGNS[i], len) == 0) {
            lexer->token.bytes = (struct bytes){(const uint8_t *)SIGNS[i], len};
            lexer->token.end = lexer->token.offset + len;
            return true;
        }
    }
    return check_fail(lexer->compiler, STATUS_INVALID_ARGUMENT, lexer->token.offset,
        "\"%c\" means nothing here%s", *text,
        *text == '&' || *text == '|' ? "; write \"and\", \"or\"" : "");
}

bool lexer_next(struct lexer *lexer)
{
    const char *text = lexer->compiler->text;
    while (text[lexer->at] == ' ' || text[lexer->at] == '\t' || text[lexer->at] == '\n' ||
           text[lexer->at] == '\r') {
        lexer->at++;
    }
    char letter = text[lexer->at];
    bool is_good = true;
    lexer->token = (struct token){.offset = lexer->at, .end = lexer->at};
    if (letter == '\0') {
        lexer->token.kind = TOKEN_END;
    } else if (letter == '"' || letter == '\'') {
        lexer->token.kind = TOKEN_TEXT;
        is_good = lex_quoted(lexer, letter, "the text");
    } else if (letter == '[') {
        lexer->token.kind = TOKEN_NAME;
        lexer->token.is_bracketed = true;
        is_good = lex_quoted(lexer, ']', "the name");
    } else if (is_digit(letter)) {
        lexer->token.kind = TOKEN_NUMBER;
        is_good = lex_number(lexer);
    } else if (begins_name(letter)) {
        is_good = lex_name(lexer);
    } else {
        lexer->token.kind = TOKEN_SIGN;
        is_good = lex_sign(lexer);
    }
    lexer->at = lexer->token.end;
    return is_good;
}

static bool is_spelt(const struct lexer *lexer, const char *text)
{
    return lexer->token.bytes.len == strlen(text) &&
           memcmp(lexer->token.bytes.data, text, lexer->token.bytes.len) == 0;
}

bool lexer_is_word(const struct lexer *lexer, const char *word)
{
    return lexer->token.kind == TOKEN_WORD && is_spelt(lexer, word);
}

bool lexer_is_sign(const struct lexer *lexer, const char *sign)
{
    return lexer->token.kind == TOKEN_SIGN && is_spelt(lexer, sign);
}
