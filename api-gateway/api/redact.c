#include "api/redact.h"

#include <stdio.h>
#include <string.h>

/* What begins so and goes on for so long in these characters may be a token: one of ours with its
 * id and something of its secret, or a JWT with its header and something of its claims. */
struct token_kind {
    const char *beginning;
    const char *characters;
    size_t len_min;
};
static const struct token_kind KINDS[] = {
    {"wk_", "0123456789abcdef_", 12},
    {"eyJ", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.", 24},
};

static const char *find_kind(const char *text, const struct token_kind *kind)
{
    size_t len = strlen(kind->beginning);
    for (const char *at = text; (at = strstr(at, kind->beginning)) != NULL; at += len) {
        if (strspn(at + len, kind->characters) >= kind->len_min - len) {
            return at;
        }
    }
    return NULL;
}

/* The first place where a token may begin; NULL. */
static const char *find_token(const char *text)
{
    const char *first = NULL;
    for (size_t i = 0; i < LENGTH_OF(KINDS); i++) {
        const char *at = find_kind(text, &KINDS[i]);
        first = at != NULL && (first == NULL || at < first) ? at : first;
    }
    return first;
}

bool redact_has_token(const char *text)
{
    return find_token(text) != NULL;
}

static bool is_known(const char *name, size_t len, const struct parameter *known)
{
    static const char TIMEOUT[] = "timeout";
    if (len == sizeof(TIMEOUT) - 1 && memcmp(name, TIMEOUT, len) == 0) {
        return true;
    }
    for (const struct parameter *at = known; at != NULL && at->name != NULL; at++) {
        if (strlen(at->name) == len && memcmp(at->name, name, len) == 0) {
            return true;
        }
    }
    return false;
}

static void append(char text[REDACTED_MAX], size_t *len, const char *more, size_t more_len)
{
    size_t room = REDACTED_MAX - 1 - *len;
    size_t n = more_len < room ? more_len : room;
    memcpy(text + *len, more, n);
    *len += n;
    text[*len] = '\0';
}

/* One "name=value": a name that nobody knows may itself be the secret. */
static void append_pair(
    char text[REDACTED_MAX], size_t *len, struct bytes pair, const struct parameter *known)
{
    const char *start = (const char *)pair.data;
    const char *equals = memchr(start, '=', pair.len);
    size_t name_len = equals == NULL ? pair.len : (size_t)(equals - start);
    char value[REDACTED_MAX];
    snprintf(value, sizeof(value), "%.*s", (int)pair.len, start);
    if (pair.len == 0) {
        return;
    }
    if (is_known(start, name_len, known) && find_token(value) == NULL) {
        append(text, len, start, pair.len);
    } else {
        append(text, len, "***", 3);
    }
}

const char *redact_query(
    const char *query, const struct parameter *known, char ret_text[REDACTED_MAX])
{
    if (*query == '\0') {
        return query;
    }
    size_t len = 0;
    ret_text[0] = '\0';
    for (const char *at = query; *at != '\0';) {
        size_t pair_len = strcspn(at, "&");
        append_pair(ret_text, &len, (struct bytes){(const uint8_t *)at, pair_len}, known);
        at += pair_len;
        if (*at == '&') {
            append(ret_text, &len, "&", 1);
            at++;
        }
    }
    return ret_text;
}

const char *redact_path(const char *path, char ret_text[REDACTED_MAX])
{
    const char *token = find_token(path);
    if (token == NULL) {
        return path;
    }
    snprintf(ret_text, REDACTED_MAX, "%.*s***", (int)(token - path), path);
    return ret_text;
}
