#include "audit/document/text_missing.h"

#include <hb.h>
#include <stdio.h>
#include <string.h>

#include "obs/log.h"

enum { CHARACTERS_TEXT_MAX = MISSING_KEPT_MAX * sizeof("U+10FFFF "), PACKAGES_TEXT_MAX = 128 };

static bool is_ideograph(uint32_t codepoint)
{
    return (codepoint >= 0x2E80 && codepoint <= 0x9FFF) ||
           (codepoint >= 0xAC00 && codepoint <= 0xD7FF) ||
           (codepoint >= 0xF900 && codepoint <= 0xFAFF) ||
           (codepoint >= 0x20000 && codepoint <= 0x3FFFF);
}

const char *missing_package(uint32_t codepoint, bool has_noto_cjk)
{
    hb_unicode_general_category_t category =
        hb_unicode_general_category(hb_unicode_funcs_get_default(), codepoint);
    if (category == HB_UNICODE_GENERAL_CATEGORY_PRIVATE_USE ||
        category == HB_UNICODE_GENERAL_CATEGORY_UNASSIGNED) {
        return NULL;
    }
    if (is_ideograph(codepoint)) {
        return has_noto_cjk ? "fonts-hanazono" : "fonts-noto-cjk";
    }
    bool is_pictograph = codepoint >= 0x1F000 && codepoint <= 0x1FAFF;
    return is_pictograph ? "fonts-symbola" : "fonts-noto-core";
}

/* Add a word to a list of words unless it is there. Packages are few and share no beginnings. */
static void add_word(char *list, size_t size, const char *word)
{
    size_t len = strlen(list);
    if (strstr(list, word) == NULL) {
        snprintf(list + len, size - len, "%s%s", len == 0 ? "" : " ", word);
    }
}

void text_missing_log(const struct ctx *ctx, const struct text *text)
{
    const struct missing *missing = text_missing(text);
    if (missing->n_kept == 0) {
        return;
    }
    char characters[CHARACTERS_TEXT_MAX] = "";
    char packages[PACKAGES_TEXT_MAX] = "";
    bool has_noto_cjk = text_has_family(text, "Noto Sans CJK SC");
    size_t len = 0;
    for (size_t i = 0; i < missing->n_kept; i++) {
        uint32_t codepoint = missing->characters[i];
        const char *package = missing_package(codepoint, has_noto_cjk);
        len += (size_t)snprintf(characters + len, sizeof(characters) - len, "%sU+%04X",
            i == 0 ? "" : " ", (unsigned int)codepoint);
        if (package != NULL) {
            add_word(packages, sizeof(packages), package);
        }
    }
    LOG_WARN("document.glyphs_missing", ctx, log_str("characters", characters),
        log_u64("n_more", missing->n_more),
        log_str("packages", packages[0] == '\0' ? NULL : packages));
}
