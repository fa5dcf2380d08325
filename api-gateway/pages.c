#include "pages.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

static double ms_of(uint64_t ns)
{
    const uint64_t us = ns / 1000; /* no more digits than anybody reads */
    return (double)us / 1000.0;
}

/* cJSON knows only one failure, want of memory; it shows in the missing text at the end. */
static void add_link(void *arg, const struct rpc_link_info *info)
{
    cJSON *links = arg;
    cJSON *link = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(link, "url", info->backend);
    (void)cJSON_AddStringToObject(link, "address", info->address);
    (void)cJSON_AddStringToObject(link, "state", info->state);
    (void)cJSON_AddNumberToObject(link, "in_flight", info->n_calls);
    (void)cJSON_AddNumberToObject(link, "ewma_ms", ms_of(info->latency_ns));
    (void)cJSON_AddBoolToObject(link, "healthy", info->is_healthy);
    (void)cJSON_AddStringToObject(link, "last_error", info->last_error);
    (void)cJSON_AddNumberToObject(link, "redial_in_ms", ms_of(info->redial_in_ns));
    if (!cJSON_AddItemToArray(links, link)) {
        cJSON_Delete(link);
    }
}

enum status pages_write_backends(struct rpc_channel *channel, struct buffer *page)
{
    cJSON *links = cJSON_CreateArray();
    if (links == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    rpc_channel_each_link(channel, add_link, links);
    char *text = cJSON_Print(links);
    cJSON_Delete(links);
    if (text == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    enum status status = buffer_printf(page, "%s\n", text);
    cJSON_free(text);
    return status;
}
