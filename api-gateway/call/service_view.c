#include "call/service_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "rpc/reflection.h"

const char *service_short_name(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *dot = strrchr(name, '.');
    if (slash != NULL) {
        return slash + 1;
    }
    return dot == NULL ? name : dot + 1;
}

static enum status describe(const struct ctx *ctx, struct rpc_channel *channel,
    Walkie__Rpc__V1__DescribeReply **ret_reply, struct error *ret_error)
{
    Walkie__Rpc__V1__DescribeRequest request = WALKIE__RPC__V1__DESCRIBE_REQUEST__INIT;
    ProtobufCMessage *reply = NULL;
    struct rpc_end end;
    enum status status = rpc_call_unary(ctx, channel, &RPC_DESCRIBE, &request.base,
        &walkie__rpc__v1__describe_reply__descriptor, &reply, &end);
    if (status == STATUS_UNIMPLEMENTED) {
        return error_set(ret_error, status,
            "the service does not describe itself: it was started with --no-reflection, or is "
            "older");
    }
    if (status == STATUS_UNAUTHENTICATED) {
        return error_set(ret_error, status,
            "the service does not take calls of ours: %s (see --rpc-key-file)", end.message);
    }
    if (status != STATUS_OK) {
        return error_set(ret_error, status, "the service could not be asked for its methods: %s",
            end.message[0] == '\0' ? status_text(status) : end.message);
    }
    *ret_reply = (Walkie__Rpc__V1__DescribeReply *)reply;
    return STATUS_OK;
}

enum status service_view_fetch(const struct ctx *ctx, struct rpc_channel *channel,
    struct service_view **ret_view, struct error *ret_error)
{
    CLEANUP(service_view_free_at) struct service_view *view = calloc(1, sizeof(*view));
    if (view == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    enum status status = describe(ctx, channel, &view->reply, ret_error);
    if (status == STATUS_OK && view->reply->n_methods > SERVICE_METHODS_MAX) {
        status = error_set(ret_error, STATUS_RESOURCE_EXHAUSTED,
            "the service has %zu methods; at most %d are read", view->reply->n_methods,
            SERVICE_METHODS_MAX);
    }
    if (status == STATUS_OK) {
        const ProtobufCBinaryData *set = &view->reply->descriptors;
        status = schema_read((struct bytes){set->data, set->len}, &view->schema, ret_error);
    }
    if (status == STATUS_OK) {
        *ret_view = STEAL(view);
    }
    return status;
}

void service_view_free(struct service_view *view)
{
    if (view != NULL) {
        walkie__rpc__v1__describe_reply__free_unpacked(view->reply, NULL);
        schema_free(view->schema);
        free(view);
    }
}

void service_view_free_at(struct service_view **view)
{
    service_view_free(*view);
}

/* Whether the word is the name, or an end of it that begins at a slash or dot. */
static bool fits(const char *name, const char *word)
{
    size_t name_len = strlen(name);
    size_t word_len = strlen(word);
    if (word_len == 0 || word_len > name_len || strcmp(name + name_len - word_len, word) != 0) {
        return false;
    }
    char before = word_len == name_len ? '.' : name[name_len - word_len - 1];
    return before == '.' || before == '/';
}

static enum status no_such_method(
    const struct service_view *view, const char *word, struct error *ret_error)
{
    size_t n_methods = view->reply->n_methods;
    const char **names = calloc(2 * n_methods + 1, sizeof(*names));
    if (names == NULL) {
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    for (size_t i = 0; i < n_methods; i++) {
        names[2 * i] = service_short_name(view->reply->methods[i]->name);
        names[2 * i + 1] = view->reply->methods[i]->name;
    }
    const char *nearest = nearest_name(word, names, 2 * n_methods);
    free(names);
    return error_set(ret_error, STATUS_INVALID_ARGUMENT, "%s has no method \"%.80s\"%s%s%s",
        view->reply->server, word,
        nearest == NULL ? "; --list shows those it has" : "; did you mean ",
        nearest == NULL ? "" : nearest, nearest == NULL ? "" : "?");
}

enum status service_view_find(const struct service_view *view, const char *word,
    struct service_method *ret_method, struct error *ret_error)
{
    const Walkie__Rpc__V1__Method *found = NULL;
    for (size_t i = 0; i < view->reply->n_methods; i++) {
        const Walkie__Rpc__V1__Method *method = view->reply->methods[i];
        if (!fits(method->name, word)) {
            continue;
        }
        if (found != NULL) {
            return error_set(ret_error, STATUS_INVALID_ARGUMENT,
                "\"%.80s\" is %s and %s; write more of the name", word, found->name, method->name);
        }
        found = method;
    }
    if (found == NULL) {
        return no_such_method(view, word, ret_error);
    }
    const struct schema_method *messages = schema_find_method(view->schema, found->name);
    if (messages == NULL) {
        return error_set(ret_error, STATUS_DATA_LOSS,
            "the service's descriptors do not have %s; it cannot be called without them",
            found->name);
    }
    *ret_method = (struct service_method){found, messages};
    return STATUS_OK;
}
