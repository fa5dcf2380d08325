#include "epro/fhir.h"

#include "base/json_scan.h"
#include "ctx/checkpoint.h"
#include "epro/fhir_json.h"

enum { NUMBER_TEXT_MAX = 40 }; /* bytes of a number, as it is written */

static enum status refuse_scan(enum json_scan_outcome outcome, struct error *ret_error)
{
    switch (outcome) {
    case JSON_SCAN_OK:
        return STATUS_OK;
    case JSON_SCAN_TOO_LONG:
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "the body is longer than the %d bytes allowed: send several batches",
            EPRO_JSON_LEN_MAX);
    case JSON_SCAN_TOO_DEEP:
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "the body has more than the %d levels of brackets allowed", EPRO_JSON_DEPTH_MAX);
    case JSON_SCAN_TOO_MANY:
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "the body has more than the %d JSON values allowed: send several batches",
            EPRO_JSON_VALUES_MAX);
    case JSON_SCAN_NOT_JSON:
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "the body is no JSON in UTF-8");
    }
    return STATUS_INTERNAL;
}

static bool has_more(const char *at, struct bytes json)
{
    const char *end = (const char *)json.data + json.len;
    while (at < end && strchr(" \t\r\n", *at) != NULL) {
        at++;
    }
    return at < end;
}

static bool is_of_type(const cJSON *resource, const char *type)
{
    const char *own = fhir_text(fhir_member(resource, "resourceType"));
    return own != NULL && strcmp(own, type) == 0;
}

static enum status make_batch(
    size_t n_max, struct arena *arena, struct epro_batch *batch, struct error *ret_error)
{
    if (n_max > EPRO_RESPONSES_MAX) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "more than the %d responses allowed: send several batches", EPRO_RESPONSES_MAX);
    }
    batch->responses = arena_alloc_array(arena, n_max + 1, sizeof(struct epro_fhir));
    return batch->responses == NULL
               ? error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "ePRO: out of memory")
               : STATUS_OK;
}

static size_t count_children(const cJSON *array)
{
    size_t count = 0;
    for (const cJSON *child = array->child; child != NULL; child = child->next) {
        count++;
    }
    return count;
}

/* What a transaction wants done with a response must be what we do with it: take it. */
static bool is_taken(const cJSON *entry)
{
    const cJSON *request = fhir_member(entry, "request");
    const char *method = fhir_text(fhir_member(request, "method"));
    return request == NULL ||
           (method != NULL && (strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0));
}

static enum status listen(const struct ctx *ctx, size_t n_read, struct error *ret_error)
{
    enum status status =
        n_read % EPRO_POLL_RESPONSES == 0 ? ctx_checkpoint(ctx, "epro:fhir", n_read, 0) : STATUS_OK;
    return status == STATUS_OK
               ? status
               : error_set(ret_error, status, "ePRO: stopped while it was read (%s)",
                     ctx_cause_word(ctx_cause(ctx)));
}

static enum status read_bundle(const struct ctx *ctx, const cJSON *bundle, struct arena *arena,
    struct epro_batch *batch, struct error *ret_error)
{
    static const char *const TYPES[] = {"collection", "batch", "transaction", "searchset"};
    const char *type = fhir_text(fhir_member(bundle, "type"));
    bool is_known = false;
    for (size_t i = 0; i < LENGTH_OF(TYPES) && type != NULL && !is_known; i++) {
        is_known = strcmp(type, TYPES[i]) == 0;
    }
    if (!is_known) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "the Bundle's type is %.40s: collection, batch, transaction or searchset is expected",
            type == NULL ? "missing" : type);
    }
    const cJSON *entries = fhir_member(bundle, "entry");
    if (entries == NULL || !cJSON_IsArray(entries)) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "the Bundle has no entries");
    }
    enum status status = make_batch(count_children(entries), arena, batch, ret_error);
    for (const cJSON *entry = entries->child; status == STATUS_OK && entry != NULL;
         entry = entry->next) {
        status = listen(ctx, batch->n_responses + batch->n_ignored, ret_error);
        const cJSON *resource = fhir_member(entry, "resource");
        struct epro_fhir *fhir = &batch->responses[batch->n_responses];
        if (!is_of_type(resource, "QuestionnaireResponse")) {
            batch->n_ignored++;
            continue;
        }
        batch->n_responses++;
        if (is_taken(entry)) {
            fhir_read_response(resource, arena, fhir);
        } else {
            fhir->fault = EPRO_REASON_METHOD;
        }
    }
    return status;
}

static enum status read_root(const struct ctx *ctx, const cJSON *root, struct arena *arena,
    struct epro_batch *batch, struct error *ret_error)
{
    if (is_of_type(root, "Bundle")) {
        return read_bundle(ctx, root, arena, batch, ret_error);
    }
    bool is_array = cJSON_IsArray(root) != 0;
    if (!is_array && !is_of_type(root, "QuestionnaireResponse")) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT,
            "a FHIR QuestionnaireResponse, a Bundle or an array of them is expected");
    }
    enum status status = make_batch(is_array ? count_children(root) : 1, arena, batch, ret_error);
    const cJSON *resource = is_array ? root->child : root;
    while (status == STATUS_OK && resource != NULL) {
        status = listen(ctx, batch->n_responses, ret_error);
        fhir_read_response(resource, arena, &batch->responses[batch->n_responses++]);
        resource = is_array ? resource->next : NULL;
    }
    return status;
}

enum status epro_fhir_read(const struct ctx *ctx, struct bytes json, struct arena *arena,
    struct epro_batch *ret_batch, struct error *ret_error)
{
    static const struct json_scan_limits LIMITS = {
        EPRO_JSON_LEN_MAX, EPRO_JSON_DEPTH_MAX, EPRO_JSON_VALUES_MAX, NUMBER_TEXT_MAX};
    enum status status = refuse_scan(json_scan(json, &LIMITS), ret_error);
    if (status == STATUS_OK) {
        status = listen(ctx, 0, ret_error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    const char *end = NULL;
    cJSON *root = cJSON_ParseWithLengthOpts((const char *)json.data, json.len, &end, false);
    if (root == NULL || has_more(end, json)) {
        cJSON_Delete(root);
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "the body is no JSON");
    }
    struct epro_batch batch = {.n_responses = 0};
    status = read_root(ctx, root, arena, &batch, ret_error);
    cJSON_Delete(root);
    if (status == STATUS_OK && arena_has_failed(arena)) {
        status = error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "ePRO: out of memory");
    }
    if (status == STATUS_OK && batch.n_responses == 0) {
        status = error_set(
            ret_error, STATUS_INVALID_ARGUMENT, "there is no QuestionnaireResponse in the body");
    }
    if (status == STATUS_OK) {
        *ret_batch = batch;
    }
    return status;
}
