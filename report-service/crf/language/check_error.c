#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "base/utf8.h"
#include "crf/language/check_tree.h"

enum { POINTER_WINDOW_MAX = 240 }; /* characters of a line that are shown */

unsigned int check_column(const char *text, size_t offset)
{
    const char *at = text + offset;
    unsigned int column = 1;
    uint32_t codepoint;
    while (at > text && at[-1] != '\n') {
        at--;
    }
    for (; at < text + offset; at += utf8_decode(at, text + offset, &codepoint)) {
        column++;
    }
    return column;
}

static void place(const char *text, size_t offset, struct check_error *error)
{
    error->offset = offset;
    error->column = check_column(text, offset);
    error->line = 1;
    for (size_t i = 0; i < offset; i++) {
        error->line += text[i] == '\n' ? 1 : 0;
    }
}

/* Names are cut to fit: of a character that is cut nothing is left. */
static void drop_damaged(char *text)
{
    const char *end = text + strlen(text);
    char *out = text;
    uint32_t codepoint;
    for (const char *at = text; at < end;) {
        size_t len = utf8_decode(at, end, &codepoint);
        if (!utf8_is_damaged(len, codepoint)) {
            memmove(out, at, len);
            out += len;
        }
        at += len;
    }
    *out = '\0';
}

void check_error_keep(
    struct check_compiler *compiler, enum status status, size_t offset, const char *format, ...)
{
    if (compiler->error.status != STATUS_OK) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(compiler->error.text, sizeof(compiler->error.text), format, arguments);
    va_end(arguments);
    drop_damaged(compiler->error.text);
    compiler->error.status = status;
    place(compiler->text, offset, &compiler->error);
}

void check_error_memory(struct check_compiler *compiler)
{
    check_error_keep(compiler, STATUS_RESOURCE_EXHAUSTED, 0, "no memory for the expression");
    if (compiler->error.status == STATUS_RESOURCE_EXHAUSTED) {
        compiler->error.line = compiler->error.column = 0;
    }
}

const char *check_suggest(
    struct check_compiler *compiler, const char *word, const char *const *names, size_t n_names)
{
    const char *near = NULL;
    for (size_t i = 0; near == NULL && i < n_names; i++) {
        near = strcasecmp(word, names[i]) == 0 ? names[i] : NULL;
    }
    near = near != NULL ? near : nearest_name(word, names, n_names);
    const char *text =
        near == NULL ? NULL : arena_printf(compiler->arena, "; did you mean %s?", near);
    return text == NULL ? "" : text;
}

/* Characters that fill two columns of a terminal: the scripts of East Asia, and emoji. */
static bool is_wide(uint32_t codepoint)
{
    static const uint32_t RANGES[][2] = {{0x1100, 0x115F}, {0x2E80, 0xA4CF}, {0xAC00, 0xD7A3},
        {0xF900, 0xFAFF}, {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1FAFF},
        {0x20000, 0x3FFFD}};
    for (size_t i = 0; i < LENGTH_OF(RANGES); i++) {
        if (codepoint >= RANGES[i][0] && codepoint <= RANGES[i][1]) {
            return true;
        }
    }
    return false;
}

void check_error_point(
    const char *text, const struct check_error *error, char ret_text[CHECK_POINTER_MAX])
{
    const char *at = text;
    for (unsigned int line = 1; line < error->line && strchr(at, '\n') != NULL; line++) {
        at = strchr(at, '\n') + 1;
    }
    const char *end = at + strcspn(at, "\r\n");
    uint32_t codepoint;
    unsigned int column = 1;
    /* Of a long line what is around the column. */
    for (; error->column > POINTER_WINDOW_MAX / 2 &&
           column < error->column - POINTER_WINDOW_MAX / 2 && at < end;
         column++) {
        at += utf8_decode(at, end, &codepoint);
    }
    size_t n_blanks = 0;
    size_t len = (size_t)snprintf(ret_text, CHECK_POINTER_MAX, "  ");
    for (unsigned int i = 0;
         i < POINTER_WINDOW_MAX && at < end && len + UTF8_CHARACTER_MAX + 1 < CHECK_POINTER_MAX / 2;
         i++, column++) {
        size_t n_bytes = utf8_decode(at, end, &codepoint);
        n_blanks += column >= error->column ? 0 : is_wide(codepoint) ? 2 : 1;
        if (codepoint < ' ' || codepoint == 0x7F || utf8_is_damaged(n_bytes, codepoint)) {
            ret_text[len++] = codepoint == '\t' ? ' ' : '?';
        } else {
            memcpy(ret_text + len, at, n_bytes);
            len += n_bytes;
        }
        at += n_bytes;
    }
    if (error->column == 0) {
        ret_text[len] = '\0';
        return;
    }
    snprintf(ret_text + len, CHECK_POINTER_MAX - len, "\n  %*s^", (int)n_blanks, "");
}
