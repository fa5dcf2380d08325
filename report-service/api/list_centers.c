#include "api/authorize.h"
#include "api/service.h"
#include "walkie/report/v1/report.pb-c.h"

/* What the caller's scope does not hold is not there for it. */
static struct audit_center *leave_out_others(
    const struct rpc_server_call *call, struct audit_center *first)
{
    struct authority authority;
    if (!service_authority(call, &authority)) {
        return first;
    }
    struct audit_center **link = &first;
    while (*link != NULL) {
        if (authority_covers(&authority, (*link)->study, (*link)->site_no)) {
            link = &(*link)->next;
        } else {
            *link = (*link)->next;
        }
    }
    return first;
}

static size_t count_centers(const struct audit_center *first)
{
    size_t n = 0;
    for (const struct audit_center *at = first; at != NULL; at = at->next) {
        n++;
    }
    return n;
}

/* protobuf-c's generated structs take char *; packing does not write through it. */
static char *text_field(const char *text)
{
    return (char *)(text == NULL ? "" : text);
}

static enum status reply_centers(
    struct rpc_server_call *call, struct arena *arena, const struct audit_center *first)
{
    size_t n = count_centers(first);
    Walkie__Report__V1__Center *centers = arena_alloc_array(arena, n + 1, sizeof(*centers));
    Walkie__Report__V1__Center **list = arena_alloc_array(arena, n + 1, sizeof(*list));
    if (centers == NULL || list == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    size_t i = 0;
    for (const struct audit_center *at = first; at != NULL; at = at->next, i++) {
        list[i] = &centers[i];
        walkie__report__v1__center__init(list[i]);
        list[i]->study = text_field(at->study);
        list[i]->site_no = text_field(at->site_no);
        list[i]->name = text_field(at->name);
        list[i]->country = text_field(at->country);
        list[i]->subjects = (uint64_t)at->n_enrolled;
        list[i]->screened = (uint64_t)at->n_screened;
        list[i]->open_findings = (uint64_t)at->n_open_findings;
        list[i]->open_findings_provided = at->is_findings_provided;
    }
    Walkie__Report__V1__ListCentersReply reply = WALKIE__REPORT__V1__LIST_CENTERS_REPLY__INIT;
    reply.centers = list;
    reply.n_centers = n;
    return rpc_call_reply(call, &reply.base);
}

enum status service_list_centers(const struct ctx *ctx, struct rpc_server_call *call, void *arg)
{
    const struct service *service = arg;
    CLEANUP(arena_free_at) struct arena *arena = arena_new(CENTERS_MEMORY_MAX);
    if (arena == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    struct error error = ERROR_NONE;
    struct audit_center *first = NULL;
    enum status status = audit_list_centers(ctx, &service->sources, arena, &first, &error);
    if (status != STATUS_OK) {
        return service_fail(call, status, &error);
    }
    return reply_centers(call, arena, leave_out_others(call, first));
}
