#include "openapi/openapi.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "api/routes.h"
#include "auth/permission.h"

enum {
    TEXT_MAX = 256,
    METHOD_MAX = 16, /* bytes of an HTTP method, with the NUL */
};

/* cJSON knows only one failure, want of memory: something is then missing in the document, and
 * `is_short` says so. */
struct writer {
    const struct openapi_options *options;
    const cJSON *words;
    bool is_short;
};

static cJSON *add(struct writer *writer, cJSON *object, const char *name, cJSON *value)
{
    if (value == NULL || !cJSON_AddItemToObject(object, name, value)) {
        cJSON_Delete(value);
        writer->is_short = true;
        return NULL;
    }
    return value;
}

static void add_text(struct writer *writer, cJSON *object, const char *name, const char *text)
{
    (void)add(writer, object, name, cJSON_CreateString(text));
}

static void append(struct writer *writer, cJSON *array, cJSON *value)
{
    if (value == NULL || !cJSON_AddItemToArray(array, value)) {
        cJSON_Delete(value);
        writer->is_short = true;
    }
}

static cJSON *reference(struct writer *writer, const char *kind, const char *name)
{
    char text[TEXT_MAX];
    snprintf(text, sizeof(text), "#/components/%s/%s", kind, name);
    cJSON *json = cJSON_CreateObject();
    add_text(writer, json, "$ref", text);
    return json;
}

/* The words about something; NULL: there are none. */
static const cJSON *words_of(const struct writer *writer, const char *kind, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(writer->words, kind), name);
}

/* --- parameters ------------------------------------------------------------------------------ */

static void add_choices(struct writer *writer, cJSON *schema, const char *allowed)
{
    cJSON *choices = add(writer, schema, "enum", cJSON_CreateArray());
    for (const char *at = allowed; at != NULL;) {
        size_t len = strcspn(at, "|");
        char word[TEXT_MAX];
        snprintf(word, sizeof(word), "%.*s", (int)len, at);
        append(writer, choices, cJSON_CreateString(word));
        at = at[len] == '|' ? at + len + 1 : NULL;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(schema, "type");
    add_text(writer, schema, "type", "string");
}

static cJSON *schema_of(struct writer *writer, const cJSON *words, const char *allowed)
{
    const cJSON *known = cJSON_GetObjectItemCaseSensitive(words, "schema");
    cJSON *schema = known == NULL ? cJSON_CreateObject() : cJSON_Duplicate(known, true);
    if (allowed != NULL) {
        add_choices(writer, schema, allowed);
    }
    return schema;
}

/* What an operation says of a parameter itself, else what is said of all of that name. */
static const cJSON *parameter_words(struct writer *writer, const cJSON *operation, const char *key)
{
    const cJSON *own = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(operation, "parameters"), key);
    return own != NULL ? own : words_of(writer, "parameters", key);
}

static cJSON *parameter_json(struct writer *writer, const cJSON *words, const char *name,
    const char *where, const char *allowed)
{
    const char *description =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(words, "description"));
    cJSON *json = cJSON_CreateObject();
    add_text(writer, json, "name", name);
    add_text(writer, json, "in", where);
    if (description != NULL) {
        add_text(writer, json, "description", description);
    }
    if (strcmp(where, "path") == 0) {
        (void)add(writer, json, "required", cJSON_CreateTrue());
    }
    (void)add(writer, json, "schema", schema_of(writer, words, allowed));
    return json;
}

/* The {…} segment of the pattern: its name, and the name in braces. False: there is none. */
static bool path_argument(const char *pattern, char name[TEXT_MAX], char key[TEXT_MAX])
{
    const char *open = strchr(pattern, '{');
    if (open == NULL) {
        return false;
    }
    int len = (int)strcspn(open + 1, "}");
    snprintf(name, TEXT_MAX, "%.*s", len, open + 1);
    snprintf(key, TEXT_MAX, "%.*s", len + 2, open);
    return true;
}

