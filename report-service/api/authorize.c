#include "api/authorize.h"

#include <string.h>

#include "api/methods.h"
#include "rpc/debug.h"
#include "walkie/rpc/v1/debug.pb-c.h"

static const char NO_SITE[] = "this site is not within the caller's scope";
static const char NO_STUDY_NAMED[] =
    "the caller's scope names the study of this site: say it with study=";
static const char NOT_ALL_SITES[] = "the caller's scope does not hold all sites of this study";
static const char UNBLINDED[] =
    "the permission \"unblinded\" is missing: the caller's role does not see treatment data";
static const char WRITE[] =
    "the permission \"write\" is missing: writers and admins change what is in the databases";

/* --- what a request names ----------------------------------------------------------------------
 */

static const void *field_of(const ProtobufCMessage *message, const char *name, ProtobufCType type)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
    bool is_such = field != NULL && field->type == type && field->label == PROTOBUF_C_LABEL_NONE;
    return is_such ? (const uint8_t *)message + field->offset : NULL;
}

/* "" where there is no such field. */
static const char *text_of(const ProtobufCMessage *message, const char *name)
{
    const char *const *field = field_of(message, name, PROTOBUF_C_TYPE_STRING);
    return field == NULL || *field == NULL ? "" : *field;
}

static bool is_set(const ProtobufCMessage *message, const char *name)
{
    const protobuf_c_boolean *field = field_of(message, name, PROTOBUF_C_TYPE_BOOL);
    return field != NULL && *field != 0;
}

/* Why the caller's scope does not do; NULL: it does. */
static const char *out_of_scope(
    const struct authority *authority, enum service_scope scope, const ProtobufCMessage *message)
{
    const char *study = text_of(message, "study");
    const char *site_no = text_of(message, "site_no");
    if (scope == SCOPE_SITE_OR_STUDY) {
        scope = *site_no == '\0' ? SCOPE_STUDY : SCOPE_SITE;
    }
    switch (scope) {
    case SCOPE_SITE: {
        bool is_of_some_study = *study == '\0' && authority_may_cover(authority, study, site_no);
        return authority_covers(authority, study, site_no) ? NULL
               : is_of_some_study                          ? NO_STUDY_NAMED
                                                           : NO_SITE;
    }
    case SCOPE_STUDY:
        return authority_covers_study(authority, study) ? NULL : NOT_ALL_SITES;
    case SCOPE_SITE_OR_STUDY:
    case SCOPE_NONE:
        break;
    }
    return NULL;
}

/* Most requests need not be unpacked to be let in: it is done on the I/O thread. */
static bool is_worth_reading(
    const struct service_method *row, const ProtobufCMessageDescriptor *request)
{
    return request != NULL &&
           (row->scope != SCOPE_NONE ||
               protobuf_c_message_descriptor_get_field_by_name(request, "is_unblinded") != NULL ||
               protobuf_c_message_descriptor_get_field_by_name(request, "is_written") != NULL);
}

/* Why the caller may not have what the request asks for; NULL: it may. */
static const char *why_not(const struct service_method *row,
    const ProtobufCMessageDescriptor *request, const struct authority *authority,
    const struct rpc_incoming *call)
{
    if (row->is_writing && !role_may_write(authority->role)) {
        return WRITE;
    }
    ProtobufCMessage *message =
        is_worth_reading(row, request)
            ? protobuf_c_message_unpack(request, NULL, call->request.len, call->request.data)
            : NULL;
    if (message == NULL) {
        return NULL; /* what cannot be read the handler refuses */
    }
    const char *why = out_of_scope(authority, row->scope, message);
    if (why == NULL && is_set(message, "is_unblinded") && authority->role < ROLE_AUDITOR) {
        why = UNBLINDED;
    }
    if (why == NULL && is_set(message, "is_written") && !role_may_write(authority->role)) {
        why = WRITE;
    }
    protobuf_c_message_free_unpacked(message, NULL);
    return why;
}

