/* UTF-8 that may be damaged, one character at a time.
 *
 *     uint32_t codepoint;
 *     size_t len = utf8_decode(text, end, &codepoint);
 *     if (utf8_is_damaged(len, codepoint)) { the byte is no part of a character }
 *
 * Not here: what a character is (audit/document/text_script.h). */
#ifndef WALKIE_BASE_UTF8_H
#define WALKIE_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    UTF8_REPLACEMENT = 0xFFFD,
    UTF8_CHARACTER_MAX = 4, /* bytes of one character */
};
#define UTF8_REPLACEMENT_TEXT "\xEF\xBF\xBD"

/* Decode one character of text[0..end). Bytes that are no UTF-8 give U+FFFD, one byte at a time.
 * Returns the bytes taken, at least 1 while text < end. */
size_t utf8_decode(const char *text, const char *end, uint32_t *ret_codepoint);

/* Write one character, which must be one. Returns its bytes, 1 to UTF8_CHARACTER_MAX. */
size_t utf8_encode(uint32_t codepoint, char text[UTF8_CHARACTER_MAX]);

/* Bytes of the text's beginning that fit into `len_max`, of whole characters. */
size_t utf8_fitting_len(const char *text, size_t len_max);

/* Whether what utf8_decode returned was no character: a U+FFFD of one byte. */
static inline bool utf8_is_damaged(size_t len, uint32_t codepoint)
{
    return len == 1 && codepoint == UTF8_REPLACEMENT;
}

#endif