static void add_parameters(
    struct writer *writer, cJSON *operation, const struct route *route, const cJSON *words)
{
    cJSON *list = add(writer, operation, "parameters", cJSON_CreateArray());
    char name[TEXT_MAX];
    char key[TEXT_MAX];
    if (path_argument(route->pattern, name, key)) {
        append(writer, list,
            parameter_json(writer, parameter_words(writer, words, key), name, "path", NULL));
    }
    const struct parameter *known = route->parameters;
    for (size_t i = 0; known != NULL && known[i].name != NULL; i++) {
        append(writer, list,
            parameter_json(writer, parameter_words(writer, words, known[i].name), known[i].name,
                "query", known[i].allowed));
    }
    if (route->timeout_default_ns != 0) {
        append(writer, list, reference(writer, "parameters", "timeout"));
        append(writer, list, reference(writer, "parameters", "X-Request-Timeout"));
        append(writer, list, reference(writer, "parameters", "Grpc-Timeout"));
    }
    append(writer, list, reference(writer, "parameters", "traceparent"));
    const cJSON *header;
    cJSON_ArrayForEach(header, cJSON_GetObjectItemCaseSensitive(words, "headers"))
    {
        append(writer, list, reference(writer, "parameters", header->valuestring));
    }
}

/* A body of the route's own: each of its types, with the words' schema. */
static void add_own_body(
    struct writer *writer, cJSON *operation, const struct route_body *own, const cJSON *words)
{
    const cJSON *told = cJSON_GetObjectItemCaseSensitive(words, "body");
    const cJSON *schema = cJSON_GetObjectItemCaseSensitive(told, "schema");
    const cJSON *description = cJSON_GetObjectItemCaseSensitive(told, "description");
    char text[TEXT_MAX];
    snprintf(text, sizeof(text), "%s At most %zu bytes.",
        cJSON_IsString(description) ? description->valuestring : "", own->len_max);
    cJSON *body = add(writer, operation, "requestBody", cJSON_CreateObject());
    add_text(writer, body, "description", text);
    cJSON *content = add(writer, body, "content", cJSON_CreateObject());
    for (const char *at = own->types; *at != '\0'; at += strspn(at, ", ")) {
        size_t len = strcspn(at, ",");
        snprintf(text, sizeof(text), "%.*s", (int)len, at);
        cJSON *media = add(writer, content, text, cJSON_CreateObject());
        (void)add(writer, media, "schema", cJSON_Duplicate(schema, true));
        at += len;
    }
}

/* POST takes the same parameters as a JSON object. */
static void add_parameters_body(
    struct writer *writer, cJSON *operation, const struct route *route, const cJSON *own)
{
    cJSON *body = add(writer, operation, "requestBody", cJSON_CreateObject());
    add_text(writer, body, "description", "The parameters, instead of in the query.");
    cJSON *content = add(writer, body, "content", cJSON_CreateObject());
    cJSON *media = add(writer, content, "application/json", cJSON_CreateObject());
    cJSON *schema = add(writer, media, "schema", cJSON_CreateObject());
    add_text(writer, schema, "type", "object");
    (void)add(writer, schema, "additionalProperties", cJSON_CreateFalse());
    cJSON *properties = add(writer, schema, "properties", cJSON_CreateObject());
    const struct parameter *known = route->parameters;
    for (size_t i = 0; known != NULL && known[i].name != NULL; i++) {
        const cJSON *words = parameter_words(writer, own, known[i].name);
        bool is_switch = known[i].allowed != NULL && strcmp(known[i].allowed, "0|1") == 0;
        cJSON *property = is_switch ? cJSON_CreateObject() /* 1, "1" and true are the same */
                                    : schema_of(writer, words, known[i].allowed);
        (void)add(writer, properties, known[i].name, property);
    }
    cJSON *timeout = add(writer, properties, "timeout", cJSON_CreateObject());
    add_text(writer, timeout, "type", "string");
}

/* --- answers --------------------------------------------------------------------------------- */