/* --- what every server has beside its services --------------------------------------------------
 */

/* Who may not see everybody's calls asks for their own. */
static bool may_list_calls(const struct authority *authority, const struct rpc_incoming *call)
{
    if (authority->role >= ROLE_ADMIN) {
        return true;
    }
    struct bytes own = {NULL, 0};
    (void)rpc_metadata_get(call->metadata, RPC_METADATA_PRINCIPAL, &own);
    Walkie__Rpc__V1__ListCallsRequest *request =
        walkie__rpc__v1__list_calls_request__unpack(NULL, call->request.len, call->request.data);
    bool is_own = request != NULL && own.len > 0 && strlen(request->principal) == own.len &&
                  memcmp(request->principal, own.data, own.len) == 0;
    walkie__rpc__v1__list_calls_request__free_unpacked(request, NULL);
    return is_own;
}

/* The rest of it is open to all (RPC_OPEN). */
static const struct service_method BUILT_IN[] = {
    {.binding = {&RPC_LIST_CALLS, NULL, NULL}, .role = ROLE_VIEWER},
    {.binding = {&RPC_LIST_CLASSES, NULL, NULL}, .role = ROLE_VIEWER},
};

/* --- the interceptor --------------------------------------------------------------------- */

static const struct service_method *row_of(
    const struct rpc_method *method, const ProtobufCMessageDescriptor **ret_request)
{
    *ret_request = NULL;
    static const struct service_method OTHERS = {.role = ROLE_ADMIN};
    for (size_t i = 0; i < LENGTH_OF(BUILT_IN); i++) {
        if (BUILT_IN[i].binding.method == method) {
            return &BUILT_IN[i];
        }
    }
    const struct service_method *row = service_method_of(method, ret_request);
    return row == NULL || row->role == ROLE_NONE ? &OTHERS : row;
}

enum role service_role_of(const struct rpc_method *method)
{
    const ProtobufCMessageDescriptor *request;
    return row_of(method, &request)->role;
}

static enum status on_call(void *arg, const struct rpc_incoming *call, const char **ret_why)
{
    const struct authorize *authorize = arg;
    struct bytes text = {NULL, 0};
    struct authority authority;
    if (!rpc_metadata_get(call->metadata, RPC_METADATA_SCOPE, &text)) {
        *ret_why = "the call does not say what its caller may, and this service asks for it";
        return authorize->is_required ? STATUS_UNAUTHENTICATED : STATUS_OK;
    }
    if (!authorize->has_key) {
        *ret_why = "the call says what its caller may, and this service cannot tell whether that "
                   "is true: it needs --rpc-key-file";
        return STATUS_UNAUTHENTICATED;
    }
    if (!authority_parse(text, &authority)) {
        *ret_why = "what the caller may cannot be read";
        return STATUS_UNAUTHENTICATED;
    }
    const ProtobufCMessageDescriptor *request;
    const struct service_method *row = row_of(call->method, &request);
    if (authority.role < row->role) {
        *ret_why = "the caller's role does not allow this method";
        return STATUS_PERMISSION_DENIED;
    }
    const char *why = why_not(row, request, &authority, call);
    if (why == NULL && call->method == &RPC_LIST_CALLS && !may_list_calls(&authority, call)) {
        why = "the permission \"admin\" is missing: these are the calls of others";
    }
    if (why != NULL) {
        *ret_why = why;
    }
    return why == NULL ? STATUS_OK : STATUS_PERMISSION_DENIED;
}

struct rpc_server_interceptor service_authorize(const struct authorize *authorize)
{
    return (struct rpc_server_interceptor){.arg = (void *)authorize, .on_call = on_call};
}

bool service_authority(const struct rpc_server_call *call, struct authority *ret_authority)
{
    struct bytes text = {NULL, 0};
    return rpc_call_metadata(call, RPC_METADATA_SCOPE, &text) &&
           authority_parse(text, ret_authority);
}
