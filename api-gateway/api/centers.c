#include <cjson/cJSON.h>

#include "api/handlers.h"
#include "walkie/report/v1/methods.h"
#include "walkie/report/v1/report.pb-c.h"

/* A text that the source does not provide is null, never an empty word. */
static void add_text_or_null(cJSON *object, const char *name, const char *text)
{
    if (*text == '\0') {
        cJSON_AddNullToObject(object, name);
    } else {
        cJSON_AddStringToObject(object, name, text);
    }
}

static cJSON *center_json(const Walkie__Report__V1__Center *center)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "study", center->study);
    cJSON_AddStringToObject(json, "center", center->site_no);
    add_text_or_null(json, "name", center->name);
    add_text_or_null(json, "country", center->country);
    cJSON_AddNumberToObject(json, "subjects", (double)center->subjects);
    cJSON_AddNumberToObject(json, "screened", (double)center->screened);
    if (center->open_findings_provided) {
        cJSON_AddNumberToObject(json, "open_findings", (double)center->open_findings);
    } else {
        cJSON_AddNullToObject(json, "open_findings");
    }
    return json;
}

static void on_reply(void *arg, struct bytes message)
{
    Walkie__Report__V1__ListCentersReply *reply =
        walkie__report__v1__list_centers_reply__unpack(NULL, message.len, message.data);
    if (reply == NULL) {
        return; /* on_end answers: nothing was sent */
    }
    cJSON *json = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(json, "centers");
    for (size_t i = 0; i < reply->n_centers; i++) {
        cJSON_AddItemToArray(list, center_json(reply->centers[i]));
    }
    walkie__report__v1__list_centers_reply__free_unpacked(reply, NULL);
    request_respond_json(arg, json);
}

enum status handle_centers(struct request *request, struct error *ret_error)
{
    static const struct rpc_call_events EVENTS = {.on_reply = on_reply, .on_end = request_on_end};
    const Walkie__Report__V1__ListCentersRequest message =
        WALKIE__REPORT__V1__LIST_CENTERS_REQUEST__INIT;
    return request_call(request, &REPORT_LIST_CENTERS, &message.base, &EVENTS, ret_error);
}