static void add_problem(
    struct writer *writer, cJSON *responses, const char *code, const char *words)
{
    if (cJSON_GetObjectItemCaseSensitive(responses, code) != NULL) {
        return;
    }
    cJSON *response = add(writer, responses, code, cJSON_CreateObject());
    add_text(writer, response, "description", words);
    cJSON *content = add(writer, response, "content", cJSON_CreateObject());
    cJSON *media = add(writer, content, "application/problem+json", cJSON_CreateObject());
    (void)add(writer, media, "schema", reference(writer, "schemas", "Problem"));
    cJSON *headers = add(writer, response, "headers", cJSON_CreateObject());
    (void)add(writer, headers, "X-Trace-Id", reference(writer, "headers", "X-Trace-Id"));
    if (strcmp(code, "429") == 0 || strcmp(code, "503") == 0) {
        (void)add(writer, headers, "Retry-After", reference(writer, "headers", "Retry-After"));
    }
    if (strcmp(code, "401") == 0) {
        (void)add(
            writer, headers, "WWW-Authenticate", reference(writer, "headers", "WWW-Authenticate"));
    }
}

static void add_common_problem(struct writer *writer, cJSON *responses, const char *code)
{
    const cJSON *words = words_of(writer, "errors", code);
    add_problem(writer, responses, code, words == NULL ? "" : words->valuestring);
}

/* What the route's own words say of it: whole answers, or the words of a problem. */
static void add_own_responses(struct writer *writer, cJSON *responses, const cJSON *words)
{
    const cJSON *own;
    cJSON_ArrayForEach(own, cJSON_GetObjectItemCaseSensitive(words, "responses"))
    {
        if (cJSON_IsString(own)) {
            add_problem(writer, responses, own->string, own->valuestring);
            continue;
        }
        cJSON *response = add(writer, responses, own->string, cJSON_Duplicate(own, true));
        cJSON *headers = cJSON_GetObjectItemCaseSensitive(response, "headers");
        if (headers == NULL) {
            headers = add(writer, response, "headers", cJSON_CreateObject());
        }
        (void)add(writer, headers, "X-Trace-Id", reference(writer, "headers", "X-Trace-Id"));
    }
}

static void add_responses(
    struct writer *writer, cJSON *operation, const struct route *route, const cJSON *words)
{
    static const char *const OF_CALLS[] = {"400", "429", "500", "503", "504"};
    cJSON *responses = add(writer, operation, "responses", cJSON_CreateObject());
    add_own_responses(writer, responses, words);
    for (size_t i = 0; route->timeout_default_ns != 0 && i < LENGTH_OF(OF_CALLS); i++) {
        add_common_problem(writer, responses, OF_CALLS[i]);
    }
    add_common_problem(writer, responses, "400"); /* parameters that the route does not know */
    if (route->permission != PERMISSION_PUBLIC) {
        add_common_problem(writer, responses, "401");
        add_common_problem(writer, responses, "403");
        add_common_problem(writer, responses, "429");
    }
    add_common_problem(writer, responses, "default");
}

/* --- operations ------------------------------------------------------------------------------ */

/* "get_v1_centers_center_audit_report" */
static void add_id(
    struct writer *writer, cJSON *operation, const char *method, const struct route *route)
{
    char id[TEXT_MAX];
    int n = snprintf(id, sizeof(id), "%s%s", method, route->pattern);
    size_t len = 0;
    for (int i = 0; i < n && i < TEXT_MAX - 1; i++) {
        bool is_plain = isalnum((unsigned char)id[i]) != 0;
        if (is_plain) {
            id[len++] = (char)tolower((unsigned char)id[i]);
        } else if (len > 0 && id[len - 1] != '_') {
            id[len++] = '_';
        }
    }
    len -= len > 0 && id[len - 1] == '_' ? 1 : 0;
    id[len] = '\0';
    add_text(writer, operation, "operationId", id);
}

static void add_ms(struct writer *writer, cJSON *operation, const char *name, uint64_t ns)
{
    const uint64_t ms = ns / CLOCK_MS(1);
    (void)add(writer, operation, name, cJSON_CreateNumber((double)ms));
}

