/* GET /v1/overload: what each class of methods runs, admits and refuses, all backends together. */
#include <string.h>

#include "api/backends.h"
#include "api/handlers.h"
#include "rpc/debug.h"
#include "walkie/rpc/v1/debug.pb-c.h"

enum { CLASSES_MAX = 64 }; /* of all backends; further ones are left out */

struct sums {
    Walkie__Rpc__V1__CallClass classes[CLASSES_MAX]; /* names are the replies' */
    size_t n_classes;
};

static Walkie__Rpc__V1__CallClass *sum_of(struct sums *sums, char *name)
{
    for (size_t i = 0; i < sums->n_classes; i++) {
        if (strcmp(sums->classes[i].name, name) == 0) {
            return &sums->classes[i];
        }
    }
    if (sums->n_classes == CLASSES_MAX) {
        return NULL;
    }
    Walkie__Rpc__V1__CallClass *sum = &sums->classes[sums->n_classes++];
    walkie__rpc__v1__call_class__init(sum);
    sum->name = name;
    return sum;
}

static void add(struct sums *sums, const Walkie__Rpc__V1__CallClass *class)
{
    Walkie__Rpc__V1__CallClass *sum = sum_of(sums, class->name);
    if (sum == NULL) {
        return;
    }
    sum->running += class->running;
    sum->running_max += class->running_max;
    sum->queued += class->queued;
    sum->queue_max += class->queue_max;
    sum->admitted += class->admitted;
    sum->refused += class->refused;
    sum->doomed += class->doomed;
    sum->expired += class->expired;
    sum->completed += class->completed;
    sum->wasted_cpu_ns += class->wasted_cpu_ns;
    sum->goodput_per_s += class->goodput_per_s;
}

static cJSON *class_json(const Walkie__Rpc__V1__CallClass *class)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "name", class->name);
    cJSON_AddNumberToObject(json, "running", class->running);
    cJSON_AddNumberToObject(json, "running_max", class->running_max);
    cJSON_AddNumberToObject(json, "queued", (double)class->queued);
    cJSON_AddNumberToObject(json, "queue_max", class->queue_max);
    cJSON_AddNumberToObject(json, "admitted_total", (double)class->admitted);
    cJSON_AddNumberToObject(json, "refused_total", (double)class->refused);
    cJSON_AddNumberToObject(json, "doomed_total", (double)class->doomed);
    cJSON_AddNumberToObject(json, "completed_total", (double)class->completed);
    cJSON_AddNumberToObject(json, "expired_total", (double)class->expired);
    cJSON_AddNumberToObject(json, "goodput_per_s", class->goodput_per_s);
    cJSON_AddNumberToObject(json, "wasted_cpu_ms_total", (double)class->wasted_cpu_ns / 1e6);
    return json;
}

static void answer(struct request *request, const struct rpc_answer *answers, size_t n_answers)
{
    Walkie__Rpc__V1__ListClassesReply *replies[RPC_ASK_ANSWERS_MAX] = {NULL};
    bool is_read[RPC_ASK_ANSWERS_MAX];
    struct sums sums = {.n_classes = 0};
    for (size_t i = 0; i < n_answers; i++) {
        struct bytes message = answers[i].message;
        if (answers[i].end->status == STATUS_OK) {
            replies[i] =
                walkie__rpc__v1__list_classes_reply__unpack(NULL, message.len, message.data);
        }
        is_read[i] = replies[i] != NULL;
        for (size_t k = 0; is_read[i] && k < replies[i]->n_classes; k++) {
            add(&sums, replies[i]->classes[k]);
        }
    }
    cJSON *json = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(json, "classes");
    for (size_t i = 0; i < sums.n_classes; i++) {
        cJSON *class = class_json(&sums.classes[i]);
        if (!cJSON_AddItemToArray(list, class)) {
            cJSON_Delete(class);
        }
    }
    backends_add_unanswered(json, answers, is_read, n_answers);
    backends_respond(request, json);
    for (size_t i = 0; i < n_answers; i++) {
        walkie__rpc__v1__list_classes_reply__free_unpacked(replies[i], NULL);
    }
}

enum status handle_overload(struct request *request, struct error *ret_error)
{
    const Walkie__Rpc__V1__ListClassesRequest message = WALKIE__RPC__V1__LIST_CLASSES_REQUEST__INIT;
    return backends_ask(request, &RPC_LIST_CLASSES, &message.base, answer, ret_error);
}
