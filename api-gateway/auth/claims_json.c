#include "auth/claims_json.h"

#include <string.h>

enum { PATH_DEPTH_MAX = 8, NAME_MAX_LEN = 128 };

static bool has_name_twice(const cJSON *object)
{
    for (const cJSON *at = object->child; at != NULL; at = at->next) {
        for (const cJSON *other = at->next; other != NULL; other = other->next) {
            if (strcmp(at->string, other->string) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* cJSON's texts end at the first NUL: "admin" and "admin\u0000x" would be the same. */
static bool has_nul(struct bytes text)
{
    static const char ESCAPE[] = "\\u0000";
    size_t len = sizeof(ESCAPE) - 1;
    for (size_t i = 0; i + len <= text.len; i++) {
        if (memcmp(text.data + i, ESCAPE, len) == 0) {
            return true;
        }
    }
    return text.len > 0 && memchr(text.data, '\0', text.len) != NULL;
}

bool claims_is_base64url(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.data[i];
        bool is_alphanumeric = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                               (byte >= 'a' && byte <= 'z');
        if (!is_alphanumeric && byte != '-' && byte != '_') {
            return false;
        }
    }
    return text.len > 0 && text.len % 4 != 1;
}

static bool is_white(struct bytes text, const char *from)
{
    for (const char *at = from; at < (const char *)text.data + text.len; at++) {
        if (strchr(" \t\r\n", *at) == NULL) {
            return false;
        }
    }
    return true;
}

cJSON *claims_json_parse(struct bytes text, size_t n_names_max)
{
    if (text.len == 0 || has_nul(text)) {
        return NULL;
    }
    const char *end = NULL;
    cJSON *object = cJSON_ParseWithLengthOpts((const char *)text.data, text.len, &end, false);
    bool is_good = cJSON_IsObject(object) && is_white(text, end) &&
                   (size_t)cJSON_GetArraySize(object) <= n_names_max && !has_name_twice(object);
    if (!is_good) {
        cJSON_Delete(object);
        return NULL;
    }
    return object;
}

const cJSON *claims_json_find(const cJSON *object, const char *path)
{
    const cJSON *whole = cJSON_GetObjectItemCaseSensitive(object, path);
    const cJSON *at = whole == NULL ? object : NULL;
    const char *rest = path;
    for (int depth = 0; at != NULL && depth < PATH_DEPTH_MAX; depth++) {
        size_t len = strcspn(rest, ".");
        char name[NAME_MAX_LEN];
        if (!cJSON_IsObject(at) || len >= sizeof(name) || has_name_twice(at)) {
            return NULL;
        }
        memcpy(name, rest, len);
        name[len] = '\0';
        at = cJSON_GetObjectItemCaseSensitive(at, name);
        if (rest[len] == '\0') {
            return at;
        }
        rest += len + 1;
    }
    return whole;
}
