#include "http/query.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/target.h"

enum { NAME_SHOWN_MAX = 64 }; /* bytes of a name in an error's text */

/* Decode in place: the result is never longer. Returns what is wrong, NULL when nothing is. */
static const char *decode(char *text)
{
    char *out = text;
    for (const char *at = text; *at != '\0'; at++) {
        int byte = *at == '+' ? ' ' : (unsigned char)*at;
        if (*at == '%') {
            byte = http_hex_pair(at + 1);
            if (byte < 0) {
                return "malformed percent-encoding";
            }
            if (byte == 0) {
                return "an encoded NUL";
            }
            at += 2;
        }
        *out++ = (char)byte;
    }
    *out = '\0';
    return http_is_utf8((const uint8_t *)text, (size_t)(out - text)) ? NULL : "not UTF-8";
}

static enum status add(struct http_query *query, char *part, struct error *ret_error)
{
    if (query->n_parameters == HTTP_QUERY_PARAMETERS_MAX) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "the query has more than %d parameters", HTTP_QUERY_PARAMETERS_MAX);
    }
    char *equals = strchr(part, '=');
    char *value = part + strlen(part);
    if (equals != NULL) {
        *equals = '\0';
        value = equals + 1;
    }
    const char *problem = decode(part);
    if (problem != NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "query parameter number %zu: its name has %s", query->n_parameters + 1, problem);
    }
    problem = decode(value);
    if (problem != NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "query parameter \"%.*s\": %s",
            NAME_SHOWN_MAX, part, problem);
    }
    if (http_query_value(query, part) != NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "query parameter \"%.*s\" is given more than once", NAME_SHOWN_MAX, part);
    }
    query->parameters[query->n_parameters++] = (struct http_parameter){part, value};
    return STATUS_OK;
}

enum status http_query_parse(
    const char *text, struct http_query *ret_query, struct error *ret_error)
{
    size_t size = strlen(text) + 1;
    CLEANUP(http_query_finish) struct http_query query = {.n_parameters = 0, .text = malloc(size)};
    if (query.text == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    memcpy(query.text, text, size);
    char *part = query.text;
    while (part != NULL) {
        char *next = strchr(part, '&');
        if (next != NULL) {
            *next++ = '\0';
        }
        if (*part != '\0') {
            enum status status = add(&query, part, ret_error);
            if (status != STATUS_OK) {
                return status;
            }
        }
        part = next;
    }
    *ret_query = query;
    query.text = NULL;
    return STATUS_OK;
}

const char *http_query_value(const struct http_query *query, const char *name)
{
    for (size_t i = 0; i < query->n_parameters; i++) {
        if (strcmp(query->parameters[i].name, name) == 0) {
            return query->parameters[i].value;
        }
    }
    return NULL;
}

void http_query_finish(struct http_query *query)
{
    free(query->text);
    query->text = NULL;
    query->n_parameters = 0;
}
