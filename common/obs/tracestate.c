#include "obs/tracestate.h"

#include <string.h>

enum {
    KEY_MAX = 256,
    TENANT_MAX = 241, /* before the @ of a key that has one */
    SYSTEM_MAX = 14,  /* after it */
    VALUE_MAX = 256,
};

struct member {
    const char *text;
    size_t key_len;
    size_t len;
};

struct members {
    struct member list[TRACESTATE_MEMBERS_MAX];
    size_t n;
    size_t len; /* of all of them, with commas between */
};

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool are_key_characters(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!is_lower(text[i]) && !is_digit(text[i]) &&
            (text[i] == '\0' || strchr("_-*/", text[i]) == NULL)) {
            return false;
        }
    }
    return len > 0;
}

static bool is_key(const char *text, size_t len)
{
    const char *at = memchr(text, '@', len);
    if (at == NULL) {
        return len <= KEY_MAX && are_key_characters(text, len) && is_lower(text[0]);
    }
    size_t tenant_len = (size_t)(at - text);
    size_t system_len = len - tenant_len - 1;
    return tenant_len <= TENANT_MAX && system_len <= SYSTEM_MAX &&
           are_key_characters(text, tenant_len) && are_key_characters(at + 1, system_len) &&
           (is_lower(text[0]) || is_digit(text[0])) && is_lower(at[1]);
}

static bool is_value(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] < ' ' || text[i] > '~' || text[i] == ',' || text[i] == '=') {
            return false;
        }
    }
    return len > 0 && len <= VALUE_MAX && text[len - 1] != ' ';
}

static bool has_key(const struct members *members, const char *key, size_t len)
{
    for (size_t i = 0; i < members->n; i++) {
        const struct member *member = &members->list[i];
        if (member->key_len == len && memcmp(member->text, key, len) == 0) {
            return true;
        }
    }
    return false;
}

static bool add(struct members *members, const char *text, size_t len)
{
    const char *equals = memchr(text, '=', len);
    size_t key_len = equals == NULL ? 0 : (size_t)(equals - text);
    if (equals == NULL || members->n == TRACESTATE_MEMBERS_MAX || !is_key(text, key_len) ||
        !is_value(equals + 1, len - key_len - 1) || has_key(members, text, key_len)) {
        return false;
    }
    members->list[members->n++] = (struct member){text, key_len, len};
    members->len += len + (members->n > 1 ? 1 : 0);
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool split(const char *header, struct members *ret_members)
{
    *ret_members = (struct members){.n = 0};
    for (const char *at = header;; at++) {
        size_t len = strcspn(at, ",");
        const char *next = at + len;
        while (len > 0 && is_blank(*at)) {
            at++;
            len--;
        }
        while (len > 0 && is_blank(at[len - 1])) {
            len--;
        }
        if (len > 0 && !add(ret_members, at, len)) {
            return false;
        }
        if (*next == '\0') {
            return ret_members->n > 0;
        }
        at = next;
    }
}

static void drop(struct members *members, size_t i)
{
    members->len -= members->list[i].len + (members->n > 1 ? 1 : 0);
    members->n--;
    memmove(&members->list[i], &members->list[i + 1], (members->n - i) * sizeof(members->list[0]));
}

static void shorten(struct members *members)
{
    for (size_t i = members->n; i-- > 0 && members->len >= TRACESTATE_TEXT_MAX;) {
        if (members->list[i].len > TRACESTATE_MEMBER_LONG) {
            drop(members, i);
        }
    }
    while (members->len >= TRACESTATE_TEXT_MAX) {
        drop(members, members->n - 1);
    }
}

bool tracestate_read(const char *header, char ret_state[TRACESTATE_TEXT_MAX])
{
    struct members members;
    ret_state[0] = '\0';
    if (header == NULL || !split(header, &members)) {
        return false;
    }
    shorten(&members);
    char *at = ret_state;
    for (size_t i = 0; i < members.n; i++) {
        if (i > 0) {
            *at++ = ',';
        }
        memcpy(at, members.list[i].text, members.list[i].len);
        at += members.list[i].len;
    }
    *at = '\0';
    return members.n > 0;
}