static void add_security(struct writer *writer, cJSON *operation, const struct route *route)
{
    bool is_open = route->permission == PERMISSION_PUBLIC || !writer->options->is_authenticated;
    cJSON *security = add(writer, operation, "security", cJSON_CreateArray());
    if (!is_open) {
        cJSON *scheme = cJSON_CreateObject();
        (void)add(writer, scheme, "bearer", cJSON_CreateArray());
        append(writer, security, scheme);
    }
    add_text(writer, operation, "x-permission", permission_word(route->permission));
    if (route->timeout_default_ns != 0) {
        add_ms(writer, operation, "x-timeout-default-ms", route->timeout_default_ns);
        add_ms(writer, operation, "x-timeout-max-ms", route->timeout_max_ns);
    }
}

static void add_operation(
    struct writer *writer, cJSON *path, const char *method, const struct route *route)
{
    char key[TEXT_MAX];
    snprintf(key, sizeof(key), "%s %s", method, route->pattern);
    const cJSON *words = words_of(writer, "operations", key);
    char lower[METHOD_MAX];
    snprintf(lower, sizeof(lower), "%.*s", (int)sizeof(lower) - 1, method);
    for (char *at = lower; *at != '\0'; at++) {
        *at = (char)tolower((unsigned char)*at);
    }
    cJSON *operation = add(writer, path, lower, cJSON_CreateObject());
    add_id(writer, operation, method, route);
    static const char *const TEXTS[] = {"summary", "description"};
    for (size_t i = 0; i < LENGTH_OF(TEXTS); i++) {
        const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(words, TEXTS[i]));
        if (text != NULL) {
            add_text(writer, operation, TEXTS[i], text);
        }
    }
    const char *tag = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(words, "tag"));
    cJSON *tags = add(writer, operation, "tags", cJSON_CreateArray());
    if (tag != NULL) {
        append(writer, tags, cJSON_CreateString(tag));
    }
    add_parameters(writer, operation, route, words);
    if (route->body != NULL) {
        add_own_body(writer, operation, route->body, words);
    } else if (strcmp(method, "POST") == 0) {
        add_parameters_body(writer, operation, route, words);
    }
    add_responses(writer, operation, route, words);
    add_security(writer, operation, route);
}

static void add_paths(struct writer *writer, cJSON *document)
{
    cJSON *paths = add(writer, document, "paths", cJSON_CreateObject());
    const struct route *route;
    for (size_t i = 0; (route = route_at(i)) != NULL; i++) {
        if (route->is_fault && !writer->options->allow_faults) {
            continue;
        }
        cJSON *path = cJSON_GetObjectItemCaseSensitive(paths, route->pattern);
        if (path == NULL) {
            path = add(writer, paths, route->pattern, cJSON_CreateObject());
        }
        for (const char *at = route->method; *at != '\0';) {
            char method[METHOD_MAX];
            size_t len = strcspn(at, ", ");
            snprintf(method, sizeof(method), "%.*s", (int)len, at);
            if (strcmp(method, "HEAD") != 0) {
                add_operation(writer, path, method, route);
            }
            at += len;
            at += strspn(at, ", ");
        }
    }
}

static void copy(struct writer *writer, cJSON *document, const char *name)
{
    (void)add(writer, document, name,
        cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(writer->words, name), true));
}

char *openapi_write(const struct openapi_options *options)
{
    cJSON *words = cJSON_ParseWithLength((const char *)OPENAPI_WORDS.data, OPENAPI_WORDS.len);
    cJSON *document = cJSON_CreateObject();
    struct writer writer = {options, words, words == NULL || document == NULL};
    char *text = NULL;
    if (!writer.is_short) {
        add_text(&writer, document, "openapi", "3.1.0");
        copy(&writer, document, "info");
        add_text(
            &writer, cJSON_GetObjectItemCaseSensitive(document, "info"), "version", WALKIE_VERSION);
        copy(&writer, document, "tags");
        add_paths(&writer, document);
        copy(&writer, document, "components");
        text = writer.is_short ? NULL : cJSON_PrintUnformatted(document);
    }
    cJSON_Delete(document);
    cJSON_Delete(words);
    return text;
}
