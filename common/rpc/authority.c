#include "rpc/authority.h"

#include <string.h>

static const char *const ROLE_WORDS[] = {
    [ROLE_NONE] = "none",
    [ROLE_VIEWER] = "viewer",
    [ROLE_REQUESTER] = "requester",
    [ROLE_WRITER] = "writer",
    [ROLE_AUDITOR] = "auditor",
    [ROLE_ADMIN] = "admin",
};

const char *role_word(enum role role)
{
    return ROLE_WORDS[role];
}

bool role_may_write(enum role role)
{
    return role == ROLE_WRITER || role == ROLE_ADMIN;
}

bool role_parse(struct bytes word, enum role *ret_role)
{
    for (size_t i = ROLE_VIEWER; i < LENGTH_OF(ROLE_WORDS); i++) {
        if (strlen(ROLE_WORDS[i]) == word.len && memcmp(ROLE_WORDS[i], word.data, word.len) == 0) {
            *ret_role = (enum role)i;
            return true;
        }
    }
    return false;
}

/* --- entries -------------------------------------------------------------------------------- */

/* The bytes before the first `mark`, all when there is none; *rest is what follows it. */
static struct bytes cut(struct bytes text, char mark, struct bytes *rest)
{
    const uint8_t *at = text.len == 0 ? NULL : memchr(text.data, mark, text.len);
    if (at == NULL) {
        *rest = (struct bytes){NULL, 0};
        return text;
    }
    size_t len = (size_t)(at - text.data);
    *rest = (struct bytes){at + 1, text.len - len - 1};
    return (struct bytes){text.data, len};
}

static bool is_text(struct bytes bytes, const char *text)
{
    return bytes.len == strlen(text) && memcmp(bytes.data, text, bytes.len) == 0;
}

static int hex_value(uint8_t digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'A' && digit <= 'F') {
        return digit - 'A' + 10;
    }
    return -1;
}

/* One character of a word: how many bytes it takes, 0 where the spelling is wrong. */
static size_t read_character(struct bytes word, size_t at, uint8_t *ret_character)
{
    if (word.data[at] != '%') {
        *ret_character = word.data[at];
        return 1;
    }
    int high = at + 2 < word.len ? hex_value(word.data[at + 1]) : -1;
    int low = at + 2 < word.len ? hex_value(word.data[at + 2]) : -1;
    if (high < 0 || low < 0 || (high == 0 && low == 0)) {
        return 0; /* a NUL is in no text that it could be compared with */
    }
    *ret_character = (uint8_t)(high << 4 | low);
    return 3;
}

static bool is_word(struct bytes word)
{
    size_t n = 0;
    for (size_t at = 0; at < word.len; at += n) {
        uint8_t character = 0;
        n = read_character(word, at, &character);
        bool is_plain = word.data[at] > ' ' && word.data[at] <= '~' && word.data[at] != ':' &&
                        word.data[at] != '*';
        if (n == 0 || !is_plain) {
            return false;
        }
    }
    return word.len > 0;
}

static bool is_entry(struct bytes entry)
{
    struct bytes after;
    struct bytes before = cut(entry, ':', &after);
    if (after.data == NULL) {
        return is_text(entry, "*") || is_word(entry);
    }
    return is_word(before) && (is_text(after, "*") || is_word(after));
}

bool authority_check_sites(struct bytes sites)
{
    struct bytes rest = sites;
    do {
        if (!is_entry(cut(rest, ',', &rest))) {
            return false;
        }
    } while (rest.data != NULL);
    return true;
}

bool authority_parse(struct bytes text, struct authority *ret_authority)
{
    struct authority authority = {.role = ROLE_NONE};
    struct bytes role = cut(text, ' ', &authority.sites);
    if (text.len >= AUTHORITY_TEXT_MAX || authority.sites.data == NULL ||
        !role_parse(role, &authority.role) || !authority_check_sites(authority.sites)) {
        return false;
    }
    *ret_authority = authority;
    return true;
}

/* --- covering ------------------------------------------------------------------------------- */

static bool is_spelling_of(struct bytes word, const char *text)
{
    size_t n = 0;
    for (size_t at = 0; at < word.len; at += n, text++) {
        uint8_t character = 0;
        n = read_character(word, at, &character);
        if (n == 0 || (uint8_t)*text != character) {
            return false; /* at the text's end, too: no character is a NUL */
        }
    }
    return *text == '\0';
}

/* `site_no` NULL: all sites of the study are meant; `study` NULL: that of the entry is. */
static bool entry_covers(struct bytes entry, const char *study, const char *site_no)
{
    struct bytes after;
    struct bytes before = cut(entry, ':', &after);
    if (after.data == NULL) {
        return is_text(entry, "*") || (site_no != NULL && is_spelling_of(entry, site_no));
    }
    bool is_study = study == NULL || (*study != '\0' && is_spelling_of(before, study));
    return is_study && (is_text(after, "*") || (site_no != NULL && is_spelling_of(after, site_no)));
}

static bool covers(const struct authority *authority, const char *study, const char *site_no)
{
    struct bytes rest = authority->sites;
    while (rest.data != NULL) {
        if (entry_covers(cut(rest, ',', &rest), study, site_no)) {
            return true;
        }
    }
    return false;
}

bool authority_covers(const struct authority *authority, const char *study, const char *site_no)
{
    return covers(authority, study, site_no);
}

bool authority_may_cover(const struct authority *authority, const char *study, const char *site_no)
{
    return covers(authority, *study == '\0' ? NULL : study, site_no);
}

bool authority_covers_study(const struct authority *authority, const char *study)
{
    return covers(authority, study, NULL);
}

bool authority_covers_all(const struct authority *authority)
{
    return covers(authority, "", NULL);
}
