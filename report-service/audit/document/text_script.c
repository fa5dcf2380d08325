#include "audit/document/text_script.h"

#include <hb.h>
#include <string.h>

const char *utf8_copy(char *room, size_t size, const char *text)
{
    static const char REPLACEMENT[] = "\xEF\xBF\xBD";
    static const char ELLIPSIS[] = "…";
    const char *at = text == NULL ? "–" : text;
    const char *end = at + strlen(at);
    size_t len = 0;
    while (at < end) {
        uint32_t codepoint;
        size_t taken = utf8_decode(at, end, &codepoint);
        bool is_damaged = codepoint == UTF8_REPLACEMENT && taken == 1;
        size_t more = is_damaged ? sizeof(REPLACEMENT) - 1 : taken;
        if (len + more + sizeof(ELLIPSIS) > size) {
            memcpy(room + len, ELLIPSIS, sizeof(ELLIPSIS) - 1);
            len += sizeof(ELLIPSIS) - 1;
            break;
        }
        memcpy(room + len, is_damaged ? REPLACEMENT : at, more);
        len += more;
        at += taken;
    }
    room[len] = '\0';
    return room;
}

static bool is_in(uint32_t codepoint, uint32_t first, uint32_t last)
{
    return codepoint >= first && codepoint <= last;
}

static bool is_opening(uint32_t codepoint)
{
    switch (codepoint) {
    case 0x3008: /* 〈 */
    case 0x300A: /* 《 */
    case 0x300C: /* 「 */
    case 0x300E: /* 『 */
    case 0x3010: /* 【 */
    case 0x3014: /* 〔 */
    case 0x3016: /* 〖 */
    case 0xFF08: /* （ */
    case 0xFF3B: /* ［ */
    case 0xFF5B: /* ｛ */
        return true;
    default:
        return false;
    }
}

static bool is_closing(uint32_t codepoint)
{
    switch (codepoint) {
    case 0x3001: /* 、 */
    case 0x3002: /* 。 */
    case 0x3005: /* 々 */
    case 0x3009:
    case 0x300B:
    case 0x300D:
    case 0x300F:
    case 0x3011:
    case 0x3015:
    case 0x3017:
    case 0x30FC: /* ー */
    case 0xFF01: /* ！ */
    case 0xFF05: /* ％ */
    case 0xFF09: /* ） */
    case 0xFF0C: /* ， */
    case 0xFF0E: /* ． */
    case 0xFF1A: /* ： */
    case 0xFF1B: /* ； */
    case 0xFF1F: /* ？ */
    case 0xFF3D:
    case 0xFF5D:
        return true;
    default:
        return false;
    }
}

static enum character_class wide_class(uint32_t codepoint)
{
    if (is_opening(codepoint)) {
        return CLASS_OPENING;
    }
    return is_closing(codepoint) ? CLASS_CLOSING : CLASS_IDEOGRAPH;
}

bool character_is_invisible(uint32_t codepoint)
{
    return codepoint == 0x00AD || codepoint == 0x034F || codepoint == 0x061C ||
           is_in(codepoint, 0x115F, 0x1160) || is_in(codepoint, 0x17B4, 0x17B5) ||
           is_in(codepoint, 0x180B, 0x180F) || is_in(codepoint, 0x200B, 0x200F) ||
           is_in(codepoint, 0x202A, 0x202E) || is_in(codepoint, 0x2060, 0x206F) ||
           codepoint == 0x3164 || is_in(codepoint, 0xFE00, 0xFE0F) || codepoint == 0xFEFF ||
           codepoint == 0xFFA0 || is_in(codepoint, 0xFFF0, 0xFFF8) ||
           is_in(codepoint, 0x1BCA0, 0x1BCA3) || is_in(codepoint, 0x1D173, 0x1D17A) ||
           is_in(codepoint, 0xE0000, 0xE0FFF);
}

bool character_is_blank(uint32_t codepoint)
{
    return codepoint == 0x00A0 || codepoint == 0x1680 || codepoint == 0x2007 ||
           codepoint == 0x202F || codepoint == 0x205F;
}

bool character_is_dictionary(uint32_t codepoint)
{
    return is_in(codepoint, 0x0E00, 0x0EFF) || is_in(codepoint, 0x1000, 0x109F) ||
           is_in(codepoint, 0x1780, 0x17FF);
}

static bool is_mark(uint32_t codepoint)
{
    bool is_skin_tone = is_in(codepoint, 0x1F3FB, 0x1F3FF);
    if (is_skin_tone || character_is_invisible(codepoint)) {
        return true;
    }
    hb_unicode_general_category_t category =
        hb_unicode_general_category(hb_unicode_funcs_get_default(), codepoint);
    return category == HB_UNICODE_GENERAL_CATEGORY_NON_SPACING_MARK ||
           category == HB_UNICODE_GENERAL_CATEGORY_SPACING_MARK ||
           category == HB_UNICODE_GENERAL_CATEGORY_ENCLOSING_MARK;
}

enum character_class character_class(uint32_t codepoint)
{
    if (codepoint == '\n' || codepoint == 0x2028 || codepoint == 0x2029) {
        return CLASS_NEWLINE;
    }
    if (codepoint <= ' ' || is_in(codepoint, 0x7F, 0x9F) || codepoint == 0x3000 ||
        is_in(codepoint, 0x2000, 0x2006) || is_in(codepoint, 0x2008, 0x200B)) {
        return CLASS_SPACE;
    }
    if (codepoint < 0x300) {
        return CLASS_LETTER;
    }
    /* Ideographs first: they are the bulk, and never marks. */
    if (is_in(codepoint, 0x3400, 0x9FFF) || is_in(codepoint, 0x2E80, 0x3029) ||
        is_in(codepoint, 0x3030, 0x3098) || is_in(codepoint, 0x309B, 0x33FF) ||
        is_in(codepoint, 0xAC00, 0xD7A3) || is_in(codepoint, 0xF900, 0xFAFF) ||
        is_in(codepoint, 0xFF00, 0xFF60) || is_in(codepoint, 0x20000, 0x3FFFF)) {
        return wide_class(codepoint);
    }
    return is_mark(codepoint) ? CLASS_MARK : CLASS_LETTER;
}

bool character_is_trailing(uint32_t codepoint)
{
    return codepoint != 0 && codepoint < 0x80 && strchr(",.;:!?%)]}", (int)codepoint) != NULL;
}

bool character_is_rtl(uint32_t codepoint)
{
    return is_in(codepoint, 0x0590, 0x08FF) || is_in(codepoint, 0xFB1D, 0xFDFF) ||
           is_in(codepoint, 0xFE70, 0xFEFE) || is_in(codepoint, 0x10800, 0x10FFF) ||
           is_in(codepoint, 0x1E800, 0x1EFFF) || is_in(codepoint, 0x202A, 0x202E) ||
           is_in(codepoint, 0x2066, 0x2069) || codepoint == 0x200F || codepoint == 0x061C;
}
