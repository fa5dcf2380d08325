/* GET /v1/permissions: who asks, and what they may. For the console, and whoever else wants to
 * offer only what would not be refused; nothing is decided by it. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "api/handlers.h"

static void add_permissions(cJSON *json, const struct request *request)
{
    static const enum permission ASKED[] = {PERMISSION_VIEW, PERMISSION_REPORT, PERMISSION_WRITE,
        PERMISSION_UNBLINDED, PERMISSION_STUDY, PERMISSION_ADMIN};
    cJSON *list = cJSON_AddArrayToObject(json, "permissions");
    for (size_t i = 0; i < LENGTH_OF(ASKED); i++) {
        if (request_may(request, ASKED[i])) {
            cJSON *word = cJSON_CreateString(permission_word(ASKED[i]));
            if (!cJSON_AddItemToArray(list, word)) {
                cJSON_Delete(word);
            }
        }
    }
}

/* The scope as it was given, "101,AA-1:*"; where nobody is asked who it is, all there is. */
static bool add_sites(cJSON *json, const struct request *request)
{
    if (request->identity == NULL) {
        return cJSON_AddStringToObject(json, "sites", "*") != NULL;
    }
    struct bytes sites = request->identity->authority.sites;
    char *text = strndup((const char *)sites.data, sites.len);
    bool is_added = text != NULL && cJSON_AddStringToObject(json, "sites", text) != NULL;
    free(text);
    return is_added;
}

enum status handle_permissions(struct request *request, struct error *ret_error)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "principal", request_principal(request));
    if (request->identity == NULL) {
        cJSON_AddNullToObject(json, "role");
    } else {
        cJSON_AddStringToObject(json, "role", role_word(request->identity->authority.role));
    }
    add_permissions(json, request);
    if (!add_sites(json, request)) {
        cJSON_Delete(json);
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    request_respond_json(request, json);
    return STATUS_OK;
}
