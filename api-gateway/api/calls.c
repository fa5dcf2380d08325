/* GET /v1/calls: what is under way now: the requests of this gateway that wait for a call, and the
 * calls in flight at every backend, the oldest first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/backends.h"
#include "api/handlers.h"
#include "rpc/debug.h"
#include "walkie/rpc/v1/debug.pb-c.h"

enum {
    CALLS_MAX = 1000, /* in one answer; the others are counted in "calls_all" */
    PRINCIPAL_MAX = 128,
};

/* One line of the list: a request of this gateway, or a call of a backend (then `call` is set). */
struct row {
    const Walkie__Rpc__V1__LiveCall *call;
    const char *service;
    const char *backend;
    uint64_t elapsed_ns;
    /* Of a request, copied under the lock that kept it. */
    struct trace trace;
    const struct route *route;
    char method[8];
    char principal[PRINCIPAL_MAX];
    char argument[PATH_ARGUMENT_MAX];
    uint64_t remaining_ns;
    bool is_stopping;
};

struct rows {
    const struct request *asker;
    bool is_everybody;
    struct row *rows;
    size_t n_rows;
    size_t n_rows_max;
    uint64_t n_all;
};

static struct row *next_row(struct rows *rows)
{
    rows->n_all++;
    return rows->n_rows == rows->n_rows_max ? NULL : &rows->rows[rows->n_rows++];
}

static bool add_request(void *arg, struct live_entry *entry)
{
    struct rows *rows = arg;
    const struct request *request = CONTAINER_OF(entry, struct request, live);
    const char *principal = request_principal(request);
    bool is_own = strcmp(request_principal(rows->asker), principal) == 0;
    if (!is_own && !rows->is_everybody) {
        return true;
    }
    struct row *row = next_row(rows);
    if (row == NULL) {
        return true;
    }
    uint64_t now_ns = clock_now_ns();
    *row = (struct row){.service = "api-gateway",
        .trace = request->trace,
        .route = request->route,
        .elapsed_ns = now_ns > request->start_ns ? now_ns - request->start_ns : 0,
        .remaining_ns = ctx_remaining_ns(request->ctx),
        .is_stopping = ctx_done(request->ctx)};
    strncpy(row->method, http_method(request->exchange), sizeof(row->method) - 1);
    strncpy(row->principal, principal, sizeof(row->principal) - 1);
    strncpy(row->argument, request->path_argument, sizeof(row->argument) - 1);
    return true;
}

static void add_calls(struct rows *rows, const Walkie__Rpc__V1__ListCallsReply *reply,
    const struct rpc_answer *answer)
{
    for (size_t i = 0; i < reply->n_calls; i++) {
        struct row *row = next_row(rows);
        if (row != NULL) {
            *row = (struct row){.call = reply->calls[i],
                .service = reply->server,
                .backend = answer->address,
                .elapsed_ns = reply->calls[i]->elapsed_ns};
        }
    }
    rows->n_all += reply->n_calls_all > reply->n_calls ? reply->n_calls_all - reply->n_calls : 0;
}

static int older_first(const void *left, const void *right)
{
    uint64_t left_ns = ((const struct row *)left)->elapsed_ns;
    uint64_t right_ns = ((const struct row *)right)->elapsed_ns;
    return left_ns == right_ns ? 0 : (left_ns > right_ns ? -1 : 1);
}

/* --- JSON ------------------------------------------------------------------------------------ */

static void add_ms(cJSON *json, const char *name, bool is_known, uint64_t ns)
{
    if (is_known) {
        const uint64_t us = ns / 1000; /* no more digits than anybody reads */
        cJSON_AddNumberToObject(json, name, (double)us / 1000.0);
    } else {
        cJSON_AddNullToObject(json, name);
    }
}

static void add_text_or_null(cJSON *json, const char *name, const char *text)
{
    if (text == NULL || text[0] == '\0') {
        cJSON_AddNullToObject(json, name);
    } else {
        cJSON_AddStringToObject(json, name, text);
    }
}

static const char *state_word(Walkie__Rpc__V1__CallState state)
{
    switch (state) {
    case WALKIE__RPC__V1__CALL_STATE__CALL_STATE_QUEUED:
        return "queued";
    case WALKIE__RPC__V1__CALL_STATE__CALL_STATE_STOPPING:
        return "stopping";
    case WALKIE__RPC__V1__CALL_STATE__CALL_STATE_PAUSED:
        return "paused";
    case WALKIE__RPC__V1__CALL_STATE__CALL_STATE_UNKNOWN:
    case WALKIE__RPC__V1__CALL_STATE__CALL_STATE_RUNNING:
    case _WALKIE__RPC__V1__CALL_STATE_IS_INT_SIZE:
        break;
    }
    return "running";
}

