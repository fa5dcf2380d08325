#include "api/authorize.h"

#include <string.h>

#include "api/methods.h"
#include "rpc/debug.h"
#include "walkie/rpc/v1/debug.pb-c.h"

const char *service_site_refusal(
    const struct authority *authority, const char *study, const char *site_no)
{
    bool is_of_some_study = *study == '\0' && authority_may_cover(authority, study, site_no);
    return is_of_some_study ? "the caller's scope names the study of this site: say it with study="
                            : "this site is not within the caller's scope";
}

enum status service_check_writer(
    const struct authority *authority, const struct rpc_incoming *call, const char **ret_why)
{
    (void)call;
    if (role_may_write(authority->role)) {
        return STATUS_OK;
    }
    *ret_why =
        "the permission \"write\" is missing: writers and admins change what is in the databases";
    return STATUS_PERMISSION_DENIED;
}

/* Who may not see everybody's calls asks for their own. */
static enum status check_list_calls(
    const struct authority *authority, const struct rpc_incoming *call, const char **ret_why)
{
    if (authority->role >= ROLE_ADMIN) {
        return STATUS_OK;
    }
    struct bytes own = {NULL, 0};
    (void)rpc_metadata_get(call->metadata, RPC_METADATA_PRINCIPAL, &own);
    Walkie__Rpc__V1__ListCallsRequest *request =
        walkie__rpc__v1__list_calls_request__unpack(NULL, call->request.len, call->request.data);
    bool is_own = request != NULL && own.len > 0 && strlen(request->principal) == own.len &&
                  memcmp(request->principal, own.data, own.len) == 0;
    walkie__rpc__v1__list_calls_request__free_unpacked(request, NULL);
    *ret_why = "the permission \"admin\" is missing: these are the calls of others";
    return is_own ? STATUS_OK : STATUS_PERMISSION_DENIED;
}

/* What every server has beside its services; the rest of it is open to all (RPC_OPEN). */
static const struct service_method BUILT_IN[] = {
    {{&RPC_LIST_CALLS, NULL, NULL}, ROLE_VIEWER, check_list_calls},
    {{&RPC_LIST_CLASSES, NULL, NULL}, ROLE_VIEWER, NULL},
};

static const struct service_method *row_of(const struct rpc_method *method)
{
    static const struct service_method OTHERS = {.role = ROLE_ADMIN};
    for (size_t i = 0; i < LENGTH_OF(BUILT_IN); i++) {
        if (BUILT_IN[i].binding.method == method) {
            return &BUILT_IN[i];
        }
    }
    const struct service_method *row = service_method_of(method);
    return row == NULL ? &OTHERS : row;
}

enum role service_role_of(const struct rpc_method *method)
{
    return row_of(method)->role;
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
    const struct service_method *row = row_of(call->method);
    if (authority.role < row->role) {
        *ret_why = "the caller's role does not allow this method";
        return STATUS_PERMISSION_DENIED;
    }
    return row->check == NULL ? STATUS_OK : row->check(&authority, call, ret_why);
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

enum status service_check_site(struct rpc_server_call *call, const char *study, const char *site_no)
{
    struct authority authority;
    if (!service_authority(call, &authority) || authority_covers(&authority, study, site_no)) {
        return STATUS_OK;
    }
    return rpc_call_fail(
        call, STATUS_PERMISSION_DENIED, "the site is not within the caller's scope");
}
