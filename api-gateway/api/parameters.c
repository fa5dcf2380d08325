#include "api/parameters.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/redact.h"
#include "http/query.h"

struct given_parameter {
    struct given_parameter *next;
    const char *name; /* the route's, static */
    char value[];
};

const char *parameters_get(const struct parameters *parameters, const char *name)
{
    const struct given_parameter *given = parameters->first;
    while (given != NULL && strcmp(given->name, name) != 0) {
        given = given->next;
    }
    return given == NULL ? NULL : given->value;
}

void parameters_finish(struct parameters *parameters)
{
    while (parameters->first != NULL) {
        struct given_parameter *given = parameters->first;
        parameters->first = given->next;
        free(given);
    }
    parameters->n = 0;
    parameters->text_len = 0;
}

static bool is_choice(const char *choices, const char *value)
{
    size_t len = strchr(value, '|') == NULL ? strlen(value) : 0; /* 0: matches nothing */
    for (const char *at = choices; at != NULL; at = strchr(at, '|')) {
        at += *at == '|' ? 1 : 0;
        if (len > 0 && strncmp(at, value, len) == 0 && (at[len] == '|' || at[len] == '\0')) {
            return true;
        }
    }
    return false;
}

static const struct parameter *find_known(const struct parameter *known, const char *name)
{
    static const struct parameter TIMEOUT = {"timeout", NULL};
    if (strcmp(name, TIMEOUT.name) == 0) {
        return &TIMEOUT;
    }
    for (size_t i = 0; known != NULL && known[i].name != NULL; i++) {
        if (strcmp(known[i].name, name) == 0) {
            return &known[i];
        }
    }
    return NULL;
}

static enum status refuse_unknown(
    const char *name, const struct parameter *known, struct error *ret_error)
{
    char list[256] = "timeout";
    for (size_t i = 0; known != NULL && known[i].name != NULL; i++) {
        size_t len = strlen(list);
        snprintf(list + len, sizeof(list) - len, ", %s", known[i].name);
    }
    return error_set(ret_error, STATUS_INVALID_ARGUMENT,
        "unknown parameter \"%.64s\"; known are: %s", name, list);
}

static enum status add(struct parameters *parameters, const struct parameter *known,
    const char *name, const char *value, struct error *ret_error)
{
    const struct parameter *row = find_known(known, name);
    if (row == NULL) {
        return refuse_unknown(name, known, ret_error);
    }
    if (parameters_get(parameters, name) != NULL) {
        return error_set(
            ret_error, STATUS_INVALID_ARGUMENT, "parameter %s is given twice", row->name);
    }
    if (row->allowed != NULL && !is_choice(row->allowed, value)) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "parameter %s: \"%.64s\" is none of %s", row->name, value, row->allowed);
    }
    if (redact_has_token(value)) { /* it would be told on: to the service, to logs, in answers */
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "parameter %s looks like a token: those belong into the header Authorization alone",
            row->name);
    }
    size_t size = strlen(value) + 1;
    if (parameters->n == PARAMETERS_MAX || size > PARAMETER_TEXT_MAX - parameters->text_len) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "the parameters are too many or too long (at most %d, %d bytes)", PARAMETERS_MAX,
            PARAMETER_TEXT_MAX);
    }
    struct given_parameter *given = malloc(sizeof(*given) + size);
    if (given == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    given->name = row->name;
    memcpy(given->value, value, size);
    given->next = parameters->first;
    parameters->first = given;
    parameters->text_len += size;
    parameters->n++;
    return STATUS_OK;
}

static enum status parse_query(struct parameters *parameters, const struct parameter *known,
    const char *query, struct error *ret_error)
{
    CLEANUP(http_query_finish) struct http_query parsed = {.text = NULL};
    enum status status = http_query_parse(query, &parsed, ret_error);
    for (size_t i = 0; status == STATUS_OK && i < parsed.n_parameters; i++) {
        status = add(
            parameters, known, parsed.parameters[i].name, parsed.parameters[i].value, ret_error);
    }
    return status;
}

/* A member of the body as the text it would have in a query; NULL for an object, array or null. */
static const char *member_text(const cJSON *member, char *number, size_t size)
{
    if (cJSON_IsString(member)) {
        return member->valuestring;
    }
    if (cJSON_IsBool(member)) {
        return cJSON_IsTrue(member) ? "1" : "0";
    }
    if (cJSON_IsNumber(member)) {
        snprintf(number, size, "%.15g", member->valuedouble);
        return number;
    }
    return NULL;
}

static bool is_blank(const char *at, const char *end)
{
    while (at < end && strchr(" \t\r\n", *at) != NULL && *at != '\0') {
        at++;
    }
    return at == end;
}

static enum status parse_body(struct parameters *parameters, const struct parameter *known,
    struct bytes body, struct error *ret_error)
{
    if (body.len == 0) {
        return STATUS_OK;
    }
    const char *end = NULL;
    cJSON *json = cJSON_ParseWithLengthOpts((const char *)body.data, body.len, &end, 0);
    enum status status = STATUS_OK;
    if (!cJSON_IsObject(json) || !is_blank(end, (const char *)body.data + body.len)) {
        status = error_set(
            ret_error, STATUS_INVALID_ARGUMENT, "the body is no JSON object of parameters");
    }
    for (const cJSON *member = status == STATUS_OK ? json->child : NULL; member != NULL;
         member = member->next) {
        char number[32];
        const char *text = member_text(member, number, sizeof(number));
        status = text == NULL
                     ? error_set(ret_error, STATUS_INVALID_ARGUMENT,
                           "parameter %.64s: neither text nor number nor boolean", member->string)
                     : add(parameters, known, member->string, text, ret_error);
        if (status != STATUS_OK) {
            break;
        }
    }
    cJSON_Delete(json);
    return status;
}

enum status parameters_parse(struct parameters *parameters, const struct parameter *known,
    const char *query, struct bytes json_body, struct error *ret_error)
{
    parameters_finish(parameters);
    enum status status = parse_query(parameters, known, query, ret_error);
    return status == STATUS_OK ? parse_body(parameters, known, json_body, ret_error) : status;
}