static cJSON *call_json(const struct row *row)
{
    const Walkie__Rpc__V1__LiveCall *call = row->call;
    struct trace trace = {.call_id = 0};
    char trace_id[TRACE_ID_TEXT_MAX];
    if (call->trace_id.len == TRACE_ID_LEN) {
        memcpy(trace.trace_id, call->trace_id.data, TRACE_ID_LEN);
    }
    trace_id_text(&trace, trace_id);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "trace_id", trace_id);
    cJSON_AddNumberToObject(json, "call_id", (double)call->call_id);
    cJSON_AddStringToObject(json, "service", row->service);
    add_text_or_null(json, "backend", row->backend);
    cJSON_AddStringToObject(json, "method", call->method);
    cJSON_AddNullToObject(json, "path_argument");
    cJSON_AddStringToObject(json, "principal", call->principal);
    add_text_or_null(json, "stage", call->stage);
    cJSON_AddNumberToObject(json, "done", (double)call->done);
    cJSON_AddNumberToObject(json, "total", (double)call->total);
    add_ms(json, "elapsed_ms", true, call->elapsed_ns);
    add_ms(json, "remaining_ms", call->has_deadline, call->remaining_ns);
    add_ms(json, "last_poll_ms", call->has_polled, call->since_poll_ns);
    cJSON_AddStringToObject(json, "state", state_word(call->state));
    cJSON_AddBoolToObject(json, "shared", call->is_shared);
    return json;
}

static cJSON *request_json(const struct row *row)
{
    char trace_id[TRACE_ID_TEXT_MAX];
    char method[256];
    trace_id_text(&row->trace, trace_id);
    snprintf(method, sizeof(method), "%s %s", row->method, row->route->pattern);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "trace_id", trace_id);
    cJSON_AddNullToObject(json, "call_id");
    cJSON_AddStringToObject(json, "service", row->service);
    cJSON_AddNullToObject(json, "backend");
    cJSON_AddStringToObject(json, "method", method);
    add_text_or_null(json, "path_argument", row->argument);
    cJSON_AddStringToObject(json, "principal", row->principal);
    cJSON_AddNullToObject(json, "stage");
    cJSON_AddNumberToObject(json, "done", 0);
    cJSON_AddNumberToObject(json, "total", 0);
    add_ms(json, "elapsed_ms", true, row->elapsed_ns);
    add_ms(json, "remaining_ms", row->remaining_ns != CLOCK_NEVER, row->remaining_ns);
    cJSON_AddNullToObject(json, "last_poll_ms");
    cJSON_AddStringToObject(json, "state", row->is_stopping ? "stopping" : "running");
    cJSON_AddBoolToObject(json, "shared", false);
    return json;
}

static cJSON *rows_json(const struct rows *rows)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(json, "calls");
    for (size_t i = 0; i < rows->n_rows; i++) {
        const struct row *row = &rows->rows[i];
        cJSON *item = row->call == NULL ? request_json(row) : call_json(row);
        if (!cJSON_AddItemToArray(list, item)) {
            cJSON_Delete(item);
        }
    }
    cJSON_AddNumberToObject(json, "calls_all", (double)rows->n_all);
    return json;
}

/* --- the answer ------------------------------------------------------------------------------ */

static void answer(struct request *request, const struct rpc_answer *answers, size_t n_answers)
{
    Walkie__Rpc__V1__ListCallsReply *replies[RPC_ASK_ANSWERS_MAX] = {NULL};
    bool is_read[RPC_ASK_ANSWERS_MAX];
    struct rows rows = {.asker = request,
        .is_everybody = request_may(request, PERMISSION_ADMIN),
        .rows = malloc(CALLS_MAX * sizeof(struct row)),
        .n_rows_max = CALLS_MAX};
    if (rows.rows == NULL) {
        rows.n_rows_max = 0; /* the answer is then a bare number */
    }
    live_each(&request->gateway->live, add_request, &rows);
    for (size_t i = 0; i < n_answers; i++) {
        struct bytes message = answers[i].message;
        if (answers[i].end->status == STATUS_OK) {
            replies[i] = walkie__rpc__v1__list_calls_reply__unpack(NULL, message.len, message.data);
        }
        is_read[i] = replies[i] != NULL;
        if (is_read[i]) {
            add_calls(&rows, replies[i], &answers[i]);
        }
    }
    if (rows.n_rows > 0) {
        qsort(rows.rows, rows.n_rows, sizeof(struct row), older_first);
    }
    cJSON *json = rows_json(&rows);
    backends_add_unanswered(json, answers, is_read, n_answers);
    backends_respond(request, json);
    for (size_t i = 0; i < n_answers; i++) {
        walkie__rpc__v1__list_calls_reply__free_unpacked(replies[i], NULL);
    }
    free(rows.rows);
}

enum status handle_calls(struct request *request, struct error *ret_error)
{
    Walkie__Rpc__V1__ListCallsRequest message = WALKIE__RPC__V1__LIST_CALLS_REQUEST__INIT;
    if (!request_may(request, PERMISSION_ADMIN)) {
        /* Packed, never written to. */
        message.principal = (char *)(uintptr_t)request_principal(request);
    }
    return backends_ask(request, &RPC_LIST_CALLS, &message.base, answer, ret_error);
}
