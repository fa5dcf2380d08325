#include "base/utf8.h"

#include <string.h>

/* Bytes of the sequence that `first` opens, 0 when it opens none. */
static size_t sequence_len(uint8_t first)
{
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first < 0xE0) {
        return 2;
    }
    if (first >= 0xE0 && first < 0xF0) {
        return 3;
    }
    return first >= 0xF0 && first < 0xF5 ? 4 : 0;
}

size_t utf8_decode(const char *text, const char *end, uint32_t *ret_codepoint)
{
    static const uint32_t SMALLEST[] = {0, 0, 0x80, 0x800, 0x10000};
    const uint8_t *bytes = (const uint8_t *)text;
    size_t len = sequence_len(bytes[0]);
    *ret_codepoint = UTF8_REPLACEMENT;
    if (len == 1) {
        *ret_codepoint = bytes[0];
        return 1;
    }
    if (len == 0 || (size_t)(end - text) < len) {
        return 1;
    }
    uint32_t codepoint = bytes[0] & (0xFFU >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if ((bytes[i] & 0xC0) != 0x80) {
            return 1;
        }
        codepoint = codepoint << 6 | (bytes[i] & 0x3FU);
    }
    if (codepoint < SMALLEST[len] || codepoint > 0x10FFFF ||
        (codepoint >= 0xD800 && codepoint < 0xE000)) {
        return 1;
    }
    *ret_codepoint = codepoint;
    return len;
}

size_t utf8_encode(uint32_t codepoint, char text[UTF8_CHARACTER_MAX])
{
    static const uint8_t FIRST[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t len = codepoint < 0x80 ? 1 : codepoint < 0x800 ? 2 : codepoint < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--) {
        text[i] = (char)(0x80 | (codepoint & 0x3F));
        codepoint >>= 6;
    }
    text[0] = (char)(FIRST[len] | codepoint);
    return len;
}

size_t utf8_fitting_len(const char *text, size_t len_max)
{
    size_t len = strnlen(text, len_max + 1);
    if (len <= len_max) {
        return len;
    }
    for (len = len_max; len > 0 && ((uint8_t)text[len] & 0xC0) == 0x80;) {
        len--;
    }
    return len;
}
