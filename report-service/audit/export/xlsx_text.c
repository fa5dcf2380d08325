/* What a cell of Excel can hold: at most 32,767 characters of valid UTF-8 without control
 * characters, and no "_x0041_", which Excel would read as "A". */
#include <string.h>

#include "audit/export/xlsx_internal.h"
#include "base/utf8.h"

static const char ELLIPSIS[] = "…";
static const char ESCAPED_UNDERSCORE[] = "_x005F_";

/* "_x0041_" and the like. */
static bool is_escape(const char *at)
{
    return at[0] == '_' && at[1] == 'x' && strspn(at + 2, "0123456789abcdefABCDEF") >= 4 &&
           at[6] == '_';
}

/* What XML 1.0 can hold. */
static bool is_allowed(size_t len, uint32_t codepoint)
{
    if (utf8_is_damaged(len, codepoint) || codepoint == 0xFFFE || codepoint == 0xFFFF) {
        return false;
    }
    return codepoint >= ' ' ? codepoint != 0x7F : codepoint == '\t' || codepoint == '\n';
}

static bool is_clean(const char *text, const char *end)
{
    size_t n_units = 0;
    for (const char *at = text; at < end;) {
        uint32_t codepoint;
        size_t len = utf8_decode(at, end, &codepoint);
        n_units += len == 4 ? 2 : 1;
        if (!is_allowed(len, codepoint) || is_escape(at) || n_units > XLSX_TEXT_MAX) {
            return false;
        }
        at += len;
    }
    return true;
}

const char *xlsx_safe_text(struct arena *arena, const char *text)
{
    const char *end = text + strlen(text);
    if (is_clean(text, end)) {
        return text;
    }
    /* An underscore grows the most: to seven bytes. What is not a character grows to three. */
    char *safe = arena_alloc(arena, strlen(text) * 7 + sizeof(ELLIPSIS));
    if (safe == NULL) {
        return NULL;
    }
    size_t at_safe = 0;
    size_t n_units = 0;
    for (const char *at = text; at < end;) {
        uint32_t codepoint;
        size_t len = utf8_decode(at, end, &codepoint);
        bool is_bad = !is_allowed(len, codepoint);
        bool is_escaped = !is_bad && is_escape(at);
        const char *put = is_bad ? UTF8_REPLACEMENT_TEXT : is_escaped ? ESCAPED_UNDERSCORE : at;
        size_t put_len = is_bad || is_escaped ? strlen(put) : len;
        n_units += is_escaped ? put_len : len == 4 ? 2 : 1;
        if (n_units >= XLSX_TEXT_MAX) {
            put = ELLIPSIS;
            put_len = strlen(ELLIPSIS);
        }
        memcpy(safe + at_safe, put, put_len);
        at_safe += put_len;
        if (n_units >= XLSX_TEXT_MAX) {
            break;
        }
        at += len;
    }
    safe[at_safe] = '\0';
    return safe;
}

int xlsx_text_width(const char *text)
{
    int width = 0;
    for (const uint8_t *at = (const uint8_t *)text; *at != '\0'; at++) {
        /* Three bytes and more: ideographs, mostly, and full-width signs. */
        width += (*at & 0xC0) == 0x80 ? 0 : *at >= 0xE3 ? 2 : 1;
    }
    return width;
}
