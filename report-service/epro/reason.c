#include "epro/reason.h"

#include <string.h>

enum { PLACE_LEN = 3 /* "{0}" */ };

static const char *const TEMPLATES[EPRO_REASONS_COUNT][EPRO_LANGUAGES] = {
#define REASON_ROW(name, english, chinese) [EPRO_REASON_##name] = {english, chinese},
    EPRO_REASONS(REASON_ROW)
#undef REASON_ROW
};

const char *epro_reason_text(struct arena *arena, enum epro_reason reason,
    enum epro_language language, const char *zero, const char *one)
{
    return epro_fill(arena, TEMPLATES[reason][language], zero, one);
}

const char *epro_fill(struct arena *arena, const char *template, const char *zero, const char *one)
{
    const char *first = strstr(template, "{0}");
    const char *second = strstr(template, "{1}");
    bool is_swapped = first != NULL && second != NULL && second < first;
    const char *left = first == NULL || is_swapped ? second : first;
    const char *right = first == NULL || second == NULL ? NULL : is_swapped ? first : second;
    const char *left_text = left == first ? zero : one;
    const char *right_text = right == second ? one : zero;
    if (left == NULL) {
        return template;
    }
    const char *middle = left + PLACE_LEN;
    if (right == NULL) {
        return arena_printf(arena, "%.*s%s%s", (int)(left - template), template,
            left_text == NULL ? "" : left_text, middle);
    }
    return arena_printf(arena, "%.*s%s%.*s%s%s", (int)(left - template), template,
        left_text == NULL ? "" : left_text, (int)(right - middle), middle,
        right_text == NULL ? "" : right_text, right + PLACE_LEN);
}
