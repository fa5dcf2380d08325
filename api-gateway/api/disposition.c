#include "api/disposition.h"

#include <stdio.h>
#include <string.h>

static bool is_shown(const char *content_type)
{
    return strcmp(content_type, "application/pdf") == 0 ||
           strcmp(content_type, "application/json") == 0;
}

/* RFC 8187's attr-char; everything else is %XX. */
static bool is_attribute_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$&+-.^_`|~", c) != NULL);
}

/* The name within quotes: a quote or a control character would end it early. */
static size_t put_quoted(char *value, size_t len, const char *name)
{
    for (const char *at = name; *at != '\0' && len < DISPOSITION_MAX / 2; at++) {
        bool is_plain = *at >= ' ' && *at < 0x7F && *at != '"' && *at != '\\';
        value[len++] = is_plain ? *at : '-';
    }
    return len;
}

static size_t put_encoded(char *value, size_t len, const char *name)
{
    for (const char *at = name; *at != '\0'; at++) {
        if (is_attribute_character(*at)) {
            value[len++] = *at;
        } else {
            len += (size_t)snprintf(value + len, DISPOSITION_MAX - len, "%%%02X", (uint8_t)*at);
        }
    }
    return len;
}

void disposition_format(const char *content_type, const char *name, const char *utf8_name,
    char ret_value[DISPOSITION_MAX])
{
    size_t len = (size_t)snprintf(ret_value, DISPOSITION_MAX, "%s; filename=\"",
        is_shown(content_type) ? "inline" : "attachment");
    len = put_quoted(ret_value, len, name);
    ret_value[len++] = '"';
    bool is_other = utf8_name != NULL && *utf8_name != '\0' && strcmp(name, utf8_name) != 0;
    if (is_other && len + strlen(utf8_name) * 3 + 32 < DISPOSITION_MAX) {
        len += (size_t)snprintf(ret_value + len, DISPOSITION_MAX - len, "; filename*=UTF-8''");
        len = put_encoded(ret_value, len, utf8_name);
    }
    ret_value[len] = '\0';
}

void disposition_respond(struct http_exchange *exchange, const char *content_type, const char *name,
    const char *utf8_name)
{
    char value[DISPOSITION_MAX];
    disposition_format(content_type, name, utf8_name, value);
    http_respond_header(exchange, "Content-Disposition", value);
}
